/** Texts in the page's language. Every page embeds the areas of app/translations/ that it names in `areas`. */
import { byId } from "./dom.js";

const embedded = JSON.parse(byId("texts").textContent);
const { texts } = embedded;

/** Code of the page's language, such as "ko". */
export const { language } = embedded;

/** Lines that the server and model cards write in English, by area and key; empty on an English page. */
export const { patterns } = embedded;

/** Language and region for numbers and dates: the visitor's region if it speaks the page's language, such as "en-GB". */
export const locale = navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;

// Made when they are used: each takes milliseconds.
let plural = null;
let number = null;

// Forms of Korean particles after a final consonant and after none.
const PARTICLES = { "은(는)": ["은", "는"], "이(가)": ["이", "가"], "을(를)": ["을", "를"], "과(와)": ["과", "와"], "(으)로": ["으로", "로"] };
const WRITTEN_BOTH_WAYS = /([가-힣0-9])(은\(는\)|이\(가\)|을\(를\)|과\(와\)|\(으\)로)/g;
// Index of the final consonant ㄹ, after which "로" is used as after none.
const RIEUL = 8;
// Final consonants of the digits as they are read; only "none", "ㄹ" and "another" matter.
const DIGIT_FINALS = [1, RIEUL, 0, 1, 0, 0, 1, RIEUL, RIEUL, 0];
const SYLLABLES_PER_FINAL = 28;

const finalConsonant = (letter) => DIGIT_FINALS[letter] ?? (letter.charCodeAt(0) - "가".charCodeAt(0)) % SYLLABLES_PER_FINAL;

/** "놀람(으)로" -> "놀람으로": the form of a particle depends on what was filled in before it. */
const withParticles = (text) =>
  text.replace(WRITTEN_BOTH_WAYS, (_, letter, particle) => {
    const final = finalConsonant(letter);
    return letter + PARTICLES[particle][final === 0 || (final === RIEUL && particle === "(으)로") ? 1 : 0];
  });

const find = (key) => key.split(".").reduce((entry, part) => entry?.[part], texts);

/** Whether there is a text for `key`, such as one of an attribute that only a model card describes. */
export const hasText = (key) => typeof (find(key)?.other ?? find(key)) === "string";

const parameterText = (value) => (typeof value === "number" ? (number ??= new Intl.NumberFormat(locale)).format(value) : String(value));

const pluralForm = (count) => (plural ??= new Intl.PluralRules(language)).select(count);

/** The text of `AREA.key` with `{name}` replaced by `parameters.name`; `count` chooses the plural form. */
export function t(key, parameters = {}) {
  if (!hasText(key)) {
    console.error(`there is no text ${key} in ${language}; add it to app/translations/ and name its area in the template`);
    return key;
  }
  const entry = find(key);
  const form = typeof entry === "string" ? entry : (entry[pluralForm(parameters.count)] ?? entry.other);
  return withParticles(form.replace(/\{(\w+)\}/g, (_, name) => parameterText(parameters[name])));
}
