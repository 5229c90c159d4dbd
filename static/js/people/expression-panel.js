/** Expression panel: the headline attribute of one person, or in groups how many people have which label. */
import { liveState } from "../stage/live-state.js";
import { headline, UNSURE } from "../lib/attributes.js";
import { headlineText, labelText } from "../lib/attribute-text.js";
import { byId, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { percent } from "../lib/format.js";
import { countByLabel, inView, largestKey, meanProbabilities } from "./visible-people.js";
import { renderProbabilityBars } from "../charts/probability-bars.js";

/** Labels counted one by one; the others are summed up. */
const MAX_COUNTED_LABELS = 3;

const shownLabel = (label) => (label === UNSURE ? t("people.unsure") : labelText(headline, label));

/** "5 happy, 2 neutral" of counts by label. */
export function countsText(counts, max = MAX_COUNTED_LABELS) {
  const others = counts.slice(max).reduce((sum, [, count]) => sum + count, 0);
  const texts = counts.slice(0, max).map(([label, count]) => t("people.count_of_label", { count, label: shownLabel(label) }));
  return [...texts, ...(others ? [t("people.count_of_others", { count: others })] : [])].join(", ");
}

/** The only person in view or the selected one; undefined in a group. */
export function personShown({ people, selected }) {
  const present = inView(people);
  return people.find(({ id }) => id === selected) ?? (present.length === 1 ? present[0] : undefined);
}

function ofPerson(person) {
  const value = person[headline.name];
  const share = value?.second ? undefined : value?.probabilities?.[value.label];
  return {
    note: t("people.person", { id: person.id }),
    text: value && headlineText(headline, value),
    share: share === undefined ? "" : percent(share),
    probabilities: value?.probabilities ?? null,
    top: value?.label,
    form: value?.second ? "both" : "one",
  };
}

function ofGroup(people) {
  const probabilities = meanProbabilities(people, headline);
  const counts = countByLabel(people, headline);
  return { note: t("people.group", { count: people.length }), text: countsText(counts), share: "", probabilities, top: largestKey(probabilities), form: "counts" };
}

function placeholderText(state) {
  if (!liveState(state).live) return t("live.no_video");
  return state.people.length ? t("people.no_model", { attribute: headline.title.toLowerCase() }) : t("live.no_face");
}

/** What the panel shows: `{note, text, share, probabilities, top, form}`; `form` is one, both, counts or none. */
export function summaryOf(state) {
  const person = personShown(state);
  const present = inView(state.people);
  const summary = person ? ofPerson(person) : present.length ? ofGroup(present) : { note: "", share: "", probabilities: null };
  return summary.text ? summary : { ...summary, text: placeholderText(state), form: "none" };
}

export function mountExpressionPanel(store) {
  byId("everyone").addEventListener("click", () => store.set({ selected: null }));
  store.watch(["people", "selected", "status"], (state) => {
    const { note, text, share, probabilities, top, form } = summaryOf(state);
    setText(byId("expression-of"), note);
    setText(byId("expression-word"), text);
    setText(byId("expression-share"), share);
    byId("expression-summary").dataset.form = form;
    byId("everyone").hidden = state.selected === null || state.people.length < 2;
    renderProbabilityBars(byId("bars"), headline.labels, probabilities, top);
  });
}
