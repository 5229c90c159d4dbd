/** Summary of all networks: what each is for, how often it is right, what it must not be used for and where it fails. */
import { t } from "../lib/i18n.js";
import { element } from "../lib/dom.js";
import { toSentence } from "../lib/format.js";
import { cardText, cardTitle } from "./card-text.js";
import { mainFailures, rankedEvaluations, splitEvaluations } from "./evaluations.js";
import { summaryMetrics } from "./metrics.js";

const MAX_FAILURES = 2;

/** Prohibited uses that every card names. */
export function sharedProhibitions(cards) {
  const [first = [], ...others] = cards.filter(({ error }) => !error).map(({ use }) => use?.not_for ?? []);
  return others.length ? first.filter((use) => others.every((uses) => uses.includes(use))) : [];
}

const list = (texts, fallback) =>
  texts.length ? element("ul", {}, ...texts.map((text) => element("li", {}, toSentence(text)))) : element("p", { class: "quiet" }, fallback);

const figure = ({ words, text }) => element("p", { class: "summary__figure" }, element("strong", {}, text), ` ${words}`);

function figures(found) {
  const [first] = found;
  const metrics = first ? summaryMetrics(first.figures) : [];
  if (!metrics.length) return [element("p", { class: "quiet" }, t("models.summary.no_figure"))];
  return [...metrics.map(figure), element("p", { class: "quiet" }, t("models.summary.measured_on", { name: first.name }))];
}

function row(card, id, shared) {
  const cell = (label, ...content) => element("td", { "data-label": label }, ...content);
  const head = element("th", { scope: "row" }, element("a", { href: `#${id}` }, cardTitle(card)));
  if (card.error) return element("tr", {}, head, element("td", { colspan: 3 }, t("models.summary.broken")));
  const found = rankedEvaluations(card);
  const prohibited = (card.use?.not_for ?? []).filter((use) => !shared.includes(use)).map(cardText);
  const purpose = card.use?.for?.length ? element("p", { class: "quiet" }, toSentence(cardText(card.use.for[0]))) : "";
  head.append(purpose);
  return element(
    "tr",
    {},
    head,
    cell(t("models.summary.figure"), ...figures(found)),
    cell(t("models.summary.not_for"), list(prohibited, shared.length ? t("models.summary.only_shared") : t("models.summary.not_stated"))),
    cell(t("models.summary.fails"), list(mainFailures(splitEvaluations(found).shown).slice(0, MAX_FAILURES), t("models.summary.not_stated"))),
  );
}

/** `anchor(card)` is the id of a card's details. */
export function summaryTable(cards, anchor) {
  const shared = sharedProhibitions(cards);
  const heads = ["network", "figure", "not_for", "fails"].map((name) => element("th", { scope: "col" }, t(`models.summary.${name}`)));
  return element(
    "table",
    { class: "summary" },
    element("caption", { class: "visually-hidden" }, t("models.summary.title")),
    element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, ...cards.map((card) => row(card, anchor(card), shared))),
  );
}
