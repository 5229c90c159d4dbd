/** Histogram of a session with a choice of the attribute. */
import { hasLabels } from "../lib/attributes.js";
import { byId, element, renderList, setText } from "../lib/dom.js";
import { createHistogram } from "../charts/histogram.js";
import { secondsByLabel } from "./recorded-values.js";

/** Labels on the axis: those of the session for the headline, else those of the attribute. */
const labelsOf = (attribute, detail) => (attribute.headline ? detail.labels : attribute.labels);

/** `onChoice()` is called when another attribute is chosen; then call `show` again. */
export function mountAttributeHistogram(onChoice) {
  const select = byId("histogram-attribute");
  const histogram = createHistogram(byId("histogram"));
  select.addEventListener("change", onChoice);
  return {
    /** `attributes` are those that the session holds, `person` one of its people or null. */
    show(attributes, detail, person) {
      const choices = attributes.filter(hasLabels);
      renderList(select, choices, ({ name }) => name, () => element("option"), (option, { name, title }) => {
        option.value = name;
        setText(option, title.toLowerCase());
      });
      const attribute = choices.find(({ name }) => name === select.value) ?? choices[0];
      if (!attribute) return;
      histogram.show({ attribute, labels: labelsOf(attribute, detail), histogram: secondsByLabel(attribute, detail, person) });
    },
  };
}
