/** Select a person by a click on the face; outline the face of the selected person. */
import { byId } from "../lib/dom.js";
import { pictureArea, sourceSize } from "./picture-area.js";

// A face is hit up to this far outside its box, in parts of the box: boxes lag behind the picture a little.
const MARGIN = 0.2;
// The outline covers the line of the box, and ends before the label.
const OUTLINE_MARGIN_PX = 2;

const widen = ([x1, y1, x2, y2], dx, dy = dx) => [x1 - dx, y1 - dy, x2 + dx, y2 + dy];
const withMargin = (box) => widen(box, (box[2] - box[0]) * MARGIN, (box[3] - box[1]) * MARGIN);
const isInside = ([x1, y1, x2, y2], { x, y }) => x >= x1 && x <= x2 && y >= y1 && y <= y2;
const area = ([x1, y1, x2, y2]) => (x2 - x1) * (y2 - y1);

/** The face at a point in pixels of the source; the smallest one if several are hit, null if none is. */
export function faceAt(faces, point) {
  const hit = faces.filter(({ box }) => isInside(withMargin(box), point));
  return hit.reduce((best, face) => (!best || area(face.box) < area(best.box) ? face : best), null);
}

/** The face under the pointer; null beside faces and without a picture. */
function faceUnder(stage, event, state) {
  const source = sourceSize(state);
  if (!source || !state.stats || event.target.closest("button, a, .veil")) return null;
  const box = stage.getBoundingClientRect();
  const { left, top, scale } = pictureArea(box, source);
  return faceAt(state.stats.faces, { x: (event.clientX - box.left - left) / scale, y: (event.clientY - box.top - top) / scale });
}

function renderOutline(outline, stage, state) {
  const source = sourceSize(state);
  const face = state.stats?.faces.find(({ id }) => id === state.selected);
  outline.hidden = !source || !face;
  if (outline.hidden) return;
  const { left, top, scale } = pictureArea(stage.getBoundingClientRect(), source);
  const [x1, y1, x2, y2] = widen(face.box, OUTLINE_MARGIN_PX / scale);
  const place = { left: left + x1 * scale, top: top + y1 * scale, width: (x2 - x1) * scale, height: (y2 - y1) * scale };
  for (const [name, value] of Object.entries(place)) outline.style.setProperty(name, `${value}px`);
}

/** A second click, or one beside all faces, takes the selection back. Nothing can be clicked if the page is static. */
export function mountFaceSelection(store, { isStatic = false } = {}) {
  const stage = byId("stage");
  const render = () => renderOutline(byId("selected-face"), stage, store.state);
  store.watch(["stats", "selected"], render);
  new ResizeObserver(render).observe(stage);
  if (isStatic) return;
  stage.addEventListener("click", (event) => {
    const id = faceUnder(stage, event, store.state)?.id ?? null;
    store.set({ selected: id === store.state.selected ? null : id });
  });
  stage.addEventListener("pointermove", (event) =>
    stage.classList.toggle("stage--on-face", faceUnder(stage, event, store.state) !== null),
  );
}
