/**
 * Show a motion-JPEG stream in an <img>: reconnects after failures and closes the connection on request.
 * A new URL is loaded in a second <img>, which replaces the first when its first frame arrives, to avoid flicker.
 */
import { fetchStreamError } from "../lib/api.js";

const MIN_RETRY_DELAY_MS = 500;
const MAX_RETRY_DELAY_MS = 8000;

/** Browsers keep the stream open, even of a removed image, until its `src` is removed. */
const closeStream = (image) => image?.removeAttribute("src");

/** A new image with the attributes of `image` except `src`. */
function copyWithoutSource(image) {
  const copy = new Image();
  for (const { name, value } of image.attributes) if (name !== "src") copy.setAttribute(name, value);
  return copy;
}

export class MjpegStream {
  #image;
  #next = null;
  #onProblem;
  #url = null;
  #retryMs = MIN_RETRY_DELAY_MS;
  #timer = 0;

  /** `onProblem(reason)` is called with the server's reason for a refusal, and with null when frames arrive. */
  constructor(image, onProblem) {
    this.#image = image;
    this.#onProblem = onProblem;
  }

  /** Show `url`, or nothing if it is null. An unchanged URL is reopened only if `reopen` is set. */
  show(url, reopen = false) {
    if (url === this.#url && !reopen) return;
    // Browsers may share one connection, even a dead one, between images with the same URL.
    if (url === null || url === this.#url) closeStream(this.#image);
    this.#url = url;
    this.#retryMs = MIN_RETRY_DELAY_MS;
    this.#attach();
  }

  #attach() {
    clearTimeout(this.#timer);
    closeStream(this.#next);
    this.#next = null;
    if (this.#url === null) return;
    const next = copyWithoutSource(this.#image);
    next.addEventListener("load", () => this.#loaded(next));
    next.addEventListener("error", () => this.#failed(next));
    next.src = this.#url;
    this.#next = next;
  }

  #loaded(image) {
    if (image !== this.#next) return;
    this.#image.replaceWith(image);
    closeStream(this.#image);
    this.#image = image;
    this.#next = null;
    this.#retryMs = MIN_RETRY_DELAY_MS;
    this.#onProblem(null);
  }

  async #failed(image) {
    if (image !== this.#next && image !== this.#image) return;
    const url = this.#url;
    if (url === null) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#attach(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_DELAY_MS);
    const refusal = await fetchStreamError(url);
    if (refusal && url === this.#url) this.#onProblem(refusal);
  }
}
