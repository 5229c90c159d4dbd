/** What the page knows, as an EventTarget: one event a changed key, named after it. */
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

  /** Call `render` with the state now and whenever one of `keys` changes. */
  watch(keys, render) {
    for (const key of keys) this.addEventListener(key, () => render(this.#state));
    render(this.#state);
  }
}
