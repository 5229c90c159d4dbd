/** The attributes of faces, as the server describes them (GET /api/attributes); every page embeds the descriptions. */
import { byId } from "./dom.js";

export const UNSURE = "unsure";

export const attributes = JSON.parse(byId("attributes").textContent);

/** Attributes that the served models predict or that are derived from them. */
export const servedAttributes = attributes.filter(({ served }) => served);

/** The attribute of the main statistics. */
export const headline = attributes.find((attribute) => attribute.headline);

/** Title of the attribute with this name; a model card may name one that is not served. */
export const attributeTitle = (name) =>
  attributes.find((attribute) => attribute.name === name)?.title ?? name[0].toUpperCase() + name.slice(1).replaceAll("_", " ");

export const hasLabels = ({ kind }) => kind === "classes" || kind === "binary";

/** Pairs of numbers that are shown together: `{name, x, y}`, of which `x` and `y` are attributes. */
export function planesOf(all) {
  const onAxis = (name, axis) => all.find(({ plane }) => plane?.name === name && plane.axis === axis);
  const names = [...new Set(all.map(({ plane }) => plane?.name).filter(Boolean))];
  return names.map((name) => ({ name, x: onAxis(name, "x"), y: onAxis(name, "y") })).filter(({ x, y }) => x && y);
}
