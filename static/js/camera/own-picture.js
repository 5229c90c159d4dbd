/** The annotated picture of this device, how many of them arrive, and how old they are when they are shown. */
import { t } from "../lib/i18n.js";
import { byId, setText } from "../lib/dom.js";

const WINDOW_MS = 2000;

export class OwnPicture {
  #canvas = byId("picture");
  #figures = byId("figures");
  #shown = [];
  #isDrawing = false;
  #hides = 0;

  /** Draw a JPEG Blob of the frame that was captured at `capturedMs`; left out while the last one is being drawn. */
  async show(picture, capturedMs) {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    const hides = this.#hides;
    const image = await createImageBitmap(picture).finally(() => (this.#isDrawing = false));
    if (hides !== this.#hides) return;
    const canvas = this.#canvas;
    if (canvas.width !== image.width || canvas.height !== image.height) Object.assign(canvas, { width: image.width, height: image.height });
    canvas.getContext("2d", { alpha: false }).drawImage(image, 0, 0);
    image.close();
    canvas.hidden = false;
    byId("own").classList.add("own--live");
    this.#count(performance.now(), capturedMs);
  }

  hide() {
    this.#hides += 1;
    this.#shown = [];
    this.#canvas.hidden = true;
    byId("own").classList.remove("own--live");
    setText(this.#figures, "");
  }

  #count(nowMs, capturedMs) {
    this.#shown = [...this.#shown.filter((one) => one.nowMs > nowMs - WINDOW_MS), { nowMs, delayMs: nowMs - capturedMs }];
    const delay = Math.round(this.#shown.reduce((sum, one) => sum + one.delayMs, 0) / this.#shown.length);
    const fps = Math.round((1000 * this.#shown.length) / WINDOW_MS);
    this.#figures.dataset.delayMs = Math.round(nowMs - capturedMs);
    setText(this.#figures, t("camera.figures", { fps, delay }));
  }
}
