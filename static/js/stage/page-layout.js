/** Parts of the layout that depend on the shape of the picture. */
import { byId } from "../lib/dom.js";

// What must be free below the picture for the session panel to move there, in pixels: its height with a gap.
const SESSION_HEIGHT_PX = 170;
// Header, gaps and toolbar above and below the picture, in pixels (--chrome in live.css).
const CHROME_HEIGHT_PX = 114;
const SIDE_MIN_PX = 340;
const GAPS_PX = 72;

/** Height of a picture that is as wide as the space beside the side column. */
const fullHeight = (aspect) => (innerWidth - GAPS_PX - SIDE_MIN_PX) / aspect;

function setShape({ stats, status }) {
  const { width, height } = stats ?? status?.camera ?? {};
  const root = document.documentElement;
  if (width && height) root.style.setProperty("--aspect", String(width / height));
  const aspect = Number(getComputedStyle(root).getPropertyValue("--aspect"));
  const isFree = innerHeight - CHROME_HEIGHT_PX - fullHeight(aspect) > SESSION_HEIGHT_PX;
  byId("workspace").classList.toggle("workspace--session-below", isFree);
}

/** Give the stage the picture's shape, move the session panel below it where there is room, and align the toolbar with it. */
export function mountPageLayout(store) {
  store.watch(["stats", "status"], setShape);
  addEventListener("resize", () => setShape(store.state));
  new ResizeObserver(([{ contentRect }]) => {
    if (!document.fullscreenElement) byId("live").style.setProperty("--stage-width", `${contentRect.width}px`);
  }).observe(byId("stage"));
}
