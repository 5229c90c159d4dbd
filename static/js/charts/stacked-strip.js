/** Sparkline of stacked columns, one a second: how many people had which label. The newest second is at the right. */
import { seriesVariable } from "../lib/colours.js";
import { element, renderList, svgElement } from "../lib/dom.js";
import { mountChartReader } from "./chart-reader.js";

const HEIGHT = 24;
const COLUMN_WIDTH = 6;
const GAP = 1;

/** Rectangles of one column; `most` people fill the height. */
function segments(counts, labels, x, most) {
  const byLabel = [...counts].sort(([one], [other]) => labels.indexOf(one) - labels.indexOf(other));
  let y = HEIGHT;
  return byLabel.map(([label, number]) => {
    const height = (number / most) * HEIGHT;
    y -= height;
    return { label, x, y, height, series: seriesVariable(labels, label) };
  });
}

function columnsOf(seconds, labels, columns) {
  const most = Math.max(1, ...seconds.map(({ counts }) => counts.reduce((sum, [, number]) => sum + number, 0)));
  const first = columns - seconds.length;
  return seconds.flatMap(({ counts }, index) => segments(counts, labels, (first + index) * COLUMN_WIDTH, most).map((one) => ({ ...one, index })));
}

const createSegment = () => svgElement("rect", { width: COLUMN_WIDTH - GAP, class: "strip__segment" });

function updateSegment(node, { x, y, height, series, index }, marked) {
  for (const [name, value] of Object.entries({ x, y, height })) node.setAttribute(name, value);
  node.style.setProperty("--series", series);
  node.classList.toggle("strip__segment--faded", marked !== null && marked !== index);
}

/** A strip in `parent`; call `show([{counts: [[label, number], ...], text}])`, at most one entry a column, the newest last. */
export function createStrip(parent, { labels, columns, title }) {
  const drawing = svgElement("svg", { class: "strip", viewBox: `0 0 ${columns * COLUMN_WIDTH - GAP} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" });
  const note = element("p", { class: "chart-note strip__note", "aria-hidden": "true" }, title);
  let seconds = [];
  let marked = null;
  const draw = () => {
    const key = ({ x, label }) => `${x} ${label}`;
    renderList(drawing, columnsOf(seconds, labels, columns), key, createSegment, (node, one) => updateSegment(node, one, marked));
    drawing.setAttribute("aria-label", `${title}. ${seconds.at(-1)?.text ?? ""}`);
  };
  parent.replaceChildren(drawing, note);
  mountChartReader(drawing, () => seconds.map(({ text }) => text), (index) => {
    marked = index;
    draw();
  });
  draw();
  return {
    show(next) {
      seconds = next;
      draw();
    },
  };
}
