/** Chapter 5: a sheet of random variations of a face, and what the network reads from each. */
import { headline } from "../lib/attributes.js";
import { labelText } from "../lib/attribute-text.js";
import { element } from "../lib/dom.js";
import { percent } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { picture, titled } from "../learn/plots.js";

export const follows = false;
export const controlText = (name) => t(`learn_augmentation.controls.${name}`);

const reading = (label, probability) => t("learn_augmentation.reading", { label: labelText(headline, label), probability: percent(probability) });

function variation(answer, index) {
  const { labels, probabilities, label } = answer.result;
  const text = reading(labels[index], probabilities[index]);
  const kind = labels[index] === label ? "" : " sheet__item--other";
  return element("li", { class: `sheet__item${kind}` }, picture(answer, `variation_${index + 1}`, t("learn_augmentation.variation", { number: index + 1 })), text);
}

export function mount(area) {
  return {
    show(answer) {
      const { result } = answer;
      const summary = t("learn_augmentation.summary", { same: result.same, variations: result.variations, label: labelText(headline, result.label) });
      area.replaceChildren(
        element("p", { class: "summary" }, summary),
        titled(t("learn_augmentation.original", { reading: reading(result.label, result.probability) }), picture(answer, "original", t("learn_augmentation.face"))),
        titled(t("learn_augmentation.sheet"), element("ul", { class: "sheet" }, ...result.labels.map((_, index) => variation(answer, index)))),
        element("p", { class: "quiet" }, t("learn_augmentation.defaults")),
      );
      return summary;
    },
  };
}
