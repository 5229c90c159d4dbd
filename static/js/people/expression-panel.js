/** Expression panel: the headline attribute of the selected person, or the mean of everyone in view. */
import { liveState } from "../stage/live-state.js";
import { headline } from "../lib/attributes.js";
import { headlineText } from "../lib/attribute-text.js";
import { byId, setText } from "../lib/dom.js";
import { count, percent } from "../lib/format.js";
import { largestKey, meanProbabilities } from "./visible-people.js";
import { renderProbabilityBars } from "../charts/probability-bars.js";

function subject({ people, selected }) {
  const person = people.length === 1 ? people[0] : people.find(({ id }) => id === selected);
  const value = person?.[headline.name];
  if (value) return { note: `Person ${person.id}`, ...value };
  const probabilities = meanProbabilities(people, headline);
  const note = people.length > 1 ? `Mean of ${count(people.length, "person", "people")}` : "";
  return { note, label: largestKey(probabilities), probabilities };
}

function placeholderText(state) {
  if (!liveState(state).live) return "No video";
  if (state.people.some((person) => person[headline.name])) return "Unsure";
  return state.people.length ? `No model of ${headline.title.toLowerCase()}` : "No face in view";
}

export function mountExpressionPanel(store) {
  byId("everyone").addEventListener("click", () => store.set({ selected: null }));
  store.watch(["people", "selected", "status"], (state) => {
    const { note, label, second, probabilities } = subject(state);
    setText(byId("expression-of"), note);
    setText(byId("expression-word"), label ? headlineText(headline, { label, second }) : placeholderText(state));
    setText(byId("expression-share"), label && !second && probabilities?.[label] !== undefined ? percent(probabilities[label]) : "");
    const { classList } = byId("expression-word").parentElement;
    classList.toggle("expression__word--none", !label);
    classList.toggle("expression__word--both", Boolean(second));
    byId("everyone").hidden = state.selected === null || state.people.length < 2;
    renderProbabilityBars(byId("bars"), headline.labels, probabilities, label);
  });
}
