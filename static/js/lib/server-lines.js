/** Lines that the server and model cards write in English, in the page's language, by the patterns of an area. */
import { patterns, t } from "./i18n.js";

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** "session {id} is running" as `{key, names: ["id"], expression}`. */
function compile([key, line]) {
  const names = [...line.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const literals = line.split(/\{\w+\}/).map(escape);
  return { key, names, expression: new RegExp(`^${literals.join("(.+?)")}$`) };
}

// The line with the most text of its own is the most specific.
const ownLength = ([, line]) => line.replace(/\{\w+\}/g, "").length;

/**
 * A function that puts a line of `area` into the page's language. A line that is not known stays in English. Parts of a line,
 * also those between commas, may be lines themselves; other parts go through `wordText`.
 */
export function lineTranslator(area, wordText = (word) => word) {
  const compiled = Object.entries(patterns[area] ?? {}).sort((one, other) => ownLength(other) - ownLength(one)).map(compile);
  const whole = (line) => {
    for (const { key, names, expression } of compiled) {
      const values = expression.exec(line)?.slice(1);
      if (values) return t(`${area}.${key}`, Object.fromEntries(names.map((name, index) => [name, part(values[index])])));
    }
    return null;
  };
  const part = (text) => whole(text) ?? text.split(", ").map((word) => whole(word) ?? wordText(word)).join(", ");
  return (line) => (line && compiled.length ? (whole(line) ?? line) : line);
}
