/** "This is my neutral face" on a person's card, and what its state is. */
import { forgetNeutralFace, measureNeutralFace } from "../lib/api.js";
import { headline } from "../lib/attributes.js";
import { byId, element, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { announce, attempt } from "../lib/messages.js";
import { personActions } from "./person-actions.js";

/** Label whose faces are measured; a network without it cannot be corrected. */
const NEUTRAL = "neutral";

const isRead = (person) => headline.labels.includes(NEUTRAL) && Boolean(person[headline.name]?.probabilities);

const measure = {
  id: "neutral",
  label: () => t("neutral.action"),
  isAvailable: (person) => isRead(person) && !person.neutral_face,
  run: ({ id }) => attempt(() => measureNeutralFace(id)),
};
const forget = {
  id: "neutral-forget",
  label: () => t("neutral.forget"),
  isAvailable: (person) => person.neutral_face === "applied",
  run: ({ id }) => attempt(() => forgetNeutralFace(id)),
};

const stateText = { measuring: () => t("neutral.measuring"), applied: () => t("neutral.applied") };

function showState(item, { neutral_face: state }) {
  const extra = item.querySelector(".person__extra");
  const note = extra.querySelector(".person__neutral");
  if (!state) {
    note?.remove();
    return;
  }
  const shown = note ?? extra.appendChild(element("p", { class: "person__neutral" }));
  shown.dataset.state = state;
  setText(shown, stateText[state]());
}

/** Tell readers of the screen that a person's readings are corrected from now on. */
function announceChanges(states, people) {
  for (const { id, neutral_face: state } of people) {
    if (state === "applied" && states.get(id) === "measuring") announce(t("neutral.announcement", { id }));
  }
  return new Map(people.map(({ id, neutral_face: state }) => [id, state]));
}

/** Offer both actions on cards; call it after the cards are mounted. */
export function mountNeutralFace(store) {
  personActions.push(measure, forget);
  let states = new Map();
  store.watch(["people"], ({ people }) => {
    for (const person of people) {
      const item = byId("cards").querySelector(`[data-key="${person.id}"]`);
      if (item) showState(item, person);
    }
    states = announceChanges(states, people);
  });
}
