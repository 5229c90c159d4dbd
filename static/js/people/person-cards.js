/** One card per person in view; selecting a card shows only that person in the expression panel. */
import { byId, element, renderList, setText } from "../lib/dom.js";
import { headline, servedAttributes } from "../lib/attributes.js";
import { headlineText, valuesText } from "../lib/attribute-text.js";
import { count, percent } from "../lib/format.js";
import { personVariable } from "../lib/colours.js";
import { createStackedBar, renderStackedBar } from "../charts/stacked-bar.js";

function create() {
  const text = (name) => element("span", { class: `card__${name}` });
  const body = element("span", { class: "card__body" }, text("headline"), text("details"));
  const button = element("button", { type: "button", class: "card", "aria-pressed": "false" }, text("id"), body, createStackedBar());
  return element("li", {}, button);
}

/** The attributes that this viewer has switched on, like those in the video. */
const detailsText = (person, show) => valuesText(servedAttributes.filter(({ name }) => name !== headline.name && show.includes(name)), person);

function firstLine(value) {
  if (!value) return "";
  const share = value.second ? undefined : value.probabilities?.[value.label];
  const text = headlineText(headline, value);
  return share === undefined ? text : `${text} ${percent(share)}`;
}

function update(item, person, { selected, show }) {
  const button = item.firstElementChild;
  button.setAttribute("aria-pressed", String(person.id === selected));
  button.classList.toggle("card--gone", person.gone);
  button.style.setProperty("--person", personVariable(person.id));
  setText(button.querySelector(".card__id"), String(person.id));
  setText(button.querySelector(".card__headline"), firstLine(person[headline.name]));
  setText(button.querySelector(".card__details"), detailsText(person, show));
  renderStackedBar(button.querySelector(".stacked-bar"), headline.labels, person[headline.name]?.probabilities);
}

export function mountPersonCards(store) {
  const list = byId("cards");
  list.addEventListener("click", ({ target }) => {
    const item = target.closest("li");
    if (!item) return;
    const id = Number(item.dataset.key);
    store.set({ selected: store.state.selected === id ? null : id });
  });
  store.watch(["people", "selected", "show"], (state) => {
    const { people } = state;
    renderList(list, people, (person) => person.id, create, (item, person) => update(item, person, state));
    byId("people-empty").hidden = people.length > 0;
    setText(byId("people-count"), people.length ? count(people.length, "in view", "in view") : "");
  });
}
