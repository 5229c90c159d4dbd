/** Show the video full screen. */
import { attempt } from "../lib/messages.js";
import { byId } from "../lib/dom.js";

export function mountFullscreen() {
  const toggle = () =>
    attempt(() => (document.fullscreenElement ? document.exitFullscreen() : byId("stage").requestFullscreen()));
  byId("fullscreen").addEventListener("click", toggle);
  byId("stage").addEventListener("dblclick", toggle);
  return toggle;
}
