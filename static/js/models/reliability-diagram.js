/** Does it know when it is right? Dots on the line are as often right as they claim. */
import { element, shape } from "../lib/dom.js";
import { percent } from "../lib/format.js";

const SIDE = 260;
const LEFT = 44;
const TOP = 18;
const TICKS = [0, 0.25, 0.5, 0.75, 1];
const LARGEST = 13;

const x = (value) => LEFT + value * SIDE;
const y = (value) => TOP + (1 - value) * SIDE;

const total = (bins) => bins.reduce((sum, { n }) => sum + n, 0);

function verdict(bins) {
  const sure = bins.reduce((sum, bin) => sum + (bin.confidence - bin.accuracy) * bin.n, 0) / Math.max(1, total(bins));
  const way = sure > 0 ? "surer than it is right" : "right more often than it is sure";
  return `On average it is ${way}, by ${(Math.abs(sure) * 100).toFixed(1)} points.`;
}

const axis = () =>
  TICKS.flatMap((tick) => [
    shape("line", { class: "plot__grid", x1: x(0), x2: x(1), y1: y(tick), y2: y(tick) }),
    shape("text", { x: LEFT - 8, y: y(tick) + 4, "text-anchor": "end" }, percent(tick)),
    shape("text", { x: x(tick), y: y(0) + 20, "text-anchor": "middle" }, percent(tick)),
  ]);

function dot({ confidence, accuracy, n }, most) {
  const title = shape("title", {}, `claims ${percent(confidence)}, right ${percent(accuracy)}, ${n.toLocaleString()} faces`);
  const radius = 2.5 + LARGEST * Math.sqrt(n / most);
  return shape("circle", { class: "plot__dot", cx: x(confidence), cy: y(accuracy), r: radius.toFixed(1) }, title);
}

function diagram(bins, says) {
  const most = Math.max(...bins.map(({ n }) => n));
  return shape(
    "svg",
    { class: "plot", viewBox: `0 0 ${LEFT + SIDE + 20} ${TOP + SIDE + 48}`, role: "img", "aria-label": says },
    ...axis(),
    shape("line", { class: "plot__ideal", x1: x(0), x2: x(1), y1: y(0), y2: y(1) }),
    ...bins.map((bin) => dot(bin, most)),
    shape("text", { x: x(0.5), y: y(0) + 42, "text-anchor": "middle" }, "how often it claims to be right"),
    shape("text", { x: x(0) + 6, y: y(1) + 14 }, "how often it is"),
  );
}

const table = (bins) =>
  element(
    "table",
    { class: "plain" },
    element("thead", {}, element("tr", {}, ...["Claims", "Is right", "Faces"].map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...bins.map(({ confidence, accuracy, n }) =>
      element("tr", {}, ...[percent(confidence), percent(accuracy), n.toLocaleString()].map((text) => element("td", {}, text))))),
  );

/** `bins` are `{confidence, accuracy, n}`. */
export function calibration(bins) {
  const says = verdict(bins);
  return element(
    "figure",
    { class: "calibration" },
    element("figcaption", {}, "Does it know when it is right? "),
    element("p", { class: "quiet" }, `${says} Dots on the line are right as often as they claim; a larger dot holds more faces.`),
    diagram(bins, says),
    element("details", {}, element("summary", {}, "As a table"), table(bins)),
  );
}
