/** The questions asked about sessions; each resolves when its dialog closes. */
import { byId, setText } from "../lib/dom.js";

function ask(dialog) {
  return new Promise((resolve) => {
    dialog.returnValue = "cancel";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok"), { once: true });
    dialog.showModal();
  });
}

/** The new name, or null where the person thought better of it. */
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

/** Enter in the field means the confirming button, though another one comes first. */
function submitOnEnter(dialog, field) {
  field.onkeydown = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    dialog.querySelector("[value=ok]").click();
  };
}

function askAbout(dialog, what) {
  setText(dialog.querySelector(".dialog__name"), what);
  return ask(dialog);
}

export const askDelete = (name) => askAbout(byId("delete-dialog"), name);

export const askDeleteAll = (howMany) => askAbout(byId("delete-all-dialog"), howMany);
