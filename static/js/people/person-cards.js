/** One card per person in view; selecting a card shows only that person in the expression panel. */
import { byId, element, renderList, setText } from "../lib/dom.js";
import { ageText, count, emotionText, maskText, percent, raceText, sexText } from "../lib/format.js";
import { createStackedBar, renderStackedBar } from "../charts/stacked-bar.js";

/** Number of `--person-` colours in base.css. */
const PERSON_COLOURS = 8;

function create() {
  const text = (name) => element("span", { class: `card__${name}` });
  const body = element("span", { class: "card__body" }, text("emotion"), text("details"));
  const button = element("button", { type: "button", class: "card", "aria-pressed": "false" }, text("id"), body, createStackedBar());
  return element("li", {}, button);
}

function details({ age, sex, race, mask }) {
  const parts = [
    age ? ageText(age.years, age.interval) : null,
    sex ? sexText(sex.label, sex.p_female) : null,
    race ? raceText(race) : null,
    mask ? maskText(mask.label) : null,
  ];
  return parts.filter(Boolean).join(", ");
}

function expression(emotion) {
  if (!emotion) return "";
  const share = emotion.second ? undefined : emotion.probabilities?.[emotion.label];
  return share === undefined ? emotionText(emotion) : `${emotionText(emotion)} ${percent(share)}`;
}

function update(item, person, { selected, status }) {
  const button = item.firstElementChild;
  button.setAttribute("aria-pressed", String(person.id === selected));
  button.classList.toggle("card--gone", person.gone);
  button.style.setProperty("--person", `var(--person-${((person.id - 1) % PERSON_COLOURS) + 1})`);
  setText(button.querySelector(".card__id"), String(person.id));
  setText(button.querySelector(".card__emotion"), expression(person.emotion));
  setText(button.querySelector(".card__details"), details(person));
  renderStackedBar(button.querySelector(".stacked-bar"), status?.models.emotion?.labels ?? [], person.emotion?.probabilities);
}

export function mountPersonCards(store) {
  const list = byId("cards");
  list.addEventListener("click", ({ target }) => {
    const item = target.closest("li");
    if (!item) return;
    const id = Number(item.dataset.key);
    store.set({ selected: store.state.selected === id ? null : id });
  });
  store.watch(["people", "selected"], (state) => {
    const { people } = state;
    renderList(list, people, (person) => person.id, create, (item, person) => update(item, person, state));
    byId("people-empty").hidden = people.length > 0;
    setText(byId("people-count"), people.length ? count(people.length, "in view", "in view") : "");
  });
}
