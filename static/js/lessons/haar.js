/** Chapter 2: Haar features, integral image, boosting and the stages of the cascade. */
import { element, svgElement } from "../lib/dom.js";
import { decimal, fixed } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { barPlot, numberTable, picture, titled } from "../learn/plots.js";
import { markRectangle } from "../learn/scene.js";

const WINDOW_PX = 24;

export const follows = false;
export const controlText = (name) => t(`learn_haar.controls.${name}`);

// More windows than these are drawn as dots in their middle.
const MAX_SQUARES = 25;
const DOT_RADIUS_PX = 2.5;

const dotOf = (side) => ([x, y]) => svgElement("circle", { cx: x + side / 2, cy: y + side / 2, r: DOT_RADIUS_PX, class: "mark-dot" });

const rectangleOf = ([x, y, width, height], weight) => svgElement("rect", { x, y, width, height, class: weight > 0 ? "haar haar--white" : "haar haar--black" });

/** A feature as a small picture. */
const icon = ({ rectangles, weights }) =>
  svgElement("svg", { class: "haar-icon", viewBox: `0 0 ${WINDOW_PX} ${WINDOW_PX}`, "aria-hidden": "true" }, ...rectangles.map((one, index) => rectangleOf(one, weights[index])));

function showMarks(scene, { square: [left, top, side], feature, cascade }) {
  const scale = side / WINDOW_PX;
  const parts = feature.parts.map(({ rectangle, weight }) => rectangleOf(rectangle.map((value) => value * scale), weight));
  const windows = cascade.windows.map(cascade.windows.length > MAX_SQUARES ? dotOf(cascade.side) : ([x, y]) => markRectangle(x, y, cascade.side, cascade.side, "window"));
  scene.showMarks([...windows, svgElement("g", { transform: `translate(${left} ${top})` }, ...parts), markRectangle(left, top, side, side, "chosen")]);
}

function featureText({ parts, value, relative }) {
  const sum = parts.map(({ weight, sum: pixels }) => `${fixed(weight, Number.isInteger(weight) ? 0 : 2)} × ${decimal(pixels)}`).join(" + ");
  return t("learn_haar.feature", { sum, value: fixed(value, 0), relative: fixed(relative, 3) });
}

function integralParts({ pixels, sums, rectangle: [x, y, width, height], corners, sum }) {
  const isInside = (row, column) => row >= y && row < y + height && column >= x && column < x + width;
  const isCorner = (row, column) => (row === y || row === y + height) && (column === x || column === x + width);
  const [topLeft, topRight, bottomLeft, bottomRight] = corners.map((value) => decimal(value));
  return element(
    "div",
    {},
    element("div", { class: "parts" }, numberTable(pixels, t("learn_haar.block"), isInside), numberTable(sums, t("learn_haar.sums"), isCorner)),
    element("p", { class: "formula" }, `${bottomRight} − ${topRight} − ${bottomLeft} + ${topLeft} = ${decimal(sum)}`),
  );
}

function voteItem(vote) {
  return element("li", { class: "vote" }, icon(vote), element("span", {}, t("learn_haar.vote", { value: fixed(vote.value, 3), threshold: fixed(vote.threshold, 3) })), element("strong", {}, fixed(vote.vote, 2)));
}

const votesText = ({ passed, total, threshold, stumps }) =>
  t(passed ? "learn_haar.accepts" : "learn_haar.rejects", { count: stumps, total: fixed(total, 2), threshold: fixed(threshold, 2) });

export function mount(area, { scene, choose }) {
  let square = null;
  scene.onPoint(({ x, y }) => {
    if (!square) return;
    const { width, height } = scene.size();
    const cell = (share, size, low) => Math.max(0, Math.min(WINDOW_PX - 1, Math.floor(((share * size - low) * WINDOW_PX) / square[2])));
    choose({ x: cell(x, width, square[0]), y: cell(y, height, square[1]) });
  });
  return {
    show(answer) {
      const { result, values } = answer;
      const { votes, cascade } = result;
      square = result.square;
      showMarks(scene, result);
      const left = cascade.left_after;
      const summary = t("learn_haar.summary", { all: left[0], left: left[values.stage], stage: values.stage });
      area.replaceChildren(
        element("p", { class: "summary" }, summary),
        titled(t("learn_haar.window"), picture(answer, "window", t("learn_haar.window"))),
        element("p", { class: "formula" }, featureText(result.feature)),
        titled(t("learn_haar.integral"), integralParts(result.integral)),
        titled(t("learn_haar.boosting", { stage: values.stage }), element("p", {}, votesText(votes)), element("ul", { class: "votes" }, ...votes.shown.map(voteItem))),
        titled(
          t("learn_haar.stages"),
          barPlot(left.map((count) => Math.log10(1 + count)), t("learn_haar.left", { counts: left.map((count) => decimal(count)).join(", ") }), { marked: values.stage }),
          element("p", { class: "quiet" }, t("learn_haar.cost", { features: decimal(cascade.features_per_window), all: cascade.features.reduce((sum, one) => sum + one, 0) })),
        ),
      );
      return summary;
    },
  };
}
