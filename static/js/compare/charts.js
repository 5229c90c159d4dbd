/** Charts of a comparison: shares, means and differences with intervals, and curves around a marker. */
import { axisLine, dotIntervalOption, groupLegend as legend } from "../charts/dot-intervals.js";
import { textStyle, tooltip } from "../charts/echarts.js";
import { tickStep } from "../charts/time-scale.js";
import { colour, seriesColours } from "../lib/colours.js";
import { decimal, precisePercent, percent } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { emotionText } from "../session/names.js";

/** Groups take the colours of the first series. */
export const GROUP_LABELS = ["A", "B", "C", "D", "E", "F"];
const MAX_TICKS = 8;

const groupColours = () => seriesColours(GROUP_LABELS);

/** Shares of the person-seconds by label, one bar a group. */
export function sharesOption({ labels, groups }) {
  const colours = groupColours();
  const share = ({ histogram, person_seconds: total }, label) => (total ? (histogram[label] ?? 0) / total : 0);
  return {
    grid: { left: 44, right: 8, top: 30, bottom: 24 }, legend: legend(),
    xAxis: { type: "category", data: labels.map(emotionText), axisTick: { show: false }, axisLine: axisLine(), axisLabel: { ...textStyle(11), interval: 0, hideOverlap: true } },
    yAxis: { type: "value", min: 0, splitLine: { lineStyle: { color: colour("--line") } }, axisLabel: { ...textStyle(11), formatter: percent } },
    tooltip: tooltip({ trigger: "item", formatter: ({ seriesName, name, value }) => `${seriesName}, ${name}: ${precisePercent(value)}` }),
    series: groups.map((group, index) => ({ type: "bar", name: group.name, color: colours[index], barMinHeight: 1, data: labels.map((label) => share(group, label)) })),
  };
}

export function meansOption({ labels, groups }) {
  const colours = groupColours();
  const point = (group, label) => ({ value: group.mean?.[label] ?? null, low: group.intervals?.[label]?.[0] ?? null, high: group.intervals?.[label]?.[1] ?? null });
  return dotIntervalOption(labels.map(emotionText), groups.map((group, index) => ({ name: group.name, color: colours[index], points: labels.map((label) => point(group, label)) })), { format: percent, withZero: false });
}

/** Signed percentage points. */
export const pointsText = (value) => t("compare.points", { value: `${value < 0 ? "\u2212" : value > 0 ? "+" : ""}${decimal(Math.round(Math.abs(value) * 1000) / 10)}` });

export function differencesOption({ labels }, difference) {
  const point = (label) => ({ value: difference.values[label]?.difference ?? null, low: difference.values[label]?.low ?? null, high: difference.values[label]?.high ?? null });
  return dotIntervalOption(labels.map(emotionText), [{ name: `${difference.a} − ${difference.b}`, color: colour("--text"), points: labels.map(point) }], { format: pointsText, withZero: true });
}

/** Probability of one label around the marker, with bands of the intervals. */
export function curvesOption({ curves }, emotion) {
  const colours = groupColours();
  const { time_s: times } = curves;
  const step = tickStep(times.at(-1) - times[0], MAX_TICKS);
  const ticks = times.filter((time) => time % step === 0);
  const line = (group, index) => ({ type: "line", name: group.name, color: colours[index], symbol: "none", connectNulls: false, lineStyle: { width: 2 }, data: times.map((time, at) => [time, group.mean[emotion]?.[at] ?? null]) });
  const edge = (group, index, values, area) => ({
    type: "line", name: group.name, stack: `band ${group.name}`, stackStrategy: "all", symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false },
    areaStyle: area ? { color: colours[index], opacity: 0.16 } : undefined, data: times.map((time, at) => [time, values(at)]),
  });
  const band = (group, index) => {
    if (!group.low) return [];
    const low = (at) => group.low[emotion]?.[at] ?? null;
    return [edge(group, index, low, false), edge(group, index, (at) => (low(at) === null ? null : group.high[emotion][at] - low(at)), true)];
  };
  return {
    grid: { left: 44, right: 12, top: 30, bottom: 26 }, legend: { ...legend(), data: curves.groups.map(({ name }) => name) },
    xAxis: { type: "value", min: times[0], max: times.at(-1), splitLine: { show: false }, axisLine: axisLine(), axisTick: { customValues: ticks }, axisLabel: { ...textStyle(11), customValues: ticks, formatter: (value) => t("compare.seconds", { value: `${value < 0 ? "\u2212" : ""}${Math.abs(value)}` }) } },
    yAxis: { type: "value", min: 0, max: 1, interval: 0.25, splitLine: { lineStyle: { color: colour("--line") } }, axisLabel: { ...textStyle(11), formatter: percent }, axisLine: { onZero: false } },
    tooltip: tooltip({ trigger: "axis", valueFormatter: (value) => (value === null || value === undefined ? "–" : precisePercent(value)) }),
    series: [
      ...curves.groups.flatMap(band), ...curves.groups.map(line),
      { type: "line", data: [], silent: true, markLine: { silent: true, symbol: ["none", "none"], label: { show: false }, lineStyle: { color: colour("--text") }, data: [{ xAxis: 0 }] } },
    ],
  };
}
