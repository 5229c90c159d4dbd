/** Model card: all sections for which the card has data, folded. */
import { t } from "../lib/i18n.js";
import { element } from "../lib/dom.js";
import { attributeTitle } from "../lib/attributes.js";
import { decimal, fixed, toSentence } from "../lib/format.js";
import { attributeCharts } from "./attribute-charts.js";
import { cardText, cardTitle } from "./card-text.js";
import { failuresOf, rankedEvaluations, splitEvaluations } from "./evaluations.js";
import { allMetrics, headlineMetrics, summarySentence } from "./metrics.js";
import { robustnessTable } from "./robustness-table.js";
import { disclosure, section } from "./sections.js";

const list = (texts, kind) =>
  texts?.length ? element("ul", { class: kind }, ...texts.map((text) => element("li", {}, toSentence(cardText(text))))) : null;

function facts(named) {
  const known = named.filter(([, value]) => value);
  return known.length
    ? element("dl", { class: "facts" }, ...known.map(([term, value]) => element("div", {}, element("dt", {}, term), element("dd", {}, value))))
    : null;
}

const bigFigure = ({ words, text, interval }) =>
  element("div", {}, element("dt", {}, words), element("dd", {}, text, interval && element("span", { class: "interval" }, interval)));

const headRow = (...titles) => element("thead", {}, element("tr", {}, ...titles.map((title) => element("th", { scope: "col" }, title))));

function metricTable(figures) {
  const rows = allMetrics(figures).map(([words, text]) => element("tr", {}, element("th", { scope: "row" }, words), element("td", {}, text)));
  return element("table", { class: "plain" }, headRow(t("models.metric"), t("models.value")), element("tbody", {}, ...rows));
}

function evaluationSection({ name, figures }, model) {
  return element(
    "section",
    { class: "scoring" },
    element("h5", {}, name, figures.n ? element("span", { class: "quiet" }, ` ${t("models.images", { count: figures.n })}`) : null),
    figures.note ? element("p", { class: "note" }, toSentence(cardText(figures.note))) : null,
    robustnessTable(figures, t("models.robustness.of", { model, name })) ?? element("dl", { class: "figures" }, ...headlineMetrics(figures).map(bigFigure)),
    figures.about ? disclosure(t("models.how_measured"), element("p", {}, toSentence(cardText(figures.about)))) : null,
    disclosure(t("models.all_metrics"), metricTable(figures)),
    figures.command ? element("p", { class: "reproduce" }, `${t("models.reproduce")} `, element("code", { class: "command" }, figures.command)) : null,
  );
}

function results(found, model) {
  const { shown, aside } = splitEvaluations(found);
  const folded = aside.map((one) => disclosure(t("models.also_on", { name: one.name }), evaluationSection(one, model)));
  return section(t("models.results"), ...shown.map((one) => evaluationSection(one, model)), ...folded);
}

const byteText = (bytes) =>
  bytes < 1e6 ? t("models.kilobytes", { value: fixed(bytes / 1e3, 0) }) : t("models.megabytes", { value: fixed(bytes / 1e6, 1) });

function files({ files: hashes, sizes }, model) {
  if (!Object.keys(hashes ?? {}).length) return null;
  const row = ([name, hash]) =>
    element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, sizes?.[name] == null ? "" : byteText(sizes[name])), element("td", {}, element("code", {}, hash)));
  return element(
    "div",
    { class: "scrolls", tabindex: "0", role: "region", "aria-label": t("models.files_of", { model }) },
    element("table", { class: "plain files" }, headRow(t("models.file"), t("models.size"), t("models.hash")), element("tbody", {}, ...Object.entries(hashes).map(row))),
  );
}

function inputText({ patch, input }) {
  if (patch) return patch.colour === "gray" ? t("models.crop_gray", { size: patch.size }) : t("models.crop_colour", { size: patch.size });
  return input?.longest ? t("models.whole_image", { size: input.longest }) : null;
}

const outputText = ({ heads }) => heads?.map(({ attribute }) => attributeTitle(attribute).toLowerCase()).join(", ");

const uses = ({ use }) =>
  use?.for?.length || use?.not_for?.length
    ? element("div", { class: "uses" }, section(t("models.use_for"), list(use.for, "use")), section(t("models.not_for"), list(use.not_for, "use use--not")))
    : null;

function trainingData({ data }) {
  const paragraph = (text) => element("p", {}, toSentence(text));
  return section(
    t("models.training_data"),
    facts([[t("models.data_sets"), data?.sets?.join(", ")]]),
    data?.splits && paragraph(cardText(data.splits).replaceAll("`", "")),
    data?.terms && paragraph(t("models.terms", { terms: cardText(data.terms) })),
  );
}

function sections(card, title) {
  if (card.error) return [element("p", { class: "note" }, toSentence(card.error))];
  const found = rankedEvaluations(card);
  return [
    found.length ? element("p", { class: "short" }, summarySentence(found[0].figures)) : null,
    facts([
      [t("models.predicts"), outputText(card)],
      [t("models.input"), inputText(card)],
      [t("models.parameters"), card.parameters && decimal(card.parameters)],
      [t("models.weights"), card.format],
      [t("models.recipe"), card.recipe],
    ]),
    uses(card),
    results(found, title),
    section(t("models.known_failures"), list(failuresOf(splitEvaluations(found).shown), "failures")),
    ...attributeCharts(card, found, title),
    trainingData(card),
    section(t("models.files"), files(card, title)),
  ];
}

/** `id` is the anchor of the card. */
export function modelCard(card, id) {
  const title = cardTitle(card);
  return element(
    "details",
    { class: "model", id },
    element("summary", {}, element("h3", { class: "model__title" }, title)),
    ...sections(card, title),
  );
}
