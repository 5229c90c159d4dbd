/** Texts in the page's language. Every page embeds the areas of app/translations/ that it names in `areas`. */
import { byId } from "./dom.js";

const embedded = JSON.parse(byId("texts").textContent);
const { texts } = embedded;

/** Code of the page's language, such as "ko". */
export const { language } = embedded;

/** The server's lines in English, by key of the area `problems`; empty on an English page. */
export const { patterns } = embedded;

/** Language and region for numbers and dates: the visitor's region if it speaks the page's language, such as "en-GB". */
export const locale = navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;

const plural = new Intl.PluralRules(language);
const number = new Intl.NumberFormat(locale);

const find = (key) => key.split(".").reduce((entry, part) => entry?.[part], texts);

/** Whether there is a text for `key`, such as one of an attribute that only a model card describes. */
export const hasText = (key) => typeof (find(key)?.other ?? find(key)) === "string";

const parameterText = (value) => (typeof value === "number" ? number.format(value) : String(value));

/** The text of `AREA.key` with `{name}` replaced by `parameters.name`; `count` chooses the plural form. */
export function t(key, parameters = {}) {
  if (!hasText(key)) {
    console.error(`there is no text ${key} in ${language}; add it to app/translations/ and name its area in the template`);
    return key;
  }
  const entry = find(key);
  const form = typeof entry === "string" ? entry : (entry[plural.select(parameters.count)] ?? entry.other);
  return form.replace(/\{(\w+)\}/g, (_, name) => parameterText(parameters[name]));
}
