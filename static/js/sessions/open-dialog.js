/** Show a dialog whose form has the buttons `cancel` and `ok`, until it is closed; resolves to whether it was confirmed. */
export function openDialog(dialog) {
  return new Promise((resolve) => {
    dialog.returnValue = "cancel";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok"), { once: true });
    dialog.querySelector("[value=cancel]").onclick = () => dialog.close("cancel");
    dialog.showModal();
  });
}

/** Resolves when no dialog is open: what gets the focus back from one must not be drawn anew meanwhile. */
export const dialogClosed = () =>
  new Promise((resolve) => {
    const dialog = document.querySelector("dialog[open]");
    if (dialog) dialog.addEventListener("close", resolve, { once: true });
    else resolve();
  });

/** Fill a dialog's fields 1 to 9 with the names of the marker keys, `{"1": "Trailer 1", ...}`. */
export function fillMarkerNames(dialog, names) {
  for (const field of dialog.querySelectorAll(".dialog__key input")) field.value = names[field.name] ?? "";
}

/** The names in these fields, without empty ones. */
export function readMarkerNames(dialog) {
  const fields = [...dialog.querySelectorAll(".dialog__key input")];
  return Object.fromEntries(fields.map((field) => [field.name, field.value.trim()]).filter(([, text]) => text));
}
