/** Models page: one card per served model. */
import { fetchModels } from "../lib/api.js";
import { byId, element, setText } from "../lib/dom.js";
import { modelCard } from "../models/model-card.js";

const anchor = ({ folder }) => `model-${folder}`;

function render(cards) {
  byId("models").replaceChildren(...cards.map((card) => modelCard(card, anchor(card))));
  byId("contents").replaceChildren(...cards.map((card) => element("a", { href: `#${anchor(card)}` }, card.title ?? card.folder)));
  byId("contents").hidden = cards.length < 2;
  byId("no-models").hidden = cards.length > 0;
  // The browser does not scroll to content that was added after loading.
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

/** Open all <details> for printing and close them afterwards. */
function expandForPrint() {
  let collapsed = [];
  addEventListener("beforeprint", () => {
    collapsed = [...document.querySelectorAll("details:not([open])")];
    for (const details of collapsed) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of collapsed) details.open = false;
  });
}

expandForPrint();
try {
  render(await fetchModels());
} catch (error) {
  setText(byId("failure"), `The models cannot be shown: ${error.message}.`);
  byId("failure").hidden = false;
}
