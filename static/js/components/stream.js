/** Keeps an <img> on a motion-JPEG address: takes it up again after failures, lets go when told. */
import { streamRefusal } from "../api.js";

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;

export class Stream {
  #image;
  #onProblem;
  #url = null;
  #retryMs = FIRST_RETRY_MS;
  #timer = 0;

  /** `onProblem(line or null)` hears why the server refuses, and null once pictures come. */
  constructor(image, onProblem) {
    this.#image = image;
    this.#onProblem = onProblem;
    image.addEventListener("load", () => this.#loaded());
    image.addEventListener("error", () => this.#failed());
  }

  /** Show `url`, or nothing where it is null; the same address is left alone unless `again`. */
  show(url, again = false) {
    if (url === this.#url && !again) return;
    this.#url = url;
    this.#retryMs = FIRST_RETRY_MS;
    this.#attach();
  }

  #attach() {
    clearTimeout(this.#timer);
    // Taking the attribute away first ends the request: browsers keep a stream open otherwise.
    if (this.#url === null || this.#image.getAttribute("src") === this.#url) this.#image.removeAttribute("src");
    if (this.#url !== null) this.#image.src = this.#url;
  }

  #loaded() {
    this.#retryMs = FIRST_RETRY_MS;
    this.#onProblem(null);
  }

  async #failed() {
    const url = this.#url;
    if (url === null) return;
    this.#timer = setTimeout(() => this.#attach(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    const refusal = await streamRefusal(url);
    if (refusal && url === this.#url) this.#onProblem(refusal);
  }
}
