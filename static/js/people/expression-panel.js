/** Expression panel: of the selected person, or the mean of everyone in view. */
import { liveState } from "../stage/live-state.js";
import { byId, setText } from "../lib/dom.js";
import { count, emotionText, percent } from "../lib/format.js";
import { largestKey, meanEmotion } from "./visible-people.js";
import { renderProbabilityBars } from "../charts/probability-bars.js";

function subject({ people, selected }, labels) {
  const person = people.length === 1 ? people[0] : people.find(({ id }) => id === selected);
  if (person?.emotion) {
    return { note: `Person ${person.id}`, ...person.emotion };
  }
  const probabilities = meanEmotion(people, labels);
  const note = people.length > 1 ? `Mean of ${count(people.length, "person", "people")}` : "";
  return { note, label: largestKey(probabilities), probabilities };
}

function placeholderText(state) {
  if (!liveState(state).live) return "No video";
  if (state.people.some((person) => person.emotion)) return "Unsure";
  return state.people.length ? "No emotion model" : "No face in view";
}

export function mountExpressionPanel(store) {
  byId("everyone").addEventListener("click", () => store.set({ selected: null }));
  store.watch(["people", "selected", "status"], (state) => {
    const labels = state.status?.models.emotion?.labels ?? [];
    const { note, label, second, probabilities } = subject(state, labels);
    setText(byId("expression-of"), note);
    setText(byId("expression-word"), label ? emotionText({ label, second }) : placeholderText(state));
    setText(byId("expression-share"), label && !second && probabilities?.[label] !== undefined ? percent(probabilities[label]) : "");
    const { classList } = byId("expression-word").parentElement;
    classList.toggle("expression__word--none", !label);
    classList.toggle("expression__word--both", Boolean(second));
    byId("everyone").hidden = state.selected === null || state.people.length < 2;
    renderProbabilityBars(byId("bars"), labels, probabilities, label);
  });
}
