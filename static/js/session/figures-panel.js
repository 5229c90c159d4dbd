/** Histogram by attribute and mean probabilities with their intervals. */
import { mountChartDownload, WIDTH } from "../charts/chart-download.js";
import { renderDataTable } from "../charts/data-table.js";
import { dotIntervalOption } from "../charts/dot-intervals.js";
import { renderProbabilityBars } from "../charts/probability-bars.js";
import { attributes } from "../lib/attributes.js";
import { colour } from "../lib/colours.js";
import { byId, setText } from "../lib/dom.js";
import { decimal, percent, precisePercent } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { problemText } from "../lib/problems.js";
import { largestKey } from "../people/visible-people.js";
import { mountAttributeHistogram } from "../sessions/attribute-histogram.js";
import { numbersHeight, numbersOption, showNumbers } from "../sessions/number-panels.js";
import { isRecorded } from "../sessions/recorded-values.js";
import { emotionText, personName } from "./names.js";

/** Figures in the form of a session's detail, which the histogram and the panels of numbers read. */
const asDetail = (figures, labels) => ({ ...figures, labels, session: figures });

export const recordedAttributes = (figures, labels) => attributes.filter((attribute) => isRecorded(attribute, asDetail(figures, labels)));

function meanRow(label, { mean, intervals, histogram }) {
  const interval = intervals?.[label];
  return [
    emotionText(label),
    mean?.[label] === undefined ? "–" : precisePercent(mean[label]),
    interval ? `${precisePercent(interval[0])} – ${precisePercent(interval[1])}` : "–",
    decimal(histogram[label] ?? 0),
  ];
}

/** The means as dots with their intervals, for saving; the page shows bars that wrap on small screens. */
function meanOption({ figures: { mean, intervals }, labels }) {
  const points = labels.map((label) => ({ value: mean?.[label] ?? null, low: intervals?.[label]?.[0] ?? null, high: intervals?.[label]?.[1] ?? null }));
  return dotIntervalOption(labels.map(emotionText), [{ name: t("session.mean.title"), color: colour("--text"), points }], { format: percent, withZero: false });
}

export function mountFigures() {
  let current = null;
  const drawHistogram = () => current && histogram.show(recordedAttributes(current.figures, current.labels), asDetail(current.figures, current.labels), null);
  const histogram = mountAttributeHistogram(drawHistogram);
  const height = () => byId("histogram").clientHeight;
  mountChartDownload(byId("histogram-download"), () => histogram.option(WIDTH), height, "histogram");
  mountChartDownload(byId("mean-download"), () => current && meanOption(current), height, "means");
  const recorded = () => recordedAttributes(current.figures, current.labels);
  mountChartDownload(byId("numbers-download"), () => current && numbersOption(recorded(), current.figures.persons, personName), () => numbersHeight(recorded(), current.figures.persons), "numbers");
  return {
    show({ figures, detail, filter }) {
      const { labels } = detail;
      current = { figures, labels };
      const people = filter.people.length === 1 && figures.persons.length === 1 ? personName(figures.persons[0]) : t("session.people_count", { count: figures.people });
      for (const name of ["histogram-of", "mean-of"]) setText(byId(name), people);
      drawHistogram();
      renderProbabilityBars(byId("bars"), labels, figures.mean, largestKey(figures.mean), figures.intervals);
      setText(byId("mean-note"), figures.intervals ? t("session.mean.intervals") : t("session.mean.no_intervals", { reason: problemText(figures.interval_reason ?? "") }));
      const head = [t("session.emotion"), t("session.mean.title"), t("session.mean.interval"), t("session.seconds")];
      renderDataTable(byId("mean-table"), t("session.mean.title"), head, () => labels.map((label) => meanRow(label, figures)));
      showNumbers(recordedAttributes(figures, labels), figures.persons, filter.people.length === 1 ? filter.people[0] : null, people);
    },
  };
}
