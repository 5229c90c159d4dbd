/** Draw an answer anew without taking the focus or the scroll position away from a table of the one before. */

const REGIONS = "[role=region][aria-label]";
const labelOf = (node) => node.getAttribute("aria-label");

/** Run `draw`, which replaces what is in `area`; returns its result. Regions are the same if their names are. */
export function keepPlace(area, draw) {
  const places = new Map([...area.querySelectorAll(REGIONS)].map((node) => [labelOf(node), { left: node.scrollLeft, isFocused: node === document.activeElement }]));
  const result = draw();
  for (const node of area.querySelectorAll(REGIONS)) {
    const place = places.get(labelOf(node));
    if (!place) continue;
    node.scrollLeft = place.left;
    if (place.isFocused && node !== document.activeElement) node.focus({ preventScroll: true });
  }
  return result;
}
