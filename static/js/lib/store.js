/** Page state as an EventTarget: setting a key to a new value dispatches an event named after the key. */
export class Store extends EventTarget {
  #state;

  constructor(initial) {
    super();
    this.#state = { ...initial };
  }

  get state() {
    return this.#state;
  }

  set(patch) {
    const changed = Object.keys(patch).filter((key) => !Object.is(patch[key], this.#state[key]));
    this.#state = { ...this.#state, ...patch };
    for (const key of changed) this.dispatchEvent(new Event(key));
  }

  /** Call `render` with the current state, and again whenever one of `keys` changes. */
  watch(keys, render) {
    for (const key of keys) this.addEventListener(key, () => render(this.#state));
    render(this.#state);
  }
}
