/** What is drawn into this viewer's picture; acts at once and is remembered here. */
import { byId } from "../lib/dom.js";
import { serves } from "../lib/served-attributes.js";
import { saveShow, WORDS } from "../lib/preferences.js";

/** Only where a served model tells them. */
const OPTIONAL = ["race", "mask"];

/** The server hides faces from everyone: shown as on, and not to be switched. */
function lockBlur(button) {
  button.setAttribute("aria-pressed", "true");
  button.disabled = true;
  button.title = "This server hides every face from every viewer";
}

export function mountToggles(store) {
  const group = byId("toggles");
  group.addEventListener("click", ({ target }) => {
    const pressed = target.closest("[data-show]")?.dataset.show;
    if (!pressed) return;
    const { show } = store.state;
    const next = WORDS.filter((word) => (word === pressed ? !show.includes(word) : show.includes(word)));
    saveShow(next);
    store.set({ show: next });
  });
  store.watch(["show", "status"], ({ show, status }) => {
    for (const button of group.children) button.setAttribute("aria-pressed", String(show.includes(button.dataset.show)));
    for (const word of OPTIONAL) group.querySelector(`[data-show=${word}]`).hidden = !serves(status, word);
    if (status?.privacy.blur) lockBlur(group.querySelector("[data-show=blur]"));
  });
}
