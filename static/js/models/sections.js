/** Parts of a model card: sections with a heading, and folded ones. */
import { element } from "../lib/dom.js";

/** Section with a heading; null if it has no content. */
export function section(title, ...children) {
  const content = children.filter(Boolean);
  return content.length ? element("section", { class: "part" }, element("h4", { class: "part__title" }, title), ...content) : null;
}

export const disclosure = (summary, ...content) => element("details", {}, element("summary", {}, summary), ...content);
