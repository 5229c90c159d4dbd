/** Options of the timeline's chart: emotions stacked, as lines, or one emotion of each person. */
import { groupLegend } from "../charts/dot-intervals.js";
import { textStyle, tooltip } from "../charts/echarts.js";
import { smooth } from "../charts/smooth.js";
import { clockTicks, secondsOfDay } from "../charts/time-scale.js";
import { colour, personColour, seriesColours } from "../lib/colours.js";
import { durationText, percent, timeText } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { emotionText, personName } from "../session/names.js";

/** Pixels right of the plot, as in the lanes below it. */
export const RIGHT_PX = 12;
const PIXELS_PER_TICK = 96;
/** Width of the longest label of gaps and excluded spans, and of the first letters of a name. */
const MIN_LABEL_PX = 56;
const MIN_NAME_PX = 24;
/** Width of a time at the axis. */
const LABEL_PX = 72;
const MAX_LABELLED_PEOPLE = 8;
const LINE_WIDTH = 1.6;
/** Height of a legend in a file. */
export const LEGEND_PX = 30;

const clockText = (startedAt, seconds) => timeText(new Date(Date.parse(startedAt) + seconds * 1000).toISOString());

/** `[{name, color, values}]` of a timeline (docs/api.md) in one of the views. */
function linesOf({ timeline, labels, view, emotion }) {
  if (view !== "people") {
    const colours = seriesColours(labels);
    return labels.map((label, index) => ({ name: emotionText(label), color: colours[index], values: timeline.mean[label] ?? [] }));
  }
  return (timeline.curves ?? []).map((person) => ({ name: personName(person), color: personColour(person.id), values: person.mean[emotion] ?? [] }));
}

const isMissing = (value) => value === null || value === undefined;

/** Where in its step a value is drawn: in the middle, and at an edge next to which nothing is known, so that a lone step is seen. */
const pointsOf = (values, index) => {
  if (isMissing(values[index])) return [0.5];
  return [...(isMissing(values[index - 1]) ? [0] : []), 0.5, ...(isMissing(values[index + 1]) ? [1] : [])];
};

function seriesOf(line, { timeline, view, smoothingS }) {
  const { start_s: startS, step_s: stepS } = timeline;
  const values = smooth(line.values, Math.round(smoothingS / stepS / 2));
  const stacked = view === "stacked";
  return {
    name: line.name, type: "line", color: line.color, symbol: "none", connectNulls: false, silent: true, emphasis: { disabled: true },
    stack: stacked ? "all" : undefined,
    lineStyle: { width: stacked ? 0 : LINE_WIDTH },
    areaStyle: stacked ? { opacity: 0.92 } : undefined,
    data: values.flatMap((value, index) => pointsOf(values, index).map((share) => [startS + (index + share) * stepS, value, index])),
  };
}

const areaLabel = () => ({ ...textStyle(11), color: colour("--text"), position: "top", overflow: "truncate" });

/** Pixels of a span that lie in the plot. */
const shownPixels = ({ start_s: startS, end_s: endS }, { from, to, width, gutter }) =>
  ((Math.min(endS, to) - Math.max(startS, from)) / (to - from)) * (width - gutter - RIGHT_PX);

const spanStyle = ({ excluded }) =>
  excluded ? { color: colour("--muted"), opacity: 0.35 } : { color: colour("--text"), opacity: 0.18, borderColor: colour("--text"), borderWidth: 1, borderType: "dashed" };

/** A silent series that carries gaps, spans and markers. */
function marks(state) {
  const { timeline, excludedTitle } = state;
  const spans = timeline.markers.filter(({ end_s: endS }) => endS !== null);
  const points = timeline.markers.filter(({ end_s: endS }) => endS === null);
  // What is narrower than its label has a cut one, or none where the label says no name.
  const area = (item, name, style, isName) => {
    const pixels = shownPixels(item, state);
    const shown = isName || pixels >= MIN_LABEL_PX ? name : "";
    return [{ xAxis: item.start_s, name: shown, itemStyle: style, label: { width: Math.max(pixels, MIN_NAME_PX) } }, { xAxis: item.end_s }];
  };
  const gap = { color: colour("--line"), opacity: 0.7 };
  return {
    type: "line", name: "", data: [], silent: true, tooltip: { show: false }, z: 5,
    markArea: {
      silent: true, z: 6, label: areaLabel(),
      data: [
        ...timeline.gaps.map((one) => area(one, t("session.timeline.no_video"), gap, false)),
        ...spans.map((one) => area(one, one.excluded ? excludedTitle : one.name, spanStyle(one), !one.excluded)),
      ],
    },
    markLine: {
      silent: true, symbol: ["none", "none"], lineStyle: { color: colour("--text"), width: 1.5, type: "solid" },
      label: { ...textStyle(11), color: colour("--text"), position: "end", rotate: 0, distance: 4, formatter: ({ name }) => name },
      data: points.map((one) => ({ xAxis: one.start_s, name: one.name })),
    },
  };
}

