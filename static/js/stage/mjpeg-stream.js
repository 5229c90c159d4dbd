/**
 * Keeps an <img> on a motion-JPEG address: takes it up again after failures, lets go when told.
 * A new address is loaded beside the old one and takes its place with its first picture, so that nothing blinks.
 */
import { streamRefusal } from "../lib/api.js";

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;

/** Browsers keep a stream open, even of an image that is gone, until its address is taken away. */
const release = (image) => image?.removeAttribute("src");

/** An image like `image`, without its address. */
function sibling(image) {
  const twin = new Image();
  for (const { name, value } of image.attributes) if (name !== "src") twin.setAttribute(name, value);
  return twin;
}

export class Stream {
  #image;
  #next = null;
  #onProblem;
  #url = null;
  #retryMs = FIRST_RETRY_MS;
  #timer = 0;

  /** `onProblem(line or null)` hears why the server refuses, and null once pictures come. */
  constructor(image, onProblem) {
    this.#image = image;
    this.#onProblem = onProblem;
  }

  /** Show `url`, or nothing where it is null; the same address is left alone unless `again`. */
  show(url, again = false) {
    if (url === this.#url && !again) return;
    // A browser may lend a second image the stream that the first one holds, dead or not.
    if (url === null || url === this.#url) release(this.#image);
    this.#url = url;
    this.#retryMs = FIRST_RETRY_MS;
    this.#attach();
  }

  #attach() {
    clearTimeout(this.#timer);
    release(this.#next);
    this.#next = null;
    if (this.#url === null) return;
    const next = sibling(this.#image);
    next.addEventListener("load", () => this.#loaded(next));
    next.addEventListener("error", () => this.#failed(next));
    next.src = this.#url;
    this.#next = next;
  }

  #loaded(image) {
    if (image !== this.#next) return;
    this.#image.replaceWith(image);
    release(this.#image);
    this.#image = image;
    this.#next = null;
    this.#retryMs = FIRST_RETRY_MS;
    this.#onProblem(null);
  }

  async #failed(image) {
    if (image !== this.#next && image !== this.#image) return;
    const url = this.#url;
    if (url === null) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#attach(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    const refusal = await streamRefusal(url);
    if (refusal && url === this.#url) this.#onProblem(refusal);
  }
}
