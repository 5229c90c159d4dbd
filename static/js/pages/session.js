/** Session page: one filter of people, span and markers drives all figures. */
import { loadECharts } from "../charts/echarts.js";
import { byId, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { sessionApi } from "../session/session-api.js";
import { connect } from "../lib/socket.js";
import { Store } from "../lib/store.js";
import { attempt } from "../lib/messages.js";
import { dialogClosed } from "../sessions/open-dialog.js";
import { sessionActions } from "../sessions/session-actions.js";
import { mountCircumplexDownload, showCircumplex } from "../session/circumplex-panel.js";
import { askText } from "../session/dialogs.js";
import { mountEvents } from "../session/events-panel.js";
import { mountFigures, recordedAttributes } from "../session/figures-panel.js";
import { filterQuery, readFilter, withoutMissing, writeFilter } from "../session/filter.js";
import { mountFilterBar } from "../session/filter-bar.js";
import { showDownloads, showHead } from "../session/head.js";
import { mountMarkers } from "../session/markers-panel.js";
import { mountPeople } from "../session/people-panel.js";
import { showPresence } from "../session/presence-panel.js";
import { mountTimeline, shownSpan } from "../timeline/timeline-panel.js";

const REFRESH_MS = 3000;
/** Requests wait this long for further changes of the filter, such as while panning. */
const SETTLE_MS = 80;

const id = Number(byId("session").dataset.id);
const api = sessionApi(id);
const store = new Store({ detail: null, figures: null, timeline: null, lanes: [], suggestions: [], filter: readFilter(location.hash) });
const socket = connect();
const actions = sessionActions(socket, { renamed: loadAll, removed: () => location.assign("/sessions") });

const set = (patch) => store.set({ filter: { ...store.state.filter, ...patch } });
const timeline = mountTimeline(store, set, loadFigures);
const bar = mountFilterBar(set);
const figures = mountFigures();
const events = mountEvents(set);
mountCircumplexDownload();
const people = mountPeople(api, store, { set, changed: loadAll });
const markers = mountMarkers(api, store, { set, changed: loadAll, shownSpan: () => shownSpan(store.state) });

let isLoading = false;
let isStale = false;
let settleTimer = 0;

function showFailure(error) {
  setText(byId("failure"), error ? t("session.failure", { reason: error.message }) : "");
  byId("failure").hidden = !error;
}

/**
 * The figures of the filter. One request runs at a time, and the newest filter is asked for after it: panning over a long session
 * must not leave a queue of requests at the server.
 */
async function loadFigures() {
  isStale = true;
  if (isLoading) return;
  isLoading = true;
  while (isStale) {
    isStale = false;
    await loadNewest().then(() => isStale || showFailure(null), (error) => isStale || showFailure(error));
  }
  isLoading = false;
}

/** Chart first: the figures below it are asked for meanwhile, and shown when it is drawn. */
async function loadNewest() {
  const { filter } = store.state;
  const query = filterQuery(filter);
  const nextTimeline = await api.timeline(filter, timeline.wantsCurves() ? { curves: 1 } : {});
  await dialogClosed();
  store.set({ timeline: nextTimeline });
  const [{ lanes }, nextFigures] = await Promise.all([api.lanes(filter), api.figures(query), timeline.drawn()]);
  await dialogClosed();
  store.set({ lanes, figures: nextFigures });
  if (isStale) return;
  const [plane, strongest] = await Promise.all([api.circumplex(query), api.events(query)]);
  await dialogClosed();
  if (isStale) return;
  showCircumplex(plane, recordedAttributes(nextFigures, store.state.detail.labels));
  events.show(strongest, store.state.detail.session);
}

/** Everything, after an edit or while the session runs. */
async function loadAll() {
  try {
    const detail = await api.detail();
    await dialogClosed();
    store.set({ detail, filter: withoutMissing(store.state.filter, detail.people, detail.markers) });
    await loadFigures();
    const suggestions = detail.session.running ? [] : await api.suggestions();
    await dialogClosed();
    store.set({ suggestions });
  } catch (error) {
    showFailure(error);
  }
}

/** What needs no figures: head, filter, chart and markers. */
function showTimeline(state) {
  const { detail, filter } = state;
  if (!detail || !state.timeline) return;
  const nobody = !detail.session.persons;
  byId("session").hidden = false;
  byId("figures").hidden = nobody;
  byId("no-rows").hidden = !nobody;
  showHead(state);
  showDownloads(api, filter);
  byId("report").href = `/sessions/${id}/report?${filterQuery(filter)}`;
  if (nobody) return;
  bar.show(state);
  timeline.show(state);
  markers.show(state);
}

function showFigures(state) {
  const { detail, figures: shown, lanes } = state;
  if (!detail?.session.persons || !shown) return;
  byId("figures").removeAttribute("data-waiting");
  byId("nothing-in-filter").hidden = shown.person_seconds > 0;
  timeline.showLanes(state, lanes);
  timeline.showLaneTable(state);
  figures.show(state);
  showPresence(shown);
  people.show(state, recordedAttributes(shown, detail.labels));
}

async function keepFresh() {
  await loadAll();
  if (store.state.detail?.session.running) setTimeout(keepFresh, REFRESH_MS);
}

store.watch(["timeline"], showTimeline);
store.watch(["figures"], showFigures);
store.addEventListener("suggestions", () => people.showSuggestions(store.state));
store.addEventListener("filter", () => {
  writeFilter(store.state.filter);
  if (!store.state.detail) return;
  bar.show(store.state);
  timeline.show(store.state);
  timeline.showLanes(store.state, store.state.lanes);
  clearTimeout(settleTimer);
  settleTimer = setTimeout(loadFigures, SETTLE_MS);
});
window.addEventListener("hashchange", () => store.set({ filter: readFilter(location.hash) }));
byId("rename").addEventListener("click", () => actions.rename(store.state.detail.session));
byId("edit-tags").addEventListener("click", async () => {
  const text = await askText(t("session.tags.title"), t("session.tags.label"), (store.state.detail.session.tags ?? []).join(", "));
  if (text === null) return;
  const tags = text.split(",").map((tag) => tag.trim()).filter(Boolean);
  if (await attempt(() => api.send("PATCH", "", { tags }))) await loadAll();
});
byId("delete").addEventListener("click", () => actions.remove(store.state.detail.session));
document.addEventListener("keydown", (event) => {
  const { key, target, ctrlKey, altKey, metaKey } = event;
  if (target.closest("input, select, textarea, dialog") || ctrlKey || altKey || metaKey || !store.state.detail) return;
  if (!/^[m1-9]$/i.test(key)) return;
  event.preventDefault(); // else the key is typed into the dialog
  markers.add(Number(key) || null);
});
loadECharts(); // while the server computes what the charts show
keepFresh();
