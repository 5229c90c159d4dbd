/** Where the picture of a lesson comes from: the live picture, or a bundled photograph. */
import { byId } from "../lib/dom.js";
import { t } from "../lib/i18n.js";

// Longer side: faces are large enough for every network, and the server answers at once.
const MAX_SIDE_PX = 480;
const JPEG_QUALITY = 0.9;
// Pause between two live pictures: quick enough to play with, and the frames of the live view go first.
const FOLLOW_PERIOD_MS = 1000;
const LIVE = "live";
// Without marks or labels, and at the size of the frame.
const LIVE_PATH = "/snapshot.jpg?show=";

const pathOf = (source) => (source === LIVE ? LIVE_PATH : `/learn/photos/${source}`);

/** `{url, base64, width, height}` of the picture of a source. */
async function loadPicture(source) {
  const response = await fetch(pathOf(source));
  if (!response.ok) throw new Error(t("learn.no_live"));
  const bitmap = await createImageBitmap(await response.blob());
  const factor = Math.min(1, MAX_SIDE_PX / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * factor);
  canvas.height = Math.round(bitmap.height * factor);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const url = canvas.toDataURL("image/jpeg", JPEG_QUALITY);
  return { url, base64: url.slice(url.indexOf(",") + 1), width: canvas.width, height: canvas.height };
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Show the choice of the source. `onPicture(picture)` gets every picture and resolves when it is answered; `follows` tells
 * whether live pictures follow each other at first.
 */
export function mountPictureSource({ follows, onPicture, onProblem }) {
  const radios = [...document.querySelectorAll("[name=source]")];
  const follow = byId("follow");
  follow.checked = follows;
  let source = null;

  async function take() {
    const asked = source;
    try {
      const picture = await loadPicture(asked);
      if (asked === source) await onPicture(picture);
      return true;
    } catch (error) {
      if (asked === source) onProblem(error.message);
      return false;
    }
  }

  async function choose(chosen) {
    source = chosen;
    for (const radio of radios) radio.checked = radio.value === chosen;
    byId("live-tools").hidden = chosen !== LIVE;
    return take();
  }

  async function followCamera() {
    for (;;) {
      await wait(FOLLOW_PERIOD_MS);
      if (source === LIVE && follow.checked && !document.hidden) await take();
    }
  }

  for (const radio of radios) radio.addEventListener("change", () => choose(radio.value));
  byId("take").addEventListener("click", take);
  choose(LIVE).then((isLive) => {
    // Without a camera, the lesson begins with a photograph.
    if (!isLive && source === LIVE) choose(radios.find(({ value }) => value !== LIVE).value);
  });
  followCamera();
}
