/** Keys for the whole page: space saves the picture, f shows the stage alone. */
const CONTROLS = "a, button, input, select, textarea, summary, dialog";

/** `keys` maps a key to its action; nothing happens while a control has the focus or a modifier is down. */
export function mountKeyboard(keys) {
  document.addEventListener("keydown", (event) => {
    const action = keys[event.key];
    const busy = event.target.closest?.(CONTROLS) || event.ctrlKey || event.altKey || event.metaKey || event.repeat;
    if (!action || busy) return;
    event.preventDefault();
    action();
  });
  // A button that was clicked gives the focus up, so that these keys go on working; one pressed by a key keeps it.
  document.addEventListener("click", ({ detail, target }) => {
    if (detail) target.closest?.("button")?.blur();
  });
}
