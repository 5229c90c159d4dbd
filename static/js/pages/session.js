/** Session page: charts and tables of everyone or of one person. */
import { fetchSession } from "../lib/api.js";
import { labelShares } from "../sessions/label-shares.js";
import { byId, element, setText } from "../lib/dom.js";
import { durationText, count, dateTimeZoneText, capitalise } from "../lib/format.js";
import { largestKey } from "../people/visible-people.js";
import { renderProbabilityBars } from "../charts/probability-bars.js";
import { createHistogram } from "../charts/histogram.js";
import { renderPersons } from "../sessions/person-table.js";
import { createTimeline } from "../charts/timeline-chart.js";
import { sessionActions } from "../sessions/session-actions.js";
import { connect } from "../lib/socket.js";
import { Store } from "../lib/store.js";

const REFRESH_MS = 3000;
const id = Number(byId("session").dataset.id);
const store = new Store({ detail: null, selected: null });
const socket = connect();
const histogram = createHistogram(byId("histogram"));
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
  ["Most frequent", session.dominant ? capitalise(session.dominant) : "no faces detected"],
  ...labelShares(counts).map(({ term, text }) => [term, text]),
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
  const { labels } = detail;
  const person = detail.persons.find((one) => one.id === selected);
  const of = person ? `Person ${person.id}` : `everyone, ${count(detail.persons.length, "person", "people")}`;
  const { histogram: seconds, mean } = person ?? { histogram: detail.session.histogram, mean: detail.mean };
  for (const name of ["histogram-of", "mean-of"]) setText(byId(name), of);
  byId("everyone").hidden = !person;
  histogram.show({ labels, histogram: seconds });
  renderProbabilityBars(byId("bars"), labels, mean, largestKey(mean));
  renderPersons(byId("persons").tBodies[0], detail, person?.id ?? null);
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
  if (row) store.set({ selected: store.state.selected === Number(row.dataset.key) ? null : Number(row.dataset.key) });
});
byId("rename").addEventListener("click", () => actions.rename(store.state.detail.session));
byId("delete").addEventListener("click", () => actions.remove(store.state.detail.session));
refresh();
