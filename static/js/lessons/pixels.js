/** Chapter 1: pixels, gray levels and histogram equalisation. */
import { element } from "../lib/dom.js";
import { decimal } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { barPlot, numberTable, picture, titled } from "../learn/plots.js";
import { markRectangle } from "../learn/scene.js";

export const controlText = (name) => t(`learn_pixels.controls.${name}`);

const LEVELS = 256;

function showGrid(scene, { grid, width, height }) {
  const { width: pictureWidth, height: pictureHeight } = scene.size();
  const side = grid.numbers.length;
  const [x, y] = [pictureWidth / width, pictureHeight / height];
  scene.showMarks([markRectangle(grid.left * x, grid.top * y, side * x, side * y, "chosen")]);
}

function grayText({ rgb, gray_weights: weights, gray, shown }) {
  const sum = rgb.map((value, index) => `${weights[index]} × ${value}`).join(" + ");
  return t("learn_pixels.gray", { sum, gray, shown });
}

export function mount(area, { scene, choose }) {
  scene.onPoint(choose);
  return {
    show(answer) {
      const { result, values } = answer;
      showGrid(scene, result);
      const { grid, histogram, contrast } = result;
      const isPoint = (row, column) => grid.top + row === result.row && grid.left + column === result.column;
      const marked = Math.floor((result.shown * histogram.shown.length) / LEVELS);
      const summary = t("learn_pixels.summary", { width: result.width, height: result.height, contrast: decimal(contrast.shown) });
      area.replaceChildren(
        element("p", { class: "summary" }, summary),
        element(
          "div",
          { class: "parts" },
          titled(t("learn_pixels.colour"), picture(answer, "colour", t("learn_pixels.colour"))),
          titled(values.equalize ? t("learn_pixels.equalized") : t("learn_pixels.as_gray"), picture(answer, "shown", t("learn_pixels.as_gray"))),
        ),
        element(
          "div",
          { class: "parts" },
          titled(t("learn_pixels.before"), barPlot(histogram.gray, t("learn_pixels.spread", { contrast: decimal(contrast.gray) }))),
          titled(t("learn_pixels.after"), barPlot(histogram.shown, t("learn_pixels.spread", { contrast: decimal(contrast.shown) }), { marked })),
        ),
        numberTable(grid.numbers, t("learn_pixels.grid"), isPoint),
        element("p", { class: "formula" }, grayText(result)),
      );
      return summary;
    },
  };
}
