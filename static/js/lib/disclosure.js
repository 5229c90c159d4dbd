/**
 * Buttons that show and hide a panel. A root element with `data-disclosure` holds a button with `data-discloses` and its
 * panel, and has `data-open` while the panel is shown. It closes with Escape, a click elsewhere, or when the focus leaves.
 */
const ROOT = "[data-disclosure]";

function setOpen(root, isOpen) {
  root.toggleAttribute("data-open", isOpen);
  root.querySelector("[data-discloses]").setAttribute("aria-expanded", String(isOpen));
}

/** Close every open panel that does not contain `node`. */
function closeOthers(node) {
  for (const root of document.querySelectorAll(`${ROOT}[data-open]`)) if (!root.contains(node)) setOpen(root, false);
}

/** With Escape. A button that was clicked may have lost the focus since (`keyboard-shortcuts.js`). */
function closeInnermost({ key }) {
  const root = key === "Escape" && [...document.querySelectorAll(`${ROOT}[data-open]`)].at(-1);
  if (!root) return;
  setOpen(root, false);
  root.querySelector("[data-discloses]").focus();
}

/** Make all disclosures of the page work, those that are added later too. */
export function mountDisclosures() {
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-discloses]");
    closeOthers(target);
    const root = button?.closest(ROOT);
    if (root) setOpen(root, !root.hasAttribute("data-open"));
  });
  document.addEventListener("keydown", closeInnermost);
  document.addEventListener("focusin", ({ target }) => closeOthers(target));
}
