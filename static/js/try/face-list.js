/** The numbers of every face in a picture. */
import { headline, servedAttributes } from "../lib/attributes.js";
import { headlineText, valuesText } from "../lib/attribute-text.js";
import { personVariable } from "../lib/colours.js";
import { element } from "../lib/dom.js";
import { percent } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { renderProbabilityBars } from "../charts/probability-bars.js";

const others = servedAttributes.filter(({ name }) => name !== headline.name);

function headlineLine(value) {
  const share = value.second ? undefined : value.probabilities?.[value.label];
  return share === undefined ? headlineText(headline, value) : `${headlineText(headline, value)} ${percent(share)}`;
}

function faceItem(face) {
  const value = face[headline.name];
  const bars = element("ul", { class: "bars", "aria-label": headline.title });
  if (value) renderProbabilityBars(bars, headline.labels, value.probabilities, value.label);
  const item = element(
    "li",
    { class: "face", id: `face-${face.id}`, tabindex: "-1" },
    element("h3", { class: "face__title" }, element("span", { class: "face__id" }, String(face.id)), value ? headlineLine(value) : t("try.face", { id: face.id })),
    value ? bars : null,
    element("p", { class: "face__values" }, valuesText(others, face)),
  );
  item.style.setProperty("--person", personVariable(face.id));
  return item;
}

export const showFaces = (list, faces) => list.replaceChildren(...faces.map(faceItem));
