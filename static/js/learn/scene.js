/** The picture of a lesson with marks on it, in pixels of the picture. */
import { element, svgElement } from "../lib/dom.js";
import { t } from "../lib/i18n.js";

/** `{showPicture, showMarks, onPoint}` for the figure. */
export function createScene(figure) {
  const image = element("img", { class: "scene__image", alt: t("learn.picture") });
  const marks = svgElement("svg", { class: "scene__marks", "aria-hidden": "true" });
  figure.replaceChildren(image, marks);
  let onPoint = null;

  const pointOf = (event) => {
    const area = image.getBoundingClientRect();
    const share = (value, low, size) => Math.min(1, Math.max(0, (value - low) / size));
    return { x: share(event.clientX, area.left, area.width), y: share(event.clientY, area.top, area.height) };
  };
  figure.addEventListener("pointerdown", (event) => {
    if (!onPoint) return;
    figure.setPointerCapture(event.pointerId);
    onPoint(pointOf(event));
  });
  figure.addEventListener("pointermove", (event) => {
    if (onPoint && figure.hasPointerCapture(event.pointerId)) onPoint(pointOf(event));
  });

  return {
    showPicture({ url, width, height }) {
      image.src = url;
      marks.setAttribute("viewBox", `0 0 ${width} ${height}`);
      figure.style.setProperty("--width", width);
      figure.style.setProperty("--height", height);
      figure.dataset.width = width;
      figure.dataset.height = height;
    },
    /** Replace the marks, SVG elements. */
    showMarks: (nodes) => marks.replaceChildren(...nodes),
    /** `handle({x, y})` gets points that are pressed or dragged to, in shares of the sides. */
    onPoint(handle) {
      onPoint = handle;
      figure.classList.add("scene--movable");
    },
    size: () => ({ width: Number(figure.dataset.width), height: Number(figure.dataset.height) }),
  };
}

/** A rectangle on the picture. */
export const markRectangle = (x, y, width, height, name) => svgElement("rect", { x, y, width, height, class: `mark mark--${name}` });
