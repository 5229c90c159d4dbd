/** Model card: all sections for which the card has data. */
import { element } from "../lib/dom.js";
import { attributeTitle } from "../lib/attributes.js";
import { allMetrics, metricText, headlineMetrics, summarySentence } from "./metrics.js";
import { toSentence, capitalise } from "../lib/format.js";
import { reliabilityDiagram } from "./reliability-diagram.js";
import { robustnessTable } from "./robustness-table.js";
import { confusionMatrix } from "./confusion-matrix.js";
import { subgroupCharts } from "./subgroup-charts.js";
import { MIN_GROUP_FACES } from "./subgroups.js";
import { meterTable } from "./meter-table.js";

/** Section with a heading; null if it has no content. */
function section(title, ...children) {
  const content = children.filter(Boolean);
  return content.length ? element("section", { class: "part" }, element("h3", {}, title), ...content) : null;
}

const list = (texts, kind) => (texts?.length ? element("ul", { class: kind }, ...texts.map((text) => element("li", {}, toSentence(text)))) : null);

function facts(named) {
  const known = named.filter(([, value]) => value);
  return known.length
    ? element("dl", { class: "facts" }, ...known.map(([term, value]) => element("div", {}, element("dt", {}, term), element("dd", {}, value))))
    : null;
}

const disclosure = (summary, ...content) => element("details", {}, element("summary", {}, summary), ...content);

const code = (text) => element("code", { class: "command" }, text);

/** Evaluations: those on held-out splits first (a `note` marks the split used for model selection), then those with charts, then by size. */
function rankedEvaluations(card) {
  const found = Object.entries(card.figures ?? {}).map(([name, figures]) => ({ name, figures }));
  const rank = ({ figures }) => (figures.note ? 2 : 0) + (figures.attributes ? 0 : 1);
  return found.sort((one, other) => rank(one) - rank(other) || (other.figures.n ?? 0) - (one.figures.n ?? 0));
}

const bigFigure = ({ words, text, interval }) =>
  element("div", {}, element("dt", {}, words), element("dd", {}, text, interval && element("span", { class: "interval" }, interval)));

function evaluationSection({ name, figures }) {
  const plain = element("table", { class: "plain" },
    element("tbody", {}, ...allMetrics(figures).map(([words, text]) => element("tr", {}, element("th", { scope: "row" }, words), element("td", {}, text)))));
  return element(
    "section",
    { class: "scoring" },
    element("h4", {}, name, figures.n ? element("span", { class: "quiet" }, ` ${figures.n.toLocaleString()} images`) : null),
    figures.note ? element("p", { class: "note" }, toSentence(figures.note)) : null,
    robustnessTable(figures) ?? element("dl", { class: "figures" }, ...headlineMetrics(figures).map(bigFigure)),
    figures.about ? disclosure("How it was measured", element("p", {}, toSentence(figures.about))) : null,
    disclosure("All metrics", plain),
    figures.command ? element("p", { class: "reproduce" }, "Reproduce: ", code(figures.command)) : null,
  );
}

const classRows = (classes, labels) =>
  (labels ?? Object.keys(classes)).filter((label) => label in classes).map((label) => {
    const { recall, n } = classes[label];
    return { label: capitalise(label), value: recall, text: metricText("recall", recall), count: n.toLocaleString(), few: n < MIN_GROUP_FACES };
  });

function ageBiasTable(rows) {
  const most = Math.max(...rows.map(({ bias_years, n }) => (n < MIN_GROUP_FACES ? 0 : Math.abs(bias_years))), 1);
  const shown = rows.map(({ from, bias_years, n }) => ({
    label: `${from} to ${from + 9}`, value: bias_years, text: metricText("bias_years", bias_years), count: n.toLocaleString(),
    few: n < MIN_GROUP_FACES,
  }));
  return meterTable("Age bias by true age", ["Age", "Mean bias", "Faces"], shown, { most, signed: true });
}

function intervalCoverageTable(rows) {
  const shown = rows.map(({ from, share, n }) => ({
    label: `${from} to ${from + 9}`, value: share, text: metricText("share", share), count: n.toLocaleString(),
  }));
  return meterTable("Age interval coverage (target 80%)", ["Predicted age", "Coverage", "Faces"], shown);
}

