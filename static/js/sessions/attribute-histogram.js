/** Histogram of a session with a choice of the attribute. */
import { hasLabels } from "../lib/attributes.js";
import { byId, element, renderList, setText } from "../lib/dom.js";
import { createHistogram } from "../charts/histogram.js";
import { secondsByLabel } from "./recorded-values.js";

/** Bars that are wide enough for their labels. */
const MAX_BARS = 9;
const OTHERS = "others";

/** Labels on the axis: those of the session for the headline, else those of the attribute. */
const labelsOf = (attribute, detail) => (attribute.headline ? detail.labels : attribute.labels);

/** `{labels, histogram}` with the most frequent labels of an attribute that has too many for an axis. */
function withFewLabels(labels, seconds) {
  if (labels.length <= MAX_BARS) return { labels, histogram: seconds };
  const largestFirst = labels.filter((label) => seconds[label]).sort((one, other) => seconds[other] - seconds[one]);
  const shown = largestFirst.slice(0, MAX_BARS - 1);
  const rest = largestFirst.slice(MAX_BARS - 1);
  const histogram = Object.fromEntries(Object.entries(seconds).filter(([label]) => !rest.includes(label)));
  return rest.length ? { labels: shown, histogram: { ...histogram, [OTHERS]: rest.reduce((sum, label) => sum + seconds[label], 0) } } : { labels: shown, histogram };
}

/** `onChoice()` is called when another attribute is chosen; then call `show` again. */
export function mountAttributeHistogram(onChoice) {
  const select = byId("histogram-attribute");
  const histogram = createHistogram(byId("histogram"));
  select.addEventListener("change", onChoice);
  return {
    option: histogram.option,
    /** `attributes` are those that the session holds, `person` one of its people or null. */
    show(attributes, detail, person) {
      const choices = attributes.filter(hasLabels);
      renderList(select, choices, ({ name }) => name, () => element("option"), (option, { name, title }) => {
        option.value = name;
        setText(option, title.toLowerCase());
      });
      const attribute = choices.find(({ name }) => name === select.value) ?? choices[0];
      if (!attribute) return;
      histogram.show({ attribute, ...withFewLabels(labelsOf(attribute, detail), secondsByLabel(attribute, detail, person)) });
    },
  };
}
