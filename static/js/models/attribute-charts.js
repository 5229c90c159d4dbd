/** Charts of each attribute of a model: confusion, recall, age bias, coverage, reliability and subgroups. */
import { t } from "../lib/i18n.js";
import { attributeTitle } from "../lib/attributes.js";
import { element } from "../lib/dom.js";
import { capitalise, decimal } from "../lib/format.js";
import { labelOf, rangeText } from "./card-text.js";
import { confusionMatrix } from "./confusion-matrix.js";
import { meterTable } from "./meter-table.js";
import { metricText } from "./metrics.js";
import { reliabilityDiagram } from "./reliability-diagram.js";
import { section } from "./sections.js";
import { subgroupCharts } from "./subgroup-charts.js";
import { MIN_GROUP_FACES } from "./subgroups.js";

const isFew = (n) => n < MIN_GROUP_FACES;

function recallTable(attribute, classes, labels) {
  const rows = (labels ?? Object.keys(classes)).filter((label) => label in classes).map((label) => {
    const { recall, n } = classes[label];
    return { label: capitalise(labelOf(attribute, label)), value: recall, text: metricText("recall", recall), count: decimal(n), few: isFew(n) };
  });
  return meterTable(t("models.recall_by_label"), [t("models.label"), t("models.recall"), t("models.faces")], rows);
}

function ageBiasTable(decades) {
  const most = Math.max(...decades.map(({ bias_years, n }) => (isFew(n) ? 0 : Math.abs(bias_years))), 1);
  const rows = decades.map(({ from, bias_years, n }) => ({
    label: rangeText(from, from + 9), value: bias_years, text: metricText("bias_years", bias_years), count: decimal(n), few: isFew(n),
  }));
  return meterTable(t("models.age_bias"), [t("models.age"), t("models.mean_bias"), t("models.faces")], rows, { most, signed: true });
}

function coverageTable(coverage) {
  const rows = coverage.map(({ from, share, n }) => ({ label: rangeText(from, from + 9), value: share, text: metricText("share", share), count: decimal(n) }));
  return meterTable(t("models.age_coverage"), [t("models.predicted_age"), t("models.coverage"), t("models.faces")], rows);
}

function attributeSection(attribute, detail, labels, model) {
  const title = attributeTitle(attribute);
  return section(
    title,
    detail.confusion && labels ? confusionMatrix({ attribute, labels, matrix: detail.confusion, name: t("models.confusion.of", { model, attribute: title }) }) : null,
    element("div", { class: "pair" },
      detail.classes ? recallTable(attribute, detail.classes, labels) : "",
      detail.decades?.length ? ageBiasTable(detail.decades) : "",
      detail.coverage?.length ? coverageTable(detail.coverage) : "",
      detail.reliability?.length ? reliabilityDiagram(detail.reliability) : ""),
    detail.groups?.length ? element("h5", { class: "groups__title" }, t("models.subgroups")) : null,
    detail.groups?.length ? subgroupCharts(attribute, detail.groups) : null,
  );
}

/** Charts of the first evaluation that has any; `found` are the evaluations of `card`, `model` is its title. */
export function attributeCharts(card, found, model) {
  const first = found.find(({ figures }) => figures.attributes);
  if (!first) return [];
  const labels = Object.fromEntries((card.heads ?? []).map((head) => [head.attribute, head.labels]));
  const attributes = Object.entries(first.figures.attributes);
  return [
    element("p", { class: "quiet of" }, t("models.charts_of", { name: first.name, count: MIN_GROUP_FACES })),
    ...attributes.map(([attribute, detail]) => attributeSection(attribute, detail, labels[attribute], model)),
  ];
}
