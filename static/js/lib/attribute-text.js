/** Texts of an attribute's values, written as the attribute's description says. */
import { UNSURE } from "./attributes.js";
import { hasText, t } from "./i18n.js";
import { capitalise, fixed, percent } from "./format.js";

/** A label as it is shown. */
export const labelText = ({ texts }, label) => texts[label] ?? label;

/** Title of a pair of numbers, such as the circumplex of valence and arousal; a model card may name another one. */
export const planeTitle = (name) => (hasText(`attributes.planes.${name}`) ? t(`attributes.planes.${name}`) : capitalise(name));

export const unsureText = ({ title, texts }) => texts[UNSURE] ?? `${title.toLowerCase()} ${UNSURE}`;

/** A number with the digits that a person can read; sessions and files keep one digit more. */
export const numberText = ({ digits }, value) => fixed(value, Math.max(0, digits - 1));

/** Key of the probability of a binary attribute. */
const probabilityKey = ({ positive }) => `p_${positive}`;

function labelFields(attribute, label, share) {
  if (label === UNSURE || label == null) return null;
  return { label: labelText(attribute, label), share: share === undefined ? undefined : percent(share) };
}

// The fields of a text by kind of attribute, from a value as in the JSON of a face; null if it is unsure or hidden.
const FIELDS_BY_KIND = {
  classes: (attribute, { label, probabilities }) => labelFields(attribute, label, probabilities?.[label]),
  binary(attribute, value) {
    const positive = value[probabilityKey(attribute)] ?? undefined;
    return labelFields(attribute, value.label, value.label === attribute.positive || positive === undefined ? positive : 1 - positive);
  },
  number(attribute, value) {
    const number = value[attribute.value_key];
    if (number == null) return null;
    const [low, high] = value.interval?.map((limit) => numberText(attribute, limit)) ?? [];
    return { value: numberText(attribute, number), low, high };
  },
  vector(attribute, value) {
    if (attribute.labels.some((label) => value[label] == null)) return null;
    return Object.fromEntries(attribute.labels.map((label) => [label, numberText(attribute, value[label])]));
  },
};

/** Fill `{name}` in a template. Brackets with an unknown field are left out. */
function fillTemplate(template, fields) {
  const isKnown = (text) => [...text.matchAll(/\{(\w+)\}/g)].every(([, name]) => fields[name] !== undefined);
  const known = template.replace(/\s*\([^()]*\)/g, (bracket) => (isKnown(bracket) ? bracket : ""));
  return known.replace(/\{(\w+)\}/g, (_, name) => fields[name] ?? "").trim();
}

/** "perceived female 91%", "about 34 (26 to 44)" or "age unsure" for a value as in the JSON of a face. */
export function valueText(attribute, value) {
  const fields = FIELDS_BY_KIND[attribute.kind](attribute, value);
  return fields ? fillTemplate(attribute.card, fields) : unsureText(attribute);
}

/** The same for a column under the attribute's title, so without repeating it: "female 91%", "about 34", "unsure". */
export function cellText(attribute, value) {
  const fields = FIELDS_BY_KIND[attribute.kind](attribute, value);
  if (!fields) return t("attributes.unsure");
  if ("label" in fields) return fillTemplate("{label} {share}", fields);
  const text = fillTemplate(attribute.card, fields);
  const repeated = [attribute.title, attribute.name].find((name) => text.toLowerCase().startsWith(`${name.toLowerCase()} `));
  return text.slice(repeated ? repeated.length + 1 : 0);
}

/** The values of a face in one line; a note follows the last of the attributes that share it. */
export function valuesText(attributes, face) {
  const known = attributes.filter(({ name }) => face[name]);
  return known
    .map((attribute, index) => {
      const isLast = attribute.note && attribute.note !== known[index + 1]?.note;
      return valueText(attribute, face[attribute.name]) + (isLast ? ` (${attribute.note})` : "");
    })
    .join(", ");
}

/** The label of the headline attribute; both labels if two are nearly equally likely. */
export const headlineText = (attribute, { label, second }) =>
  capitalise(second ? `${labelText(attribute, label)} + ${labelText(attribute, second)}` : labelText(attribute, label));
