/** Tell the server how large the picture is shown, so that its letters are readable and crisp. */
import { byId } from "../lib/dom.js";
import { pictureArea, sourceSize } from "./picture-area.js";

// Shortest longer side in CSS pixels of each size: letters that have 12 pixels on a side of 640 or 960, the smallest ones of
// labels, then have 11 (view_labels.py).
const MIN_LARGE_PX = 860;
const MIN_MEDIUM_PX = 575;
// While a window is resized the stream keeps its size.
const SETTLED_MS = 250;

/** `small`, `medium` or `large` for a picture whose longer side has this many CSS pixels. */
export const sizeOf = (side) => (side >= MIN_LARGE_PX ? "large" : side >= MIN_MEDIUM_PX ? "medium" : "small");

function shownSize(stage, state) {
  const source = sourceSize(state) ?? { width: 4, height: 3 };
  const { scale } = pictureArea(stage, source);
  return sizeOf(Math.max(source.width, source.height) * scale);
}

/** Keep the store's `pictureSize`; before the first picture it follows at once. */
export function mountPictureSize(store) {
  const stage = byId("stage");
  const update = () => store.set({ pictureSize: shownSize(stage.getBoundingClientRect(), store.state) });
  let timer = 0;
  new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(update, store.state.stats ? SETTLED_MS : 0);
  }).observe(stage);
  store.watch(["status"], update);
}
