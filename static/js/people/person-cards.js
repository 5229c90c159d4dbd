/** One row per person, those in view first; selecting one shows only that person in the expression panel. */
import { byId, element, renderList, setText } from "../lib/dom.js";
import { headline, servedAttributes } from "../lib/attributes.js";
import { headlineText, valuesText } from "../lib/attribute-text.js";
import { t } from "../lib/i18n.js";
import { percent } from "../lib/format.js";
import { personVariable } from "../lib/colours.js";
import { createStackedBar, renderStackedBar } from "../charts/stacked-bar.js";
import { createActions, renderActions } from "./person-actions.js";
import { inView } from "./visible-people.js";

/** Height of a row of two lines with its gap, in pixels (panels.css). */
const TALL_ROW_PX = 62;
/** Where the list is as high as its rows: people beyond which each gets one line instead of two. */
const MAX_TALL_ROWS = 5;

/** A row is a button, unless the page has no controls. */
const createRow = (isStatic) =>
  isStatic ? element("div", { class: "card" }) : element("button", { type: "button", class: "card", "aria-pressed": "false" });

function create(isStatic) {
  const text = (name) => element("span", { class: `card__${name}` });
  const row = createRow(isStatic);
  row.append(text("id"), element("span", { class: "card__body" }, text("headline"), text("details")), createStackedBar());
  return element("li", { class: "person" }, row, createActions(), element("div", { class: "person__extra" }));
}

/** The attributes that this viewer has switched on, like those in the video. */
const detailsText = (person, show) => valuesText(servedAttributes.filter(({ name }) => name !== headline.name && show.includes(name)), person);

function firstLine(value) {
  if (!value) return "";
  const share = value.second ? undefined : value.probabilities?.[value.label];
  const text = headlineText(headline, value);
  return share === undefined ? text : `${text} ${percent(share)}`;
}

function update(item, person, state) {
  const row = item.firstElementChild;
  const details = detailsText(person, state.show);
  if (row.tagName === "BUTTON") row.setAttribute("aria-pressed", String(person.id === state.selected));
  row.classList.toggle("card--gone", person.gone);
  item.style.setProperty("--person", personVariable(person.id));
  setText(row.querySelector(".card__id"), String(person.id));
  setText(row.querySelector(".card__headline"), firstLine(person[headline.name]));
  setText(row.querySelector(".card__details"), person.gone ? t("people.left") : details);
  row.title = details;
  renderStackedBar(row.querySelector(".stacked-bar"), headline.labels, person[headline.name]?.probabilities);
  renderActions(item.querySelector(".person__actions"), person, state);
}

/** Whether rows of two lines would not fit. */
function mustBeShort(list, number) {
  const isScrollable = getComputedStyle(list).overflowY === "auto";
  return isScrollable ? number * TALL_ROW_PX > list.clientHeight : number > MAX_TALL_ROWS;
}

/** Show that the list goes on below. */
const markMore = (list) => list.classList.toggle("cards--more", list.scrollHeight - list.scrollTop - list.clientHeight > 4);

/** Show the row of the selected person, who may have been selected elsewhere. */
const revealSelected = (list, { selected }) =>
  list.querySelector(`[data-key="${selected}"]`)?.scrollIntoView({ block: "nearest" });

export function mountPersonCards(store, { isStatic = false } = {}) {
  const list = byId("cards");
  list.addEventListener("click", ({ target }) => {
    const row = target.closest("button.card");
    if (!row) return;
    const id = Number(row.parentElement.dataset.key);
    store.set({ selected: store.state.selected === id ? null : id });
  });
  list.addEventListener("scroll", () => markMore(list));
  store.watch(["people", "selected", "show", "status"], (state) => {
    const { people } = state;
    list.classList.toggle("cards--short", mustBeShort(list, people.length));
    renderList(list, people, (person) => person.id, () => create(isStatic), (item, person) => update(item, person, state));
    markMore(list);
    byId("people-empty").hidden = people.length > 0;
    const present = inView(people).length;
    setText(byId("people-count"), people.length ? t("people.in_view", { count: present }) : "");
  });
  store.watch(["selected"], (state) => revealSelected(list, state));
}
