/** Compare sessions, people or spans as groups. */
import { createChart } from "../charts/echarts.js";
import { mountChartDownload } from "../charts/chart-download.js";
import { renderDataTable } from "../charts/data-table.js";
import { fetchSessions, sendJson } from "../lib/api.js";
import { byId, element, renderList, setText } from "../lib/dom.js";
import { precisePercent } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { problemText } from "../lib/problems.js";
import { sessionApi } from "../session/session-api.js";
import { curvesOption, differencesOption, meansOption, pointsText, sharesOption } from "../compare/charts.js";
import { showGroups } from "../compare/group-cards.js";
import { MAX_GROUPS, freeName, isComplete, readGroups, writeGroups } from "../compare/groups.js";
import { askPart } from "../compare/part-dialog.js";
import { emotionText } from "../session/names.js";

const BEFORE_S = 5;
const dash = "–";

let groups = readGroups(location);
let result = null;
let newestRequest = 0;
const sessions = new Map();

const shownDifference = () => result?.differences[Number(byId("pair").value) || 0];
const shownEmotion = () => byId("curves-emotion").value || result?.labels[0];

const OPTIONS = {
  shares: () => result && sharesOption(result),
  means: () => result && meansOption(result),
  differences: () => result && shownDifference() && differencesOption(result, shownDifference()),
  curves: () => result?.curves && curvesOption(result, shownEmotion()),
};
const charts = new Map();

function draw(name) {
  if (!OPTIONS[name]()) return;
  if (charts.has(name)) charts.get(name).then((chart) => chart.draw());
  else charts.set(name, createChart(byId(name), OPTIONS[name], { replaces: true }));
}

for (const name of Object.keys(OPTIONS)) mountChartDownload(byId(`${name}-download`), OPTIONS[name], () => byId(name).clientHeight, name);

const intervalText = (low, high, text) => (low === null || low === undefined ? dash : `${text(low)} – ${text(high)}`);

function showTables() {
  const { labels, groups: shown } = result;
  const names = shown.map(({ name }) => name);
  const share = ({ histogram, person_seconds: total }, label) => (total ? precisePercent((histogram[label] ?? 0) / total) : dash);
  const mean = ({ mean: values, intervals }, label) => (values?.[label] === undefined ? dash : `${precisePercent(values[label])} (${intervalText(intervals?.[label]?.[0], intervals?.[label]?.[1], precisePercent)})`);
  renderDataTable(byId("shares-table"), t("compare.shares"), [t("session.emotion"), ...names], () => labels.map((label) => [emotionText(label), ...shown.map((group) => share(group, label))]));
  renderDataTable(byId("means-table"), t("compare.means"), [t("session.emotion"), ...names], () => labels.map((label) => [emotionText(label), ...shown.map((group) => mean(group, label))]));
}

function showDifference() {
  const difference = shownDifference();
  if (!difference) return;
  const { labels } = result;
  draw("differences");
  const paired = difference.paired ? t("compare.paired", { count: difference.paired }) : "";
  setText(byId("differences-note"), [paired, difference.interval_reason ? t("session.mean.no_intervals", { reason: problemText(difference.interval_reason) }) : ""].filter(Boolean).join(" "));
  const row = (label) => {
    const { difference: value, low, high } = difference.values[label] ?? {};
    return [emotionText(label), value === undefined || value === null ? dash : pointsText(value), intervalText(low, high, pointsText)];
  };
  renderDataTable(byId("differences-table"), t("compare.differences"), [t("session.emotion"), `${difference.a} − ${difference.b}`, t("session.mean.interval")], () => labels.map(row));
  byId("differences").setAttribute("aria-label", `${t("compare.differences")}: ${labels.map((label) => row(label).slice(0, 2).join(" ")).join(", ")}`);
}

function showCurves() {
  byId("curves-panel").hidden = !result.curves;
  if (!result.curves) return;
  draw("curves");
  const { time_s: times, groups: shown } = result.curves;
  const cell = (value) => (value === null || value === undefined ? dash : precisePercent(value));
  byId("curves").setAttribute("aria-label", t("compare.curves_label", { emotion: emotionText(shownEmotion()) }));
  renderDataTable(byId("curves-table"), t("compare.curves"), [t("session.seconds"), ...shown.map(({ name, people }) => `${name} (${t("session.people_count", { count: people })})`)], () =>
    times.map((time, index) => [String(time), ...shown.map((group) => cell(group.mean[shownEmotion()]?.[index]))]));
}

