/** All that a model's card tells; what a card lacks is left out. */
import { element } from "../lib/dom.js";
import { allFigures, figureText, firstFigures, inShort } from "./metric-names.js";
import { sentence, word } from "../lib/format.js";
import { calibration } from "./reliability-diagram.js";
import { conditionTable } from "./robustness-table.js";
import { confusion } from "./confusion-matrix.js";
import { groupBars } from "./subgroup-charts.js";
import { LEAST } from "./subgroups.js";
import { meters } from "./meter-table.js";

const NAMES = { sex: "Perceived sex", race: "Perceived race" };
const attributeName = (attribute) => NAMES[attribute] ?? word(attribute);

/** A heading with what follows; null where nothing does. */
function part(title, ...children) {
  const found = children.filter(Boolean);
  return found.length ? element("section", { class: "part" }, element("h3", {}, title), ...found) : null;
}

const list = (texts, kind) => (texts?.length ? element("ul", { class: kind }, ...texts.map((text) => element("li", {}, sentence(text)))) : null);

function facts(named) {
  const known = named.filter(([, value]) => value);
  return known.length
    ? element("dl", { class: "facts" }, ...known.map(([term, value]) => element("div", {}, element("dt", {}, term), element("dd", {}, value))))
    : null;
}

const folded = (summary, ...content) => element("details", {}, element("summary", {}, summary), ...content);

const code = (text) => element("code", { class: "command" }, text);

/** Scorings, those that flatter (made on the split for choosing) last; first among equals those with charts, of more pictures. */
function scorings(card) {
  const found = Object.entries(card.figures ?? {}).map(([name, figures]) => ({ name, figures }));
  const rank = ({ figures }) => (figures.note ? 2 : 0) + (figures.attributes ? 0 : 1);
  return found.sort((one, other) => rank(one) - rank(other) || (other.figures.n ?? 0) - (one.figures.n ?? 0));
}

const bigFigure = ({ words, text, interval }) =>
  element("div", {}, element("dt", {}, words), element("dd", {}, text, interval && element("span", { class: "interval" }, interval)));

function scoring({ name, figures }) {
  const plain = element("table", { class: "plain" },
    element("tbody", {}, ...allFigures(figures).map(([words, text]) => element("tr", {}, element("th", { scope: "row" }, words), element("td", {}, text)))));
  return element(
    "section",
    { class: "scoring" },
    element("h4", {}, name, figures.n ? element("span", { class: "quiet" }, ` ${figures.n.toLocaleString()} pictures`) : null),
    figures.note ? element("p", { class: "note" }, sentence(figures.note)) : null,
    conditionTable(figures) ?? element("dl", { class: "figures" }, ...firstFigures(figures).map(bigFigure)),
    figures.about ? folded("How it was measured", element("p", {}, sentence(figures.about))) : null,
    folded("All figures", plain),
    figures.command ? element("p", { class: "reproduce" }, "Reproduce: ", code(figures.command)) : null,
  );
}

const classRows = (classes, labels) =>
  (labels ?? Object.keys(classes)).filter((label) => label in classes).map((label) => {
    const { recall, n } = classes[label];
    return { label: word(label), value: recall, text: figureText("recall", recall), count: n.toLocaleString(), few: n < LEAST };
  });

function decades(rows) {
  const most = Math.max(...rows.map(({ bias_years, n }) => (n < LEAST ? 0 : Math.abs(bias_years))), 1);
  const shown = rows.map(({ from, bias_years, n }) => ({
    label: `${from} to ${from + 9}`, value: bias_years, text: figureText("bias_years", bias_years), count: n.toLocaleString(),
    few: n < LEAST,
  }));
  return meters("Too young or too old, by true age", ["Age", "On average", "Faces"], shown, { most, signed: true });
}

function coverages(rows) {
  const shown = rows.map(({ from, share, n }) => ({
    label: `${from} to ${from + 9}`, value: share, text: figureText("share", share), count: n.toLocaleString(),
  }));
  return meters("Ages within the interval that is told, meant to be 80\u202f%", ["Told age", "Within", "Faces"], shown);
}

function charts(attribute, detail, labels) {
  return part(
    attributeName(attribute),
    detail.confusion && labels ? confusion(labels, detail.confusion) : null,
    element("div", { class: "pair" },
      detail.classes ? meters("How many of each label are named so", ["Label", "Named so", "Faces"], classRows(detail.classes, labels)) : "",
      detail.decades?.length ? decades(detail.decades) : "",
      detail.coverage?.length ? coverages(detail.coverage) : "",
      detail.reliability?.length ? calibration(detail.reliability) : ""),
    detail.groups?.length ? element("h4", {}, "Groups of people") : null,
    detail.groups?.length ? groupBars(attribute, detail.groups) : null,
  );
}

function drawn(card, found) {
  const first = found.find(({ figures }) => figures.attributes);
  if (!first) return [];
  const labels = Object.fromEntries((card.heads ?? []).map((head) => [head.attribute, head.labels]));
  const attributes = Object.entries(first.figures.attributes);
  return [
    element("p", { class: "quiet of" }, `The charts are of ${first.name}. Rows of fewer than ${LEAST} faces are faded.`),
    ...attributes.map(([attribute, detail]) => charts(attribute, detail, labels[attribute])),
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

const patchText = ({ patch, input }) => {
  if (patch) return `${patch.size}×${patch.size} pixels, ${patch.colour === "gray" ? "gray" : "colour"}`;
  return input?.longest ? `whole picture, ${input.longest} pixels wide or high` : null;
};

const readsText = ({ heads }) => heads?.map(({ attribute }) => attributeName(attribute).toLowerCase()).join(", ");

const uses = ({ use }) =>
  use?.for?.length || use?.not_for?.length
    ? element("div", { class: "uses" }, part("What it is for", list(use.for, "use")), part("What it must not be used for", list(use.not_for, "use use--not")))
    : null;

/** `id` is where links to it lead. */
export function modelCard(card, id) {
  const title = card.title ?? card.folder;
  if (card.error) {
    return element("article", { class: "model", id }, element("h2", {}, title), element("p", { class: "note" }, sentence(card.error)));
  }
  const found = scorings(card);
  // What was scored on the split for choosing stands aside where there is better.
  const sound = found.filter(({ figures }) => !figures.note);
  const shown = sound.length ? sound : found;
  const aside = found.filter((one) => !shown.includes(one));
  const failures = [...new Set(shown.flatMap(({ figures }) => figures.failures ?? []))];
  return element(
    "article",
    { class: "model", id, "aria-labelledby": `${id}-title` },
    element("h2", { id: `${id}-title` }, title),
    found.length ? element("p", { class: "short" }, inShort(found[0].figures)) : null,
    facts([
      ["Reads", readsText(card)],
      ["Sees", patchText(card)],
      ["Parameters", card.parameters?.toLocaleString()],
      ["Number format", card.format],
      ["Recipe", card.recipe],
    ]),
    uses(card),
    part("How good it is", ...shown.map(scoring), ...aside.map((one) => folded(`Also scored on ${one.name}`, scoring(one)))),
    part("Known failures", list(failures, "failures")),
    ...drawn(card, found),
    part("Learned from", facts([["Sets", card.data?.sets?.join(", ")]]), card.data?.splits && element("p", {}, sentence(card.data.splits.replaceAll("`", ""))),
      card.data?.terms && element("p", {}, sentence(`Terms: ${card.data.terms}`))),
    part("Files", files(card)),
  );
}
