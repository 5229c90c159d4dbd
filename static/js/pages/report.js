/** Report: one printable page of a session, or of the part of it that the address names. */
import { tableParts } from "../charts/data-table.js";
import { createChart } from "../charts/echarts.js";
import { renderColourLegend } from "../charts/colour-legend.js";
import { fetchModels } from "../lib/api.js";
import { byId, element, setText } from "../lib/dom.js";
import { dateTimeZoneText, decimal, durationText, listText, percent, precisePercent, toSentence } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { problemText } from "../lib/problems.js";
import { sessionApi } from "../session/session-api.js";
import { filterQuery, isEverything, readFilter } from "../session/filter.js";
import { showFacts } from "../session/head.js";
import { mountLanes } from "../timeline/lanes.js";
import { emotionText, personName, spanText } from "../session/names.js";
import { showPresence } from "../session/presence-panel.js";
import { timelineOption } from "../timeline/timeline-option.js";

const TIMELINE_POINTS = 300;
const GUTTER_PX = 104;
/** Resolution of charts on paper: pixels for each CSS pixel. */
const PRINT_SCALE = 3;
const dash = "–";

const filter = readFilter(location.search.replace(/^\?/, ""));
const id = Number(byId("report").dataset.id);
const api = sessionApi(id);

const intervalText = (interval, text) => (interval ? `${text(interval[0])} – ${text(interval[1])}` : dash);

function showMeans({ histogram, mean, intervals, interval_reason: reason, person_seconds: total }, labels) {
  const rows = labels.map((label) => [
    emotionText(label),
    decimal(histogram[label] ?? 0),
    total ? precisePercent((histogram[label] ?? 0) / total) : dash,
    mean?.[label] === undefined ? dash : precisePercent(mean[label]),
    intervalText(intervals?.[label], precisePercent),
  ]);
  byId("means").replaceChildren(...tableParts([t("session.emotion"), t("session.seconds"), t("report.share"), t("session.mean.title"), t("session.mean.interval")], rows));
  setText(byId("mean-note"), intervals ? t("session.mean.intervals") : t("session.mean.no_intervals", { reason: problemText(reason ?? "") }));
}

function ageText({ age_years: age, age_low: low, age_high: high }) {
  if (age === null || age === undefined) return dash;
  return low === null || low === undefined ? decimal(Math.round(age)) : t("report.age", { age: Math.round(age), low: Math.round(low), high: Math.round(high) });
}

const sexText = ({ sex }) => (sex ? t(`session.presence.${sex}`) : dash);

function showPeople({ persons }) {
  const rows = persons.map((person) => [
    personName(person), spanText(person.first_s, person.last_s), decimal(person.person_seconds), percent(person.share ?? 0),
    person.dominant ? emotionText(person.dominant) : dash, ageText(person), sexText(person),
  ]);
  const head = ["person_title", "seen", "seconds", "share", "most_frequent"].map((key) => t(`session.${key}`));
  byId("people").replaceChildren(...tableParts([...head, t("session.presence.ages"), t("session.presence.sexes")], rows));
}

function showMarkers(markers) {
  byId("markers-section").hidden = !markers.length;
  const when = ({ start_s: start, end_s: end }) => (end === null ? durationText(start) : spanText(start, end));
  const name = (marker) => (marker.excluded ? `${marker.name} (${t("session.markers.excluded")})` : marker.name);
  byId("markers").replaceChildren(...tableParts([t("session.time"), t("session.markers.name"), t("session.markers.note")], markers.map((one) => [when(one), name(one), one.note ?? ""])));
}

/** What the models in use must not be used for; a limit that several share is said once. */
function limitItems(models) {
  const titles = new Map();
  for (const model of models.map((one) => one.card ?? one)) {
    for (const text of model.use?.not_for ?? []) titles.set(text, [...(titles.get(text) ?? []), model.title]);
  }
  return [...titles].map(([text, named]) => element("li", {}, `${toSentence(text)} (${listText(named)})`));
}

function scopeText(detail, figures) {
  if (isEverything(filter)) return t("report.whole");
  const people = filter.people.length ? figures.persons.map(personName).join(", ") : t("report.everyone");
  return t("report.scope", { people, spans: figures.spans.map((one) => spanText(one.start_s, one.end_s)).join(", ") });
}

function drawTimeline(detail, timeline) {
  const from = filter.from ?? 0;
  const to = filter.to ?? Math.max(1, detail.session.duration_s);
  const { labels, session } = detail;
  const node = byId("timeline");
  renderColourLegend(byId("legend"), labels);
  node.setAttribute("aria-label", t("session.timeline.label", { span: spanText(from, to) }));
  mountLanes(byId("lanes"), () => {}).show({ lanes: timeline.lanes, labels, from, to, selected: [] });
  const option = () => ({ ...timelineOption({ session, timeline, labels, from, to, gutter: GUTTER_PX, width: node.clientWidth, view: "stacked", smoothingS: 0 }), animation: false });
  return createChart(node, option, { scale: PRINT_SCALE });
}

async function show() {
  const query = filterQuery(filter);
  const [detail, figures, timeline, models] = await Promise.all([
    api.detail(), api.figures(query), api.timeline(filter, { points: TIMELINE_POINTS, lanes: 1 }), fetchModels(),
  ]);
  byId("report").hidden = false;
  setText(byId("name"), detail.session.name);
  document.title = t("report.document_title", { name: detail.session.name });
  setText(byId("scope"), scopeText(detail, figures));
  showFacts(detail);
  showPresence(figures);
  showMeans(figures, detail.labels);
  showPeople(figures);
  showMarkers(detail.markers);
  byId("limits").replaceChildren(...limitItems(models));
  setText(byId("made"), t("report.made", { time: dateTimeZoneText(new Date().toISOString()) }));
  await drawTimeline(detail, timeline);
  document.documentElement.dataset.ready = "true";
}

byId("print").addEventListener("click", () => print());
show().catch((error) => {
  setText(byId("failure"), t("session.failure", { reason: error.message }));
  byId("failure").hidden = false;
});
