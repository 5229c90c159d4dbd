/** Valence and arousal over time: a path for each person and the mean of each, in their plane. */
import { planesOf } from "../lib/attributes.js";
import { personVariable } from "../lib/colours.js";
import { byId, element, setText, svgElement } from "../lib/dom.js";
import { numberText, planeTitle } from "../lib/attribute-text.js";
import { mountDrawingDownload } from "../charts/chart-download.js";
import { renderDataTable } from "../charts/data-table.js";
import { t } from "../lib/i18n.js";
import { personName } from "./names.js";

const SIZE = 300;
const MARGIN = 34;
const RADIUS = (SIZE - 2 * MARGIN) / 2;
const CENTRE = SIZE / 2;

const text = (content, x, y, anchor = "middle") => {
  const node = svgElement("text", { x, y, "text-anchor": anchor });
  node.textContent = content;
  return node;
};

const scale = ([low, high]) => (value) => (2 * (Math.min(high, Math.max(low, value)) - low)) / (high - low) - 1;

function frame({ x, y }) {
  return [
    svgElement("circle", { class: "plane__edge", cx: CENTRE, cy: CENTRE, r: RADIUS }),
    svgElement("path", { class: "plane__axis", d: `M${CENTRE - RADIUS} ${CENTRE}h${2 * RADIUS}M${CENTRE} ${CENTRE - RADIUS}v${2 * RADIUS}` }),
    text(y.title, CENTRE, MARGIN - 12), text(x.title, CENTRE + RADIUS - 6, CENTRE - 8, "end"),
  ];
}

function path(person, toX, toY) {
  const points = person.time_s.map((_, index) => [person.valence[index], person.arousal[index]]);
  let drawn = "";
  let broken = true;
  for (const [valence, arousal] of points) {
    if (valence === null || arousal === null) broken = true;
    else {
      drawn += `${broken ? "M" : "L"}${toX(valence).toFixed(1)} ${toY(arousal).toFixed(1)}`;
      broken = false;
    }
  }
  const node = svgElement("path", { class: "circumplex__path", d: drawn });
  node.style.setProperty("--person", personVariable(person.id));
  return node;
}

function meanPoint(person, toX, toY) {
  const node = svgElement("circle", { class: "circumplex__mean", cx: toX(person.mean.valence), cy: toY(person.mean.arousal), r: 6 });
  node.style.setProperty("--person", personVariable(person.id));
  const title = svgElement("title");
  title.textContent = personName(person);
  node.append(title);
  return node;
}

/** Let the drawing be saved. */
export const mountCircumplexDownload = () => mountDrawingDownload(byId("circumplex-download"), () => byId("circumplex").querySelector("svg"), "circumplex");

/** Show what `circumplex` of the interface gives; the panel is hidden if nothing was recorded. */
export function showCircumplex({ people }, attributes) {
  const [plane] = planesOf(attributes);
  const shown = people.filter(({ mean }) => mean?.valence !== null && mean?.valence !== undefined);
  byId("circumplex-panel").hidden = !plane || !shown.length;
  if (!plane || !shown.length) return;
  const [onX, onY] = [scale(plane.x.range), scale(plane.y.range)];
  const toX = (value) => CENTRE + RADIUS * onX(value);
  const toY = (value) => CENTRE - RADIUS * onY(value);
  setText(byId("circumplex-title"), planeTitle(plane.name));
  const label = shown.map((one) => `${personName(one)}: ${numberText(plane.x, one.mean.valence)}, ${numberText(plane.y, one.mean.arousal)}`).join("; ");
  const drawing = svgElement("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", class: "plane circumplex", "aria-label": `${plane.x.title}, ${plane.y.title}. ${label}` });
  drawing.append(...frame(plane), ...shown.map((one) => path(one, toX, toY)), ...shown.map((one) => meanPoint(one, toX, toY)));
  const note = [...new Set([plane.x.note, plane.y.note].filter(Boolean))].join("; ");
  byId("circumplex").replaceChildren(drawing, ...(note ? [element("p", { class: "plane-note" }, note)] : []));
  renderDataTable(byId("circumplex-table"), planeTitle(plane.name), [t("session.person_title"), plane.x.title, plane.y.title], () =>
    shown.map((one) => [personName(one), numberText(plane.x, one.mean.valence), numberText(plane.y, one.mean.arousal)]));
}
