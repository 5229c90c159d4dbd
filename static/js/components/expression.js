/** The expression panel: of the chosen person, or the mean of everybody in view. */
import { describe } from "../condition.js";
import { byId, setText } from "../dom.js";
import { count, percent, word } from "../format.js";
import { greatest, meanEmotion } from "../people.js";
import { renderBars } from "./bars.js";

function subject({ people, selected }, labels) {
  const chosen = people.find((person) => person.id === selected);
  if (chosen?.emotion) {
    return { note: `Person ${chosen.id}`, label: chosen.emotion.label, values: chosen.emotion.probabilities };
  }
  const values = meanEmotion(people, labels);
  const one = people.length === 1 ? `Person ${people[0].id}` : "";
  const note = people.length > 1 ? `Mean of ${count(people.length, "person", "people")}` : one;
  return { note, label: greatest(values), values };
}

function nobody(state) {
  if (!describe(state).live) return "No picture";
  return state.people.length ? "No emotion model" : "No face in view";
}

export function mountExpression(store) {
  byId("everyone").addEventListener("click", () => store.set({ selected: null }));
  store.watch(["people", "selected", "status"], (state) => {
    const labels = state.status?.models.emotion?.labels ?? [];
    const { note, label, values } = subject(state, labels);
    setText(byId("expression-of"), note);
    setText(byId("expression-word"), label ? word(label) : nobody(state));
    setText(byId("expression-share"), label && values[label] !== undefined ? percent(values[label]) : "");
    byId("expression-word").parentElement.classList.toggle("expression__word--none", !label);
    byId("everyone").hidden = state.selected === null || state.people.length < 2;
    renderBars(byId("bars"), labels, values, label);
  });
}
