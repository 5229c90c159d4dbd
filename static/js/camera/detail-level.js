/** How large and how well compressed frames are: less on a slow link, so that many small ones arrive instead of few large ones. */
const LEVELS = [
  { longerSide: 1280, quality: 0.8 },
  { longerSide: 960, quality: 0.75 },
  { longerSide: 640, quality: 0.7 },
  { longerSide: 480, quality: 0.6 },
];
/** Time between sending a frame and its answer that calls for a lower level: after some frames, or at once. */
const SLOW_MS = 200;
const VERY_SLOW_MS = 800;
const SLOW_FRAMES = 4;
/** Frames in a row that must be fast before a higher level is tried. */
const FAST_MS = 80;
const FAST_FRAMES = 60;
/** A level that was too slow is tried again after this; each time it fails, after twice as long. */
const FIRST_HOLD_MS = 15000;

export class DetailLevel {
  #index = 0;
  #slow = 0;
  #fast = 0;
  #holdMs = FIRST_HOLD_MS;
  #heldUntilMs = 0;

  get current() {
    return LEVELS[this.#index];
  }

  /** Take the time that one frame took, at the time `nowMs`. */
  add(elapsedMs, nowMs) {
    this.#slow = elapsedMs > SLOW_MS ? this.#slow + 1 : 0;
    this.#fast = elapsedMs < FAST_MS ? this.#fast + 1 : 0;
    if (elapsedMs > VERY_SLOW_MS || this.#slow >= SLOW_FRAMES) this.#lower(nowMs);
    else if (this.#fast >= FAST_FRAMES && nowMs >= this.#heldUntilMs) this.#set(this.#index - 1);
  }

  #lower(nowMs) {
    if (this.#index === LEVELS.length - 1) return;
    this.#heldUntilMs = nowMs + this.#holdMs;
    this.#holdMs *= 2;
    this.#set(this.#index + 1);
  }

  #set(index) {
    this.#index = Math.max(0, index);
    this.#slow = this.#fast = 0;
  }
}
