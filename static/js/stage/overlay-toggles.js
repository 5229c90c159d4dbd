/** Toggles for the annotations in this viewer's video; the choice is stored in the browser. */
import { byId } from "../lib/dom.js";
import { servesAttribute } from "../lib/served-attributes.js";
import { loadShownLayers, saveShownLayers } from "../lib/preferences.js";

const buttons = () => [...byId("toggles").children];
const layersOf = (toggles) => toggles.map((button) => button.dataset.show);
const isPressed = (button) => button.getAttribute("aria-pressed") === "true";

/** Layers to show at first: the stored choice, else the toggles that the server marks as pressed. Call before mounting. */
export const initialLayers = () => loadShownLayers(layersOf(buttons()), layersOf(buttons().filter(isPressed)));

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
    const next = layersOf(buttons()).filter((layer) => (layer === pressed ? !show.includes(layer) : show.includes(layer)));
    saveShownLayers(next);
    store.set({ show: next });
  });
  store.watch(["show", "status"], ({ show, status }) => {
    for (const button of buttons()) {
      button.setAttribute("aria-pressed", String(show.includes(button.dataset.show)));
      if ("optional" in button.dataset) button.hidden = !servesAttribute(status, button.dataset.show);
    }
    if (status?.privacy.blur) lockBlurToggle(group.querySelector("[data-show=blur]"));
  });
}
