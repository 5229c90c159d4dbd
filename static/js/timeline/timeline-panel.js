/** The timeline of a session: chart, lanes of people, zoom, and the numbers as a table. */
import { renderDataTable } from "../charts/data-table.js";
import { createChart } from "../charts/echarts.js";
import { renderColourLegend } from "../charts/colour-legend.js";
import { mountChartDownload, WIDTH } from "../charts/chart-download.js";
import { byId, renderList, element, setText } from "../lib/dom.js";
import { decimal, durationText, percent } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { toggled } from "../session/filter.js";
import { mountLanes } from "./lanes.js";
import { emotionText, personName, spanText } from "../session/names.js";
import { mountSpanButtons, mountSpanSelection } from "./span-selection.js";
import { lanesHeight, lanesOption } from "./lanes-option.js";
import { RIGHT_PX, timelineFileOption, timelineOption } from "./timeline-option.js";

const MAX_TABLE_ROWS = 120;
/** Times in which a person is seen, in the table behind the lanes. */
const MAX_SPANS = 4;
/** Of a saved chart. */
const FILE_HEIGHT = 320;
/** Tabs in the background paint no frames. */
const LONGEST_FRAME_MS = 250;

const gutter = () => Number.parseFloat(getComputedStyle(byId("timeline-area")).getPropertyValue("--gutter"));

/** The shown span: the filter's, else the whole session. */
export function shownSpan({ filter, detail }) {
  const durationS = Math.max(1, detail.session.duration_s);
  return { from: filter.from ?? 0, to: Math.max((filter.from ?? 0) + 0.1, filter.to ?? durationS), durationS };
}

const nextFrame = () =>
  new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, LONGEST_FRAME_MS);
  });

function tableRows({ timeline, labels }) {
  const every = Math.max(1, Math.ceil(timeline.persons.length / MAX_TABLE_ROWS));
  const steps = timeline.persons.map((_, index) => index).filter((index) => index % every === 0);
  const cell = (value) => (value === null || value === undefined ? "–" : percent(value));
  return steps.map((index) => [
    durationText(timeline.start_s + index * timeline.step_s),
    String(timeline.persons[index]),
    ...labels.map((label) => cell(timeline.mean[label]?.[index])),
  ]);
}

/** The times in which a person is seen, of the runs of their lane: `[[start, end], ...]`, cut to what is shown. */
function seenSpans(runs, { from, to }) {
  const spans = [];
  for (const [startS, endS] of runs) {
    const [start, end] = [Math.max(startS, from), Math.min(endS, to)];
    if (end <= start) continue;
    if (spans.at(-1)?.[1] === start) spans.at(-1)[1] = end;
    else spans.push([start, end]);
  }
  return spans;
}

function spansText(spans) {
  const text = spans.slice(0, MAX_SPANS).map(([start, end]) => spanText(start, end)).join(", ");
  return spans.length > MAX_SPANS ? t("session.more_spans", { spans: text, count: spans.length - MAX_SPANS }) : text;
}

/** A row for each person; seconds and expression as in the table of people. */
function laneRows(lanes, persons, shown) {
  const byId = new Map(persons.map((person) => [person.id, person]));
  return lanes.filter(({ id }) => byId.has(id)).map(({ id, runs }) => {
    const { dominant, histogram, person_seconds: seconds, ...person } = byId.get(id);
    const share = dominant ? `${emotionText(dominant)} ${percent(histogram[dominant] / seconds)}` : "–";
    return [personName({ id, ...person }), spansText(seenSpans(runs, shown)), decimal(seconds), share];
  });
}

function fillEmotions(select, labels) {
  renderList(select, labels, (label) => label, () => element("option"), (option, label) => {
    option.value = label;
    setText(option, emotionText(label));
  });
}

/** `set(patch)` changes the filter; `changed()` is called when the view needs other data. */
export function mountTimeline(store, set, changed) {
  const node = byId("timeline");
  const [view, emotion, smoothing] = ["timeline-view", "timeline-emotion", "timeline-smoothing"].map(byId);
  const span = () => shownSpan(store.state);
  const choose = (next) => set(next.from !== null && next.from <= 0 && next.to >= span().durationS ? { from: null, to: null } : next);
  const lanes = mountLanes(byId("lanes"), (id) => set({ people: toggled(store.state.filter.people, id) }));
  let chart = null;
  const state = () => {
    const { timeline, detail } = store.state;
    const { from, to } = span();
    return timeline && {
      session: detail.session, timeline, labels: detail.labels, from, to, gutter: gutter(), width: node.clientWidth,
      view: view.value, emotion: emotion.value || detail.labels[0], smoothingS: Number(smoothing.value),
    };
  };
  const option = () => store.state.timeline && timelineOption(state());
  const draw = () => {
    if (!store.state.timeline) return;
    byId("timeline-emotion-label").hidden = view.value !== "people";
    if (chart) chart.then(({ draw: again }) => again());
    else chart = createChart(node, option, { replaces: true });
  };
  view.addEventListener("change", () => (view.value === "people" ? changed() : draw()));
  for (const select of [emotion, smoothing]) select.addEventListener("change", draw);
  const geometry = () => ({ left: gutter(), width: node.clientWidth - gutter() - RIGHT_PX });
  mountSpanSelection(byId("timeline-plot"), { geometry, span, choose });
  mountSpanButtons(byId("timeline-tools").querySelectorAll("[data-span]"), { span, choose });
  mountChartDownload(byId("timeline-download"), () => state() && timelineFileOption({ ...state(), width: WIDTH }), () => FILE_HEIGHT, "timeline");
  const lanesState = () => ({ ...state(), lanes: store.state.lanes, width: WIDTH });
  mountChartDownload(byId("lanes-download"), () => state() && lanesOption(lanesState()), () => lanesHeight(store.state), "people");
  return {
    wantsCurves: () => view.value === "people",

    /** Resolves when the chart is painted. */
    async drawn() {
      await chart;
      await nextFrame();
    },

    show(state) {
      const { timeline, detail } = state;
      if (!timeline) return;
      fillEmotions(emotion, detail.labels);
      renderColourLegend(byId("timeline-legend"), detail.labels);
      const { from, to } = span();
      node.setAttribute("aria-label", t("session.timeline.label", { span: spanText(from, to) }));
      renderDataTable(byId("timeline-table"), t("session.timeline.title"), [t("session.time"), t("session.people"), ...detail.labels.map(emotionText)], () => tableRows({ timeline, labels: detail.labels }));
      draw();
    },

    showLanes({ detail, filter }, all) {
      const { from, to } = span();
      lanes.show({ lanes: all, labels: detail.labels, from, to, selected: filter.people });
    },

    /** The table behind the lanes: they and `figures` are of the same filter. */
    showLaneTable({ lanes: all, figures }) {
      const head = [t("session.person_title"), t("session.seen"), t("session.seconds"), t("session.most_frequent")];
      const shown = span();
      renderDataTable(byId("lanes-table"), t("session.lanes"), head, () => laneRows(all, figures.persons, shown));
    },
  };
}
