/** Toggles for the annotations in this viewer's video; the choice is stored in the browser. */
import { byId } from "../lib/dom.js";
import { servesAttribute } from "../lib/served-attributes.js";
import { saveShownLayers, LAYERS } from "../lib/preferences.js";

/** Shown only if a served model predicts them. */
const OPTIONAL_LAYERS = ["race", "mask"];

/** The server blurs faces for everyone: show the toggle as on and disabled. */
function lockBlurToggle(button) {
  button.setAttribute("aria-pressed", "true");
  button.disabled = true;
  button.title = "This server blurs all faces for every viewer";
}

export function mountToggles(store) {
  const group = byId("toggles");
  group.addEventListener("click", ({ target }) => {
    const pressed = target.closest("[data-show]")?.dataset.show;
    if (!pressed) return;
    const { show } = store.state;
    const next = LAYERS.filter((layer) => (layer === pressed ? !show.includes(layer) : show.includes(layer)));
    saveShownLayers(next);
    store.set({ show: next });
  });
  store.watch(["show", "status"], ({ show, status }) => {
    for (const button of group.children) button.setAttribute("aria-pressed", String(show.includes(button.dataset.show)));
    for (const layer of OPTIONAL_LAYERS) group.querySelector(`[data-show=${layer}]`).hidden = !servesAttribute(status, layer);
    if (status?.privacy.blur) lockBlurToggle(group.querySelector("[data-show=blur]"));
  });
}
