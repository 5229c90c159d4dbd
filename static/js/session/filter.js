/** The filter of a session page: which people, which span and which markers all of its figures are of. */

/** Everyone, the whole session without its excluded spans. */
export const EVERYTHING = Object.freeze({ people: [], from: null, to: null, markers: [], excluded: false });

const TIME_DIGITS = 3;

const numbers = (text) => (text ?? "").split(",").map(Number).filter(Number.isFinite).filter((value) => value > 0);

const time = (text) => (text === null || text === "" || !Number.isFinite(Number(text)) ? null : Number(text));

/** The filter as query parameters of the interface; those of `extra` are added. */
export function filterQuery({ people, from, to, markers, excluded }, extra = {}) {
  const query = new URLSearchParams();
  if (people.length) query.set("people", people.join(","));
  if (from !== null) query.set("from", String(Number(from.toFixed(TIME_DIGITS))));
  if (to !== null) query.set("to", String(Number(to.toFixed(TIME_DIGITS))));
  if (markers.length) query.set("markers", markers.join(","));
  if (excluded) query.set("excluded", "1");
  for (const [name, value] of Object.entries(extra)) query.set(name, String(value));
  return query;
}

/** The filter in the fragment of the page's address, so that a link or a reload shows the same figures. */
export function readFilter(fragment) {
  const query = new URLSearchParams(fragment.replace(/^#/, ""));
  return {
    people: numbers(query.get("people")),
    from: time(query.get("from")),
    to: time(query.get("to")),
    markers: numbers(query.get("markers")),
    excluded: query.get("excluded") === "1",
  };
}

export function writeFilter(filter) {
  const query = String(filterQuery(filter));
  history.replaceState(null, "", query ? `#${query}` : location.pathname + location.search);
}

export const isEverything = (filter) => !String(filterQuery(filter));

/** The filter without people and spans that the session no longer has or leaves out, after an edit. */
export function withoutMissing(filter, people, markers) {
  const known = filter.people.filter((id) => people.some((person) => person.id === id));
  const spans = filter.markers.filter((id) => markers.some((marker) => marker.id === id && marker.end_s !== null && !marker.excluded));
  return known.length === filter.people.length && spans.length === filter.markers.length ? filter : { ...filter, people: known, markers: spans };
}

/** `list` with `id` added or removed. */
export const toggled = (list, id) => (list.includes(id) ? list.filter((one) => one !== id) : [...list, id]);
