/** What each served model is for and how good it is, from its card. */
import { models } from "../lib/api.js";
import { byId, element, setText } from "../lib/dom.js";
import { modelCard } from "../models/model-card.js";

const anchor = ({ folder }) => `model-${folder}`;

function render(cards) {
  byId("models").replaceChildren(...cards.map((card) => modelCard(card, anchor(card))));
  byId("contents").replaceChildren(...cards.map((card) => element("a", { href: `#${anchor(card)}` }, card.title ?? card.folder)));
  byId("contents").hidden = cards.length < 2;
  byId("no-models").hidden = cards.length > 0;
  // What was drawn after the page came is not scrolled to by itself.
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

/** Folded tables are part of what is printed. */
function unfoldForPrint() {
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const one of folded) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of folded) one.open = false;
  });
}

unfoldForPrint();
try {
  render(await models());
} catch (error) {
  setText(byId("failure"), `The models cannot be shown: ${error.message}.`);
  byId("failure").hidden = false;
}
