/** Which colour is which expression. */
import { element } from "../lib/dom.js";
import { word } from "../lib/format.js";
import { seriesVariable } from "../lib/colours.js";

export function renderKey(list, labels) {
  list.replaceChildren(
    ...labels.map((label) => {
      const swatch = element("span", { class: "key__swatch" });
      swatch.style.setProperty("--series", seriesVariable(labels, label));
      return element("li", {}, swatch, word(label));
    }),
  );
  list.hidden = !labels.length;
}
