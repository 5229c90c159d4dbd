/** Session page: charts and tables of everyone or of one person. */
import { fetchSession } from "../lib/api.js";
import { attributes, headline } from "../lib/attributes.js";
import { headlineText } from "../lib/attribute-text.js";
import { byId, element, setText } from "../lib/dom.js";
import { durationText, count, dateTimeZoneText } from "../lib/format.js";
import { largestKey } from "../people/visible-people.js";
import { renderProbabilityBars } from "../charts/probability-bars.js";
import { createTimeline } from "../charts/timeline-chart.js";
import { mountAttributeHistogram } from "../sessions/attribute-histogram.js";
import { labelShares } from "../sessions/label-shares.js";
import { mountNumberPanels } from "../sessions/number-panels.js";
import { renderPersons } from "../sessions/person-table.js";
import { isRecorded } from "../sessions/recorded-values.js";
import { sessionActions } from "../sessions/session-actions.js";
import { connect } from "../lib/socket.js";
import { Store } from "../lib/store.js";

const REFRESH_MS = 3000;
const id = Number(byId("session").dataset.id);
const store = new Store({ detail: null, selected: null });
const socket = connect();
const histogram = mountAttributeHistogram(() => render(store.state));
const numbers = mountNumberPanels();
const timeline = createTimeline(byId("timeline"));
const actions = sessionActions(socket, { renamed: refresh, removed: () => location.assign("/sessions") });

const sourceText = ({ demo, source }) => (demo ? "demo scene" : /^\d+$/.test(source) ? `camera ${source}` : source);

const gapsText = (gaps) => gaps.map(({ start_s, end_s }) => `${durationText(start_s)} to ${durationText(end_s)}`).join(", ");

const facts = ({ session, gaps, ...counts }) => [
  ["Started", dateTimeZoneText(session.started_at)],
  ["Ended", session.running ? "running" : dateTimeZoneText(session.ended_at)],
  ["Duration", durationText(session.duration_s)],
  ["People", String(session.persons)],
  ["Person-seconds", session.person_seconds.toLocaleString()],
  ["Most frequent", session.dominant ? headlineText(headline, { label: session.dominant }) : "no faces detected"],
  ...labelShares(attributes, counts).map(({ term, text }) => [term, text]),
  ["Source", sourceText(session)],
  ...(gaps.length ? [["Interruptions", gapsText(gaps)]] : []),
];

function renderHead(detail) {
  const { session } = detail;
  setText(byId("name"), session.name);
  document.title = `${session.name} · Live face analysis`;
  byId("delete").disabled = session.running;
  byId("facts").replaceChildren(
    ...facts(detail).map(([term, value]) => element("div", {}, element("dt", {}, term), element("dd", {}, value))),
  );
}

function renderFigures({ detail, selected }) {
  const { labels, persons } = detail;
  const recorded = attributes.filter((attribute) => isRecorded(attribute, detail));
  const person = persons.find((one) => one.id === selected) ?? null;
  const of = person ? `Person ${person.id}` : `everyone, ${count(persons.length, "person", "people")}`;
  const { mean } = person ?? detail;
  for (const name of ["histogram-of", "mean-of"]) setText(byId(name), of);
  byId("everyone").hidden = !person;
  histogram.show(recorded, detail, person);
  renderProbabilityBars(byId("bars"), labels, mean, largestKey(mean));
  numbers.show(recorded, persons, person?.id ?? null, of);
  renderPersons(byId("persons"), detail, recorded.filter((attribute) => !attribute.headline), person?.id ?? null);
}

function render(state) {
  const { detail } = state;
  if (!detail) return;
  const empty = !detail.persons.length;
  byId("session").hidden = false;
  byId("figures").hidden = empty;
  byId("no-rows").hidden = !empty;
  renderHead(detail);
  if (!empty) renderFigures(state);
}

async function refresh() {
  try {
    store.set({ detail: await fetchSession(id) });
    byId("failure").hidden = true;
  } catch (error) {
    setText(byId("failure"), `This session cannot be shown: ${error.message}.`);
    byId("failure").hidden = false;
  }
  if (store.state.detail?.session.running) setTimeout(refresh, REFRESH_MS);
}

store.watch(["detail", "selected"], render);
store.watch(["detail"], ({ detail }) => detail?.timeline.length && timeline.show(detail));
byId("everyone").addEventListener("click", () => store.set({ selected: null }));
byId("persons").addEventListener("click", ({ target }) => {
  const row = target.closest("tbody tr");
  if (!row) return;
  const person = Number(row.dataset.person);
  store.set({ selected: store.state.selected === person ? null : person });
});
byId("rename").addEventListener("click", () => actions.rename(store.state.detail.session));
byId("delete").addEventListener("click", () => actions.remove(store.state.detail.session));
refresh();
