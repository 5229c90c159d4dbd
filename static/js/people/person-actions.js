/**
 * Actions on a person's card, shown while the card is selected. Each is
 * `{ id, label(), isAvailable(person, state), run(person, card) }`: `state` is that of the page's store, and `card` the
 * person's list item, whose element `.person__extra` is for what an action shows.
 */
import { element, renderList, setText } from "../lib/dom.js";

export const personActions = [];

export const createActions = () => element("div", { class: "person__actions", hidden: true });

function createAction(action) {
  const button = element("button", { type: "button", class: "button button--small", "data-action": action.id });
  button.addEventListener("click", () => action.run(button.person, button.closest("li")));
  return button;
}

/** Show what can be done with `person`; nothing unless the card is selected. */
export function renderActions(row, person, state) {
  const isSelected = person.id === state.selected && !person.gone;
  const available = isSelected ? personActions.filter((action) => action.isAvailable(person, state)) : [];
  row.hidden = !available.length;
  renderList(row, available, ({ id }) => id, createAction, (button, action) => {
    button.person = person;
    setText(button, action.label());
  });
}
