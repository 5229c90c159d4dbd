/** Texts of model cards in the page's language: uses, failures, notes, titles and labels. */
import { attributes } from "../lib/attributes.js";
import { labelText } from "../lib/attribute-text.js";
import { lineTranslator } from "../lib/server-lines.js";
import { t } from "../lib/i18n.js";

/** A word of a group or failure, such as "female", if it is a label of an attribute; ages stay as they are. */
export function wordText(word) {
  const attribute = attributes.find(({ labels }) => labels.includes(word));
  return attribute ? labelText(attribute, word) : word;
}

export const cardText = lineTranslator("cards", wordText);

export const cardTitle = ({ title, folder }) => cardText(title ?? folder);

/** A label of the attribute with this name; a card may name one that the app does not know. */
export function labelOf(name, label) {
  const attribute = attributes.find((one) => one.name === name);
  return attribute ? labelText(attribute, label) : label;
}

export const rangeText = (low, high) => t("models.range", { low: String(low), high: String(high) });
