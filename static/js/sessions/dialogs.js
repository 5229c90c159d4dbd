/** Rename and delete dialogs; each function resolves when its dialog is closed. */
import { byId, setText } from "../lib/dom.js";

function ask(dialog) {
  return new Promise((resolve) => {
    dialog.returnValue = "cancel";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok"), { once: true });
    dialog.showModal();
  });
}

/** The new name, or null if the dialog was cancelled or the name is unchanged. */
export async function askName(current) {
  const dialog = byId("rename-dialog");
  const field = dialog.querySelector("input");
  field.value = current;
  submitOnEnter(dialog, field);
  const asked = ask(dialog);
  field.select();
  const name = (await asked) ? field.value.trim() : "";
  return name && name !== current ? name : null;
}

/** Make Enter press the confirm button; the browser would press the first button, which is Cancel. */
function submitOnEnter(dialog, field) {
  field.onkeydown = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    dialog.querySelector("[value=ok]").click();
  };
}

function confirmNamed(dialog, what) {
  setText(dialog.querySelector(".dialog__name"), what);
  return ask(dialog);
}

export const confirmDelete = (name) => confirmNamed(byId("delete-dialog"), name);

export const confirmDeleteAll = (howMany) => confirmNamed(byId("delete-all-dialog"), howMany);
