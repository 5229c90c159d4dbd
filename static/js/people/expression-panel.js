/** The expression panel: of the chosen person, or the mean of everybody in view. */
import { describe } from "../stage/live-state.js";
import { byId, setText } from "../lib/dom.js";
import { count, emotionText, percent } from "../lib/format.js";
import { greatest, meanEmotion } from "./visible-people.js";
import { renderBars } from "../charts/probability-bars.js";

function subject({ people, selected }, labels) {
  const chosen = people.length === 1 ? people[0] : people.find((person) => person.id === selected);
  if (chosen?.emotion) {
    return { note: `Person ${chosen.id}`, ...chosen.emotion };
  }
  const probabilities = meanEmotion(people, labels);
  const note = people.length > 1 ? `Mean of ${count(people.length, "person", "people")}` : "";
  return { note, label: greatest(probabilities), probabilities };
}

function nobody(state) {
  if (!describe(state).live) return "No picture";
  if (state.people.some((person) => person.emotion)) return "Unsure";
  return state.people.length ? "No emotion model" : "No face in view";
}

export function mountExpression(store) {
  byId("everyone").addEventListener("click", () => store.set({ selected: null }));
  store.watch(["people", "selected", "status"], (state) => {
    const labels = state.status?.models.emotion?.labels ?? [];
    const { note, label, second, probabilities } = subject(state, labels);
    setText(byId("expression-of"), note);
    setText(byId("expression-word"), label ? emotionText({ label, second }) : nobody(state));
    setText(byId("expression-share"), label && !second && probabilities?.[label] !== undefined ? percent(probabilities[label]) : "");
    const { classList } = byId("expression-word").parentElement;
    classList.toggle("expression__word--none", !label);
    classList.toggle("expression__word--both", Boolean(second));
    byId("everyone").hidden = state.selected === null || state.people.length < 2;
    renderBars(byId("bars"), labels, probabilities, label);
  });
}