function attributeSection(attribute, detail, labels) {
  return section(
    attributeTitle(attribute),
    detail.confusion && labels ? confusionMatrix(labels, detail.confusion) : null,
    element("div", { class: "pair" },
      detail.classes ? meterTable("Recall by label", ["Label", "Recall", "Faces"], classRows(detail.classes, labels)) : "",
      detail.decades?.length ? ageBiasTable(detail.decades) : "",
      detail.coverage?.length ? intervalCoverageTable(detail.coverage) : "",
      detail.reliability?.length ? reliabilityDiagram(detail.reliability) : ""),
    detail.groups?.length ? element("h4", {}, "Subgroups") : null,
    detail.groups?.length ? subgroupCharts(attribute, detail.groups) : null,
  );
}

function attributeCharts(card, found) {
  const first = found.find(({ figures }) => figures.attributes);
  if (!first) return [];
  const labels = Object.fromEntries((card.heads ?? []).map((head) => [head.attribute, head.labels]));
  const attributes = Object.entries(first.figures.attributes);
  return [
    element("p", { class: "quiet of" }, `Charts: ${first.name}. Rows with fewer than ${MIN_GROUP_FACES} faces are dimmed.`),
    ...attributes.map(([attribute, detail]) => attributeSection(attribute, detail, labels[attribute])),
  ];
}

const megabytes = (bytes) => (bytes == null ? "" : bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

const files = ({ files: hashes, sizes }) =>
  hashes && Object.keys(hashes).length
    ? element("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": "Files" },
      element("table", { class: "plain files" },
        element("thead", {}, element("tr", {}, ...["File", "Size", "SHA-256"].map((head) => element("th", { scope: "col" }, head)))),
        element("tbody", {}, ...Object.entries(hashes).map(([name, hash]) =>
          element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, megabytes(sizes?.[name])), element("td", {}, element("code", {}, hash)))))))
    : null;

const inputText = ({ patch, input }) => {
  if (patch) return `${patch.size}×${patch.size} pixels, ${patch.colour === "gray" ? "grayscale" : "colour"} face crop`;
  return input?.longest ? `whole image, ${input.longest} pixels on the longer side` : null;
};

const outputText = ({ heads }) => heads?.map(({ attribute }) => attributeTitle(attribute).toLowerCase()).join(", ");

const uses = ({ use }) =>
  use?.for?.length || use?.not_for?.length
    ? element("div", { class: "uses" }, section("Intended use", list(use.for, "use")), section("Must not be used for", list(use.not_for, "use use--not")))
    : null;

/** `id` is the anchor of the card. */
export function modelCard(card, id) {
  const title = card.title ?? card.folder;
  if (card.error) {
    return element("article", { class: "model", id }, element("h2", {}, title), element("p", { class: "note" }, toSentence(card.error)));
  }
  const found = rankedEvaluations(card);
  // Results on the split used for model selection are collapsed if there are held-out results.
  const heldOut = found.filter(({ figures }) => !figures.note);
  const shown = heldOut.length ? heldOut : found;
  const aside = found.filter((one) => !shown.includes(one));
  const failures = [...new Set(shown.flatMap(({ figures }) => figures.failures ?? []))];
  return element(
    "article",
    { class: "model", id, "aria-labelledby": `${id}-title` },
    element("h2", { id: `${id}-title` }, title),
    found.length ? element("p", { class: "short" }, summarySentence(found[0].figures)) : null,
    facts([
      ["Predicts", outputText(card)],
      ["Input", inputText(card)],
      ["Parameters", card.parameters?.toLocaleString()],
      ["Weights", card.format],
      ["Training recipe", card.recipe],
    ]),
    uses(card),
    section("Results", ...shown.map(evaluationSection), ...aside.map((one) => disclosure(`Also evaluated on ${one.name}`, evaluationSection(one)))),
    section("Known failures", list(failures, "failures")),
    ...attributeCharts(card, found),
    section("Training data", facts([["Data sets", card.data?.sets?.join(", ")]]), card.data?.splits && element("p", {}, toSentence(card.data.splits.replaceAll("`", ""))),
      card.data?.terms && element("p", {}, toSentence(`Terms: ${card.data.terms}`))),
    section("Files", files(card)),
  );
}
