/** Chapter 7: temperature, "unsure", and the reliability of the served emotion network. */
import { headline } from "../lib/attributes.js";
import { headlineText } from "../lib/attribute-text.js";
import { element } from "../lib/dom.js";
import { fixed, percent } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { renderProbabilityBars } from "../charts/probability-bars.js";
import { reliabilityDiagram } from "../models/reliability-diagram.js";
import { cardText } from "../models/card-text.js";
import { dataTable, titled } from "../learn/plots.js";

export const controlText = (name) => t(`learn_confidence.controls.${name}`);

// Sets that are shown: one like the pictures of training, and one from elsewhere.
const SHOWN_SETS = 2;

function bars(probabilities, top, label) {
  const list = element("ul", { class: "bars", "aria-label": label });
  renderProbabilityBars(list, headline.labels, probabilities, top);
  return titled(label, list);
}

function logitTable({ labels, logits, probabilities }, temperature) {
  const rows = labels.map((label, index) => [headlineText(headline, { label }), fixed(logits[index], 2), fixed(logits[index] / temperature, 2), percent(probabilities[label])]);
  const heads = [headline.title, t("learn_confidence.logit"), t("learn_confidence.divided"), t("learn_confidence.probability")];
  return dataTable(heads, rows, t("learn_confidence.table"));
}

/** Diagrams do not change with the picture, so they are drawn once and stay unfolded. */
function diagramsOf(reliability) {
  const shown = reliability.filter(({ set }) => set.endsWith("test")).slice(0, SHOWN_SETS);
  return shown.map(({ set, n, error, bins, command }) =>
    titled(t("learn_confidence.set", { set: cardText(set), count: n, error: percent(error) }), reliabilityDiagram(bins), element("p", { class: "quiet" }, command)),
  );
}

export function mount(area) {
  const answered = element("div", { class: "lesson__result" });
  const diagrams = element("div", { class: "parts" });
  area.replaceChildren(answered, titled(t("learn_confidence.reliability"), element("p", { class: "quiet" }, t("learn_confidence.measured")), diagrams));
  return {
    show({ result, values }) {
      const name = headlineText(headline, { label: result.likeliest });
      const key = result.unsure ? "learn_confidence.unsure" : "learn_confidence.sure";
      const summary = t(key, { label: name, confidence: percent(result.confidence), threshold: percent(result.threshold) });
      answered.replaceChildren(
        element("p", { class: "summary" }, summary),
        element(
          "div",
          { class: "parts" },
          bars(result.probabilities, result.likeliest, t("learn_confidence.at", { temperature: fixed(values.temperature, 2) })),
          bars(result.served, result.likeliest, t("learn_confidence.served", { temperature: fixed(result.served_temperature, 2) })),
        ),
        logitTable(result, values.temperature),
      );
      if (!diagrams.childElementCount) diagrams.replaceChildren(...diagramsOf(result.reliability));
      return summary;
    },
  };
}
