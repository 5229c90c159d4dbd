/** Options of a chart of the lanes, for saving them: the page draws them on a canvas beside buttons with the names. */
import { textStyle } from "../charts/echarts.js";
import { colour, seriesColours } from "../lib/colours.js";
import { emotionText, personName } from "../session/names.js";
import { UNSURE } from "../lib/attributes.js";
import { LEGEND_PX, linesLegend, RIGHT_PX, timeAxis } from "./timeline-option.js";

const LANE_PX = 24;
const BAR_PX = 12;
const AXIS_PX = 28;
const GUTTER_PX = 120;

/** Height of the chart in pixels. */
export const lanesHeight = ({ lanes }) => LEGEND_PX + AXIS_PX + LANE_PX * lanes.length;

function drawRun(_, api) {
  const [left, y] = api.coord([api.value(0), api.value(2)]);
  const [right] = api.coord([api.value(1), api.value(2)]);
  return { type: "rect", shape: { x: left, y: y - BAR_PX / 2, width: Math.max(1, right - left), height: BAR_PX }, style: { fill: api.visual("color") } };
}

function runsOf(lanes, wanted, { from, to }) {
  return lanes.flatMap(({ runs }, index) =>
    runs.filter(([start, end, label]) => wanted(label) && start < to && from < end).map(([start, end]) => [Math.max(from, start), Math.min(to, end), index]));
}

/** Option of ECharts for `state`: `{session, lanes, labels, from, to, width}`. A colour for each emotion, a row for each person. */
export function lanesOption(state) {
  const { lanes, labels } = state;
  const colours = seriesColours(labels);
  const named = labels.map((label, index) => ({ name: emotionText(label), color: colours[index], data: runsOf(lanes, (one) => one === label, state) }));
  const others = { name: emotionText(UNSURE), color: colour("--series-other"), data: runsOf(lanes, (one) => !labels.includes(one), state) };
  const all = others.data.length ? [...named, others] : named;
  return {
    grid: { left: GUTTER_PX, right: RIGHT_PX, top: LEGEND_PX, bottom: AXIS_PX, outerBoundsMode: "none" },
    legend: linesLegend(all),
    xAxis: timeAxis({ ...state, gutter: GUTTER_PX }),
    yAxis: {
      type: "category", inverse: true, data: lanes.map(personName), axisTick: { show: false }, axisLine: { show: false },
      splitLine: { show: false }, axisLabel: { ...textStyle(11), width: GUTTER_PX - 12, overflow: "truncate", interval: 0 },
    },
    series: all.map((one) => ({ ...one, type: "custom", renderItem: drawRun, silent: true, clip: true })),
  };
}
