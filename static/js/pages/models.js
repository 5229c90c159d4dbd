/** Models page: a summary of the served models, and a folded card for each. */
import { fetchModels } from "../lib/api.js";
import { t } from "../lib/i18n.js";
import { byId, setText } from "../lib/dom.js";
import { cardText } from "../models/card-text.js";
import { modelCard } from "../models/model-card.js";
import { sharedProhibitions, summaryTable } from "../models/summary-table.js";

const anchor = ({ folder }) => `model-${folder}`;

/** Unfold the card that the address names. The browser does not scroll to content that was added after loading. */
function openTarget() {
  const card = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!card) return;
  card.open = true;
  card.scrollIntoView();
  card.querySelector("summary").focus({ preventScroll: true });
}

function render(cards) {
  const [use] = sharedProhibitions(cards);
  setText(byId("never"), use ? t("models.never", { use: cardText(use) }) : "");
  byId("summary").replaceChildren(...(cards.length ? [summaryTable(cards, anchor)] : []));
  byId("models").replaceChildren(...cards.map((card) => modelCard(card, anchor(card))));
  byId("cards").hidden = !cards.length;
  byId("no-models").hidden = cards.length > 0;
  openTarget();
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
addEventListener("hashchange", openTarget);
try {
  render(await fetchModels());
} catch (error) {
  setText(byId("failure"), t("models.failed", { reason: error.message }));
  byId("failure").hidden = false;
}
