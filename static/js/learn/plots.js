/** Pictures, plots and tables of answers. Each has a text that says the same. */
import { element, svgElement } from "../lib/dom.js";

const WIDTH = 320;
const HEIGHT = 120;

/** An image of an answer; small ones are enlarged without smoothing. */
export function picture(answer, name, alt) {
  return element("img", { class: "pixels", src: `data:image/png;base64,${answer.images[name]}`, alt });
}

/** A picture or plot with its title. */
export const titled = (title, ...children) => element("figure", { class: "part" }, element("figcaption", { class: "part__title" }, title), ...children);

/** Bars of shares from 0 to the largest; `marked` is the index of one that is highlighted. */
export function barPlot(values, label, { marked = -1 } = {}) {
  const most = Math.max(...values, 1e-9);
  const width = WIDTH / values.length;
  const bars = values.map((value, index) => {
    const height = (HEIGHT * value) / most;
    const kind = index === marked ? "bar-plot__bar--marked" : "";
    return svgElement("rect", { class: `bar-plot__bar ${kind}`, x: index * width + 0.5, y: HEIGHT - height, width: Math.max(1, width - 1), height });
  });
  return svgElement("svg", { class: "bar-plot", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label, preserveAspectRatio: "none" }, ...bars);
}

/** A table of numbers; `isMarked(row, column)` tells which ones are highlighted. */
export function numberTable(rows, caption, isMarked = () => false) {
  const cells = (row, y) => row.map((value, x) => element("td", { class: isMarked(y, x) ? "is-marked" : null }, String(value)));
  return element(
    "table",
    { class: "numbers" },
    element("caption", {}, caption),
    element("tbody", {}, ...rows.map((row, y) => element("tr", {}, ...cells(row, y)))),
  );
}

/** A table with a row of heads; the first cell of each row names it. */
export function dataTable(heads, rows, caption) {
  const line = ([name, ...values]) => element("tr", {}, element("th", { scope: "row" }, name), ...values.map((value) => element("td", {}, value)));
  return element(
    "div",
    { class: "scrolls", tabindex: "0", role: "region", "aria-label": caption },
    element("table", { class: "data" }, element("thead", {}, element("tr", {}, ...heads.map((head) => (head ? element("th", { scope: "col" }, head) : element("td"))))), element("tbody", {}, ...rows.map(line))),
  );
}
