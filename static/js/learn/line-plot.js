/** Curves over epochs, with the numbers at the edges and a text that says the same. */
import { svgElement } from "../lib/dom.js";
import { fixed } from "../lib/format.js";

const WIDTH = 420;
const HEIGHT = 180;
const LEFT = 40;
const BOTTOM = 24;
const TOP = 10; // for half of the letters of the highest number

/** `lines` are `{name, values}` with one value a point of `epochs`; names are `train` or `valid`. */
export function linePlot(epochs, lines, label) {
  const most = Math.max(...lines.flatMap(({ values }) => values), 0.1);
  const last = Math.max(epochs.at(-1), 1);
  const x = (epoch) => LEFT + ((WIDTH - LEFT) * epoch) / last;
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most);
  const path = (values) => values.map((value, index) => `${index ? "L" : "M"}${x(epochs[index]).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  return svgElement(
    "svg",
    { class: "plot plot--wide", viewBox: `0 0 ${WIDTH} ${HEIGHT + 6}`, role: "img", "aria-label": label },
    ...[0, most / 2, most].map((tick) => svgElement("line", { class: "plot__grid", x1: LEFT, x2: WIDTH, y1: y(tick), y2: y(tick) })),
    ...[0, most / 2, most].map((tick) => svgElement("text", { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, fixed(tick, 1))),
    svgElement("text", { x: LEFT, y: HEIGHT }, "0"),
    svgElement("text", { x: WIDTH, y: HEIGHT, "text-anchor": "end" }, String(last)),
    ...lines.map(({ name, values }) => svgElement("path", { class: `plot__line plot__line--${name}`, d: path(values) })),
  );
}
