/** Legend: the colour of each expression. */
import { element } from "../lib/dom.js";
import { headline } from "../lib/attributes.js";
import { headlineText } from "../lib/attribute-text.js";
import { seriesVariable } from "../lib/colours.js";

export function renderColourLegend(list, labels) {
  list.replaceChildren(
    ...labels.map((label) => {
      const swatch = element("span", { class: "legend__swatch" });
      swatch.style.setProperty("--series", seriesVariable(labels, label));
      return element("li", {}, swatch, headlineText(headline, { label }));
    }),
  );
  list.hidden = !labels.length;
}