function tooltipText({ session, timeline, view }, points) {
  const known = points.filter(({ value }) => value?.[1] !== null && value?.[1] !== undefined);
  const time = points[0].value[0];
  const head = `${clockText(session.started_at, time)}  (${durationText(time)})`;
  const people = view === "people" ? [] : [t("session.people_count", { count: timeline.persons[points[0].value[2]] ?? 0 })];
  const shown = known.map(({ marker, seriesName, value }) => ({ value: value[1], text: `${marker} ${seriesName}  ${percent(value[1])}` }));
  const largestFirst = shown.sort((one, other) => other.value - one.value).slice(0, MAX_LABELLED_PEOPLE);
  return [head, ...(known.length ? [...people, ...largestFirst.map(({ text }) => text)] : [t("session.timeline.nobody")])].join("\n");
}

/** A label at the right edge ends there; it has no room to be centred. */
const lastTickAlign = (tick, { to, ...state }) => (shownPixels({ start_s: tick, end_s: to }, { to, ...state }) < LABEL_PX / 2 ? "right" : undefined);

/** Axis of the time of day for `state`: `{session, from, to, gutter, width}`. */
export function timeAxis(state) {
  const { session, from, to, gutter, width } = state;
  const ticks = clockTicks(from, to, secondsOfDay(new Date(session.started_at)), Math.max(2, (width - gutter) / PIXELS_PER_TICK));
  const isRound = ticks.every((tick) => Number.isInteger(Math.round(tick * 1000) / 1000));
  return {
    type: "value", min: from, max: to, splitLine: { show: false }, axisPointer: { label: { show: false } },
    axisLine: { lineStyle: { color: colour("--line-strong") } },
    axisTick: { show: true, customValues: ticks, lineStyle: { color: colour("--line-strong") } },
    axisLabel: { ...textStyle(11), customValues: ticks, hideOverlap: true, alignMaxLabel: lastTickAlign(ticks.at(-1), state), formatter: (seconds) => clockText(session.started_at, isRound ? seconds : Math.round(seconds)) },
  };
}

/** Option of ECharts for `state`: `{session, timeline, labels, view, emotion, smoothingS, from, to, gutter, width}`. */
export function timelineOption(state) {
  const { gutter } = state;
  return {
    // Without bounds ECharts makes the plot narrower than the lanes below where the last label needs room.
    grid: { left: gutter, right: RIGHT_PX, top: 18, bottom: 24, outerBoundsMode: "none" },
    xAxis: timeAxis(state),
    yAxis: { type: "value", min: 0, max: 1, interval: 0.25, splitLine: { lineStyle: { color: colour("--line") } }, axisLabel: { ...textStyle(11), formatter: percent } },
    tooltip: tooltip({ trigger: "axis", formatter: (points) => tooltipText(state, points) }),
    series: [...linesOf(state).map((line) => seriesOf(line, state)), marks({ ...state, excludedTitle: t("session.markers.excluded") })],
    animation: false,
  };
}

/** The same with a legend above it, for a file, which has nothing around it that names the colours. */
export function timelineFileOption(state) {
  const option = timelineOption(state);
  return { ...option, grid: { ...option.grid, top: LEGEND_PX + 18 }, legend: linesLegend(option.series.filter(({ name }) => name)) };
}

/** A legend of one row for series of lines or areas, or of runs. */
export const linesLegend = (series) => ({ ...groupLegend(), type: "scroll", data: series.map(({ name }) => name) });
