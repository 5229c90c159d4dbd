/** Lines that the server writes in English (errors and notices), in the page's language. */
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
const compiled = Object.entries(patterns).sort((one, other) => ownLength(other) - ownLength(one)).map(compile);

/** The line in the page's language; a line that is not known stays in English. Parts of it may be lines themselves. */
export function problemText(line) {
  for (const { key, names, expression } of compiled) {
    const values = expression.exec(line ?? "")?.slice(1);
    if (values) return t(`problems.${key}`, Object.fromEntries(names.map((name, index) => [name, problemText(values[index])])));
  }
  return line;
}

/** A `status` event with its notices and errors in the page's language. */
export function localizeStatus(status) {
  if (!compiled.length) return status;
  const { camera, detail, detector, vision } = status;
  return {
    ...status,
    trouble: problemText(status.trouble),
    storage: problemText(status.storage),
    camera: { ...camera, name: problemText(camera.name), notice: problemText(camera.notice), error: problemText(camera.error) },
    detail: { ...detail, notice: problemText(detail.notice) },
    detector: { ...detector, notice: problemText(detector.notice) },
    vision: { ...vision, error: problemText(vision.error) },
  };
}
