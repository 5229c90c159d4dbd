/** Reliability diagram: accuracy by confidence. */
import { t } from "../lib/i18n.js";
import { element, svgElement } from "../lib/dom.js";
import { decimal, fixed, percent } from "../lib/format.js";

const SIDE = 260;
const LEFT = 44;
const TOP = 18;
const TICKS = [0, 0.25, 0.5, 0.75, 1];
const MAX_RADIUS = 13;

const x = (value) => LEFT + value * SIDE;
const y = (value) => TOP + (1 - value) * SIDE;

const total = (bins) => bins.reduce((sum, { n }) => sum + n, 0);

function verdict(bins) {
  const excess = bins.reduce((sum, bin) => sum + (bin.confidence - bin.accuracy) * bin.n, 0) / Math.max(1, total(bins));
  const points = fixed(Math.abs(excess) * 100, 1);
  return excess > 0 ? t("models.reliability.over", { points }) : t("models.reliability.under", { points });
}

const axis = () =>
  TICKS.flatMap((tick) => [
    svgElement("line", { class: "plot__grid", x1: x(0), x2: x(1), y1: y(tick), y2: y(tick) }),
    svgElement("text", { x: LEFT - 8, y: y(tick) + 4, "text-anchor": "end" }, percent(tick)),
    svgElement("text", { x: x(tick), y: y(0) + 20, "text-anchor": "middle" }, percent(tick)),
  ]);

function dot({ confidence, accuracy, n }, most) {
  const title = svgElement("title", {}, t("models.reliability.dot", { confidence: percent(confidence), accuracy: percent(accuracy), count: n }));
  const radius = 2.5 + MAX_RADIUS * Math.sqrt(n / most);
  return svgElement("circle", { class: "plot__dot", cx: x(confidence), cy: y(accuracy), r: radius.toFixed(1) }, title);
}

function diagram(bins, summary) {
  const most = Math.max(...bins.map(({ n }) => n));
  return svgElement(
    "svg",
    { class: "plot", viewBox: `0 0 ${LEFT + SIDE + 20} ${TOP + SIDE + 48}`, role: "img", "aria-label": summary },
    ...axis(),
    svgElement("line", { class: "plot__ideal", x1: x(0), x2: x(1), y1: y(0), y2: y(1) }),
    ...bins.map((bin) => dot(bin, most)),
    svgElement("text", { x: x(0.5), y: y(0) + 42, "text-anchor": "middle" }, t("models.reliability.confidence")),
    svgElement("text", { x: x(0) + 6, y: y(1) + 14 }, t("models.reliability.accuracy")),
  );
}

const table = (bins) =>
  element(
    "table",
    { class: "plain" },
    element("thead", {}, element("tr", {}, ...[t("models.reliability.confidence"), t("models.reliability.accuracy"), t("models.faces")].map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...bins.map(({ confidence, accuracy, n }) =>
      element("tr", {}, ...[percent(confidence), percent(accuracy), decimal(n)].map((text) => element("td", {}, text))))),
  );

/** `bins` are `{confidence, accuracy, n}`. */
export function reliabilityDiagram(bins) {
  const summary = verdict(bins);
  return element(
    "figure",
    { class: "calibration" },
    element("figcaption", {}, t("models.reliability.title")),
    element("p", { class: "quiet" }, `${summary} ${t("models.reliability.explanation")}`),
    diagram(bins, summary),
    element("details", {}, element("summary", {}, t("models.reliability.table")), table(bins)),
  );
}
