/** Plane of two numbers with a common range, such as valence and arousal: one point per person. */
import { mountChartReader } from "./chart-reader.js";
import { element, renderList, svgElement, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { numberText } from "../lib/attribute-text.js";
import { personVariable } from "../lib/colours.js";

const WIDTH = 320;
const HEIGHT = 150;
const RADIUS = 58;
const CENTER = { x: WIDTH / 2, y: 77 };
const POINT_RADIUS = 5;

/** From a value to -1 (start of the range) to 1 (its end). */
const onAxis = ({ range: [low, high] }, value) => (2 * (Math.min(high, Math.max(low, value)) - low)) / (high - low) - 1;

const label = (text, x, y, anchor) => {
  const node = svgElement("text", { x, y, "text-anchor": anchor });
  node.textContent = text;
  return node;
};

function axes({ x, y }) {
  return [
    svgElement("circle", { class: "plane__edge", cx: CENTER.x, cy: CENTER.y, r: RADIUS }),
    svgElement("path", { class: "plane__axis", d: `M${CENTER.x - RADIUS} ${CENTER.y}h${2 * RADIUS}M${CENTER.x} ${CENTER.y - RADIUS}v${2 * RADIUS}` }),
    label(`+ ${x.title}`, CENTER.x + RADIUS + 6, CENTER.y + 4, "start"),
    label("\u2212", CENTER.x - RADIUS - 6, CENTER.y + 4, "end"),
    label(`+ ${y.title}`, CENTER.x, CENTER.y - RADIUS - 6, "middle"),
    label("\u2212", CENTER.x, CENTER.y + RADIUS + 13, "middle"),
  ];
}

const pointText = ({ x, y }, point) =>
  t("base.chart.person_plane", { id: point.id, x: x.title.toLowerCase(), x_value: numberText(x, point.x), y: y.title.toLowerCase(), y_value: numberText(y, point.y) });

function createPoint() {
  const title = svgElement("title", {});
  const point = svgElement("circle", { class: "plane__point", r: POINT_RADIUS });
  point.append(title);
  return point;
}

function updatePoint(node, plane, point) {
  node.style.setProperty("--person", personVariable(point.id));
  node.style.setProperty("--x", `${CENTER.x + RADIUS * onAxis(plane.x, point.x)}px`);
  node.style.setProperty("--y", `${CENTER.y - RADIUS * onAxis(plane.y, point.y)}px`);
  node.classList.toggle("plane__point--faded", Boolean(point.faded));
  node.classList.toggle("plane__point--selected", Boolean(point.selected));
  setText(node.firstElementChild, pointText(plane, point));
}

/** A chart in `parent`; `plane` is `{name, x, y}` with the attributes of the axes. Call `show([{id, x, y, faded, selected}])`. */
export function createPlane(parent, plane) {
  const points = svgElement("g", {});
  const drawing = svgElement("svg", { class: "plane", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" }, ...axes(plane), points);
  const note = [...new Set([plane.x.note, plane.y.note].filter(Boolean))].join("; ");
  let shown = [];
  parent.replaceChildren(drawing, note ? element("p", { class: "chart-note plane-note" }, note) : "");
  mountChartReader(drawing, () => shown.map((point) => pointText(plane, point)), (index) =>
    [...points.children].forEach((node, at) => node.classList.toggle("plane__point--read", at === index)),
  );
  return {
    show(people) {
      shown = people;
      renderList(points, people, ({ id }) => id, createPoint, (node, point) => updatePoint(node, plane, point));
      const text = people.map((point) => pointText(plane, point)).join(". ");
      const title = { x: plane.x.title, y: plane.y.title.toLowerCase(), people: text || t("base.chart.nobody") };
      drawing.setAttribute("aria-label", t("base.chart.plane", title));
    },
  };
}
