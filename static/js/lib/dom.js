/** DOM helpers. Text from the server is set through textContent only, never innerHTML. */
export const byId = (id) => document.getElementById(id);

/** Create an HTML element: `element("p", { class: "note" }, "text", child)`. Null attributes and children are skipped. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** A button that looks like a link; `label` is its name where the text alone does not say what it is about. */
export function linkButton(text, label, action) {
  const button = element("button", { type: "button", class: "link", "aria-label": label }, text);
  button.addEventListener("click", action);
  return button;
}

/** Create an SVG element. */
export function svgElement(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Set text only if it differs, so that a selection survives and no layout is triggered. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Give the focus back to what had it, or to the element in its place; browsers take it from what is moved or removed. */
function restoreFocus(parent, focused, index) {
  if (!focused || document.activeElement === focused) return;
  if (focused.isConnected) focused.focus({ preventScroll: true });
  else parent.children[Math.min(index, parent.children.length - 1)]?.querySelector("a[href], button, input, [tabindex]")?.focus();
}

/** Update `parent`'s children to match `items`; elements whose `key` is still present are reused and keep the focus. */
export function renderList(parent, items, key, create, update) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const focusedIndex = focused ? [...parent.children].findIndex((child) => child.contains(focused)) : -1;
  items.forEach((item, index) => {
    const name = String(key(item));
    const node = known.get(name) ?? create(item);
    known.delete(name);
    node.dataset.key = name;
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
    update(node, item);
  });
  for (const obsolete of known.values()) obsolete.remove();
  restoreFocus(parent, focused, focusedIndex);
}

const controlsIn = (node) => [...node.querySelectorAll("a[href], button, input, select, [tabindex]")];

/** Where in `parent` the focus is: key and number of the child, number of the control in it; null if it is elsewhere. */
function heldFocus(parent, key) {
  const active = document.activeElement;
  const index = active === parent ? -1 : [...parent.children].findIndex((child) => child.contains(active));
  return index < 0 ? null : { index, key: key(parent.children[index]), control: controlsIn(parent.children[index]).indexOf(active) };
}

/**
 * Replace the children of `parent`. If one had the focus, the same control of the child with the same `key(child)` gets it, else
 * of the child in its place, else `fallback`.
 */
export function replaceKeepingFocus(parent, children, { key, fallback }) {
  const held = heldFocus(parent, key);
  parent.replaceChildren(...children);
  if (!held) return;
  const child = children.find((one) => key(one) === held.key) ?? children[Math.min(held.index, children.length - 1)];
  const controls = child ? controlsIn(child) : [];
  (controls[held.control] ?? controls[0] ?? fallback).focus({ preventScroll: true });
}

/** Set `hidden` or `disabled` of a control; if it is taken away and has the focus, `next` gets it. */
export function setAvailable(control, property, isAvailable, next) {
  const isLost = !isAvailable && document.activeElement === control;
  control[property] = !isAvailable;
  if (isLost) next.focus();
}

const DOWNLOAD_KEPT_MS = 10000;

/** Offer something as a download. */
export function saveBlob(blob, name) {
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), DOWNLOAD_KEPT_MS);
}
