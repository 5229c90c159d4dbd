/** Page-wide keyboard shortcuts. */
const CONTROLS = "a, button, input, select, textarea, summary, dialog";

/** `actions` maps a key to a function; keys are ignored while a control has focus or a modifier is pressed. */
export function mountKeyboardShortcuts(actions) {
  document.addEventListener("keydown", (event) => {
    const action = actions[event.key];
    const busy = event.target.closest?.(CONTROLS) || event.ctrlKey || event.altKey || event.metaKey || event.repeat;
    if (!action || busy) return;
    event.preventDefault();
    action();
  });
  // A clicked button loses focus so that the shortcuts keep working; one activated by keyboard (detail 0) keeps it.
  document.addEventListener("click", ({ detail, target }) => {
    if (detail) target.closest?.("button")?.blur();
  });
}
