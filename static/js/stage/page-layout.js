/** Parts of the layout that depend on the shape of the picture and of the window. */
import { byId } from "../lib/dom.js";

// Sizes of live.css in pixels: header, gaps and toolbar above and below the picture; gaps beside it; the side column.
const CHROME_HEIGHT_PX = 114;
const POSITION_HEIGHT_PX = 30;
const GAPS_WIDTH_PX = 72;
const COLUMN_GAP_PX = 24;
const SIDE_MIN_PX = 340;
const SIDE_MAX_PX = 400;
// What must be free below the picture for the session panel to move there: its height with a gap.
const SESSION_HEIGHT_PX = 170;
// What may be free beside the picture before it moves to the middle of its column.
const MAX_UNEVEN_PX = 64;

/** The picture's width through its height. Of a folder the widest picture so far, so that the page does not jump. */
class PictureShape {
  #source = null;
  #aspect = null;

  update({ stats, status }) {
    const { width, height } = stats ?? status?.camera ?? {};
    const { source = null, kind } = status?.camera ?? {};
    const isSame = kind === "folder" && source === this.#source;
    this.#source = source;
    if (width && height) this.#aspect = isSame ? Math.max(this.#aspect, width / height) : width / height;
    return this.#aspect;
  }
}

/** Classes of the workspace for a picture of this shape in a window of `width` and `height`; `zoom` is that of the panels. */
export function layoutClasses(aspect, width, height, zoom) {
  const besideFullHeight = width - GAPS_WIDTH_PX - (height - CHROME_HEIGHT_PX) * aspect;
  const belowFullWidth = height - CHROME_HEIGHT_PX - (width - GAPS_WIDTH_PX - SIDE_MIN_PX * zoom) / aspect;
  const hasTwoSides = besideFullHeight >= 2 * SIDE_MIN_PX * zoom + COLUMN_GAP_PX;
  return {
    "workspace--session-below": belowFullWidth > SESSION_HEIGHT_PX * zoom,
    "workspace--two-sides": hasTwoSides,
    "workspace--centred": !hasTwoSides && besideFullHeight - SIDE_MAX_PX * zoom > MAX_UNEVEN_PX * zoom,
  };
}

/** Give the stage the picture's shape, arrange the panels around it, and make the toolbar as wide as it is. */
export function mountPageLayout(store) {
  const shape = new PictureShape();
  const arrange = () => {
    const aspect = shape.update(store.state);
    if (!aspect) return;
    const root = document.documentElement;
    root.style.setProperty("--aspect", String(aspect));
    const zoom = Number(getComputedStyle(root).getPropertyValue("--zoom"));
    const height = innerHeight - (byId("position").hidden ? 0 : POSITION_HEIGHT_PX);
    const classes = Object.entries(layoutClasses(aspect, innerWidth, height, zoom));
    for (const [name, isSet] of classes) byId("workspace").classList.toggle(name, isSet);
  };
  store.watch(["stats", "status"], arrange);
  addEventListener("resize", arrange);
  new ResizeObserver(([{ contentRect }]) => {
    if (!document.fullscreenElement) byId("live").style.setProperty("--stage-width", `${contentRect.width}px`);
  }).observe(byId("stage"));
}