function fillChoices() {
  renderList(byId("pair"), result.differences, ({ a, b }) => `${a} ${b}`, () => element("option"), (node, { a, b }) => {
    node.value = String(result.differences.findIndex((one) => one.a === a && one.b === b));
    setText(node, `${a} − ${b}`);
  });
  renderList(byId("curves-emotion"), result.labels, (label) => label, () => element("option"), (node, label) => {
    node.value = label;
    setText(node, emotionText(label));
  });
}

function showResult() {
  byId("results").hidden = !result;
  byId("compare-empty").hidden = Boolean(result);
  if (!result) return;
  fillChoices();
  for (const name of ["shares", "means"]) draw(name);
  byId("shares").setAttribute("aria-label", t("compare.shares"));
  byId("means").setAttribute("aria-label", t("compare.means"));
  const refused = result.groups.filter((group) => group.interval_reason);
  setText(byId("means-note"), refused.map((group) => t("compare.no_interval", { name: group.name, reason: problemText(group.interval_reason) })).join(" "));
  showTables();
  showDifference();
  showCurves();
  setText(byId("method"), problemText(result.method));
}

function alignment() {
  const name = byId("align").value;
  return name ? { align: { name, before: BEFORE_S, after: Number(byId("align-after").value), step: 1 } } : {};
}

async function compare() {
  const request = ++newestRequest;
  byId("failure").hidden = true;
  if (!isComplete(groups)) {
    result = null;
    showResult();
    return;
  }
  try {
    const answer = await sendJson("POST", "/api/compare", { groups, ...alignment() });
    if (request !== newestRequest) return;
    result = answer;
    showResult();
  } catch (error) {
    if (request !== newestRequest) return;
    setText(byId("failure"), t("compare.failure", { reason: error.message }));
    byId("failure").hidden = false;
  }
}

/** Read the markers of sessions that are used, for names of spans and for the alignment. */
async function readMarkers() {
  const used = new Set(groups.flatMap(({ parts }) => parts.map(({ session }) => session)));
  await Promise.all([...used].filter((id) => sessions.has(id) && !sessions.get(id).read).map(async (id) => {
    const { markers } = await sessionApi(id).detail();
    sessions.set(id, { ...sessions.get(id), markers, read: true });
  }));
  const namesOf = ({ parts }) => new Set(parts.flatMap(({ session }) => sessions.get(session)?.markers?.map?.(({ name }) => name) ?? []));
  const [first, ...others] = groups.map(namesOf);
  const names = [...first].filter((name) => others.every((other) => other.has(name))).sort();
  const chosen = byId("align").value;
  byId("align").replaceChildren(element("option", { value: "" }, t("compare.no_align")), ...names.map((name) => element("option", { value: name, selected: name === chosen }, name)));
  byId("align-span").hidden = !byId("align").value;
}

async function update(next) {
  groups = next;
  writeGroups(groups);
  await readMarkers().catch(() => {});
  showCards();
  await compare();
}

function showCards() {
  byId("group-add").disabled = groups.length >= MAX_GROUPS;
  showGroups(groups, {
    known: sessions,
    askPart: () => askPart([...sessions.values()]),
    change: (index, group) => update(group ? groups.map((one, other) => (other === index ? group : one)) : groups.filter((_, other) => other !== index)),
  });
}

byId("group-add").addEventListener("click", () => update([...groups, { name: freeName(groups), parts: [] }]));
for (const name of ["align", "align-after"]) byId(name).addEventListener("change", () => {
  byId("align-span").hidden = !byId("align").value;
  compare();
});
byId("pair").addEventListener("change", showDifference);
byId("curves-emotion").addEventListener("change", showCurves);

fetchSessions()
  .then((list) => {
    for (const session of list) sessions.set(session.id, { ...session, markers: null });
    return update(groups);
  })
  .catch((error) => {
    setText(byId("failure"), t("compare.failure", { reason: error.message }));
    byId("failure").hidden = false;
  });
