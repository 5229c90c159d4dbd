/** Toggles for the annotations in this viewer's video; the choice is stored in the browser. */
import { byId, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { loadShownLayers, saveShownLayers } from "../lib/preferences.js";

const buttons = (group = byId("toggles")) => [...group.querySelectorAll("[data-show]")];
const layersOf = (toggles) => toggles.map((button) => button.dataset.show);
const isPressed = (button) => button.getAttribute("aria-pressed") === "true";

/** The number of toggles that are on, as a text; empty for none. */
const tally = (group) => String(buttons(group).filter(isPressed).length || "");

/** Layers to show at first: the stored choice, else the toggles that the server marks as pressed. Call before mounting. */
export const initialLayers = () => loadShownLayers(layersOf(buttons()), layersOf(buttons().filter(isPressed)));

/** The server blurs faces for everyone: show the toggle as on and disabled. */
function lockBlurToggle(button) {
  button.setAttribute("aria-pressed", "true");
  button.disabled = true;
  button.title = t("live.blur_locked");
}

export function mountToggles(store) {
  const group = byId("toggles");
  const menu = byId("more");
  group.addEventListener("click", ({ target }) => {
    const pressed = target.closest("[data-show]")?.dataset.show;
    if (!pressed) return;
    const { show } = store.state;
    const next = layersOf(buttons()).filter((layer) => (layer === pressed ? !show.includes(layer) : show.includes(layer)));
    saveShownLayers(next);
    store.set({ show: next });
  });
  store.watch(["show", "status"], ({ show, status }) => {
    for (const button of buttons()) button.setAttribute("aria-pressed", String(show.includes(button.dataset.show)));
    setText(byId("annotations-count"), tally(group));
    if (menu) setText(byId("more-count"), tally(menu));
    if (status?.privacy.blur) lockBlurToggle(group.querySelector("[data-show=blur]"));
  });
}
