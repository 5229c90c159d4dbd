/** "Why?" on a person's card: a dialog with the face as the network gets it, and what in it speaks for the label. */
import { fetchExplanation } from "../lib/api.js";
import { headline } from "../lib/attributes.js";
import { personVariable } from "../lib/colours.js";
import { byId, element, renderList, setText } from "../lib/dom.js";
import { toSentence } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { personActions } from "../people/person-actions.js";
import { changeText, labelOf, pointsText, readingText, regionName, regionText } from "./explanation-text.js";
import { drawHeatMap, drawPatch, scaleOf } from "./heat-map.js";

const createRegion = () => element("li", { class: "explanation__region" }, element("span"), element("span"));

function showRegions(regions) {
  renderList(byId("explanation-regions"), Object.entries(regions), ([name]) => name, createRegion, (item, [name, fall]) => {
    setText(item.firstElementChild, regionName(name));
    setText(item.lastElementChild, changeText(fall));
  });
}

function showLegend(falls) {
  const scale = pointsText(scaleOf(falls));
  setText(byId("explanation-against"), t("why.against", { points: scale }));
  setText(byId("explanation-for"), t("why.for", { points: scale }));
}

function show(explanation) {
  setText(byId("explanation-title"), t("why.title", { label: labelOf(explanation) }));
  setText(byId("explanation-reading"), readingText(explanation));
  setText(byId("explanation-most"), regionText(explanation));
  drawPatch(byId("explanation-patch"), explanation);
  drawHeatMap(byId("explanation-map"), explanation);
  byId("explanation-map").setAttribute("aria-label", t("why.map_of", { text: regionText(explanation) }));
  showRegions(explanation.regions);
  showLegend(explanation.falls);
}

/** Empty the dialog, so that nothing of a face outlives it. */
function clear() {
  for (const canvas of document.querySelectorAll("#explanation canvas")) canvas.width = canvas.width; // erases it
  setText(byId("explanation-reading"), "");
  setText(byId("explanation-most"), "");
  showRegions({});
}

function setState(state, text = "") {
  byId("explanation").dataset.state = state;
  byId("explanation").setAttribute("aria-busy", String(state === "asking"));
  setText(byId("explanation-problem"), text);
}

async function ask(person) {
  setState("asking", t("why.asking"));
  try {
    show(await fetchExplanation(person.id));
    setState("answered");
  } catch (error) {
    clear();
    setState("refused", toSentence(error.message));
  }
}

function open(person) {
  const dialog = byId("explanation");
  dialog.style.setProperty("--person", personVariable(person.id));
  setText(byId("explanation-id"), String(person.id));
  setText(byId("explanation-title"), t("why.action"));
  clear();
  byId("explanation-again").onclick = () => ask(person);
  dialog.showModal();
  ask(person);
}

/** Not while faces are hidden: from everyone by the server, or by this viewer. */
const isAvailable = (person, { status, show }) =>
  Boolean(person[headline.name]?.probabilities) && !status?.privacy.blur && !show.includes("blur");

/** Offer "Why?" on cards. */
export function mountExplanation(store) {
  personActions.push({ id: "why", label: () => t("why.action"), isAvailable, run: open });
  const dialog = byId("explanation");
  dialog.addEventListener("close", clear);
  // The server may begin to hide faces, or this viewer may, while the dialog is open.
  store.watch(["status", "show"], ({ status, show }) => {
    if (dialog.open && (status?.privacy.blur || show.includes("blur"))) dialog.close();
  });
}
