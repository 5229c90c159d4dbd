/** Chapter 4: filters and feature maps of the served emotion network for one's own face. */
import { headline } from "../lib/attributes.js";
import { element } from "../lib/dom.js";
import { decimal, fixed, percent } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { renderProbabilityBars } from "../charts/probability-bars.js";
import { dataTable, numberTable, picture, titled } from "../learn/plots.js";

export const controlText = (name) => t(`learn_convolution.controls.${name}`);

const kindText = ({ kind, kernel }) => t(`learn_convolution.kinds.${kind}`, { size: kernel?.join(" × ") ?? "" });

function layerTable({ layers, place }) {
  const rows = layers.map((layer) => [kindText(layer), layer.shape.join(" × "), decimal(layer.parameters)]);
  const heads = [t("learn_convolution.layer"), t("learn_convolution.shape"), t("learn_convolution.parameters")];
  const table = dataTable(heads, rows, t("learn_convolution.table"));
  const current = table.querySelectorAll("tbody tr")[place];
  current.classList.add("is-current");
  current.setAttribute("aria-current", "true");
  return table;
}

function workedSum({ pixels, kernel, bias, value, output }) {
  return titled(
    t("learn_convolution.worked"),
    element("div", { class: "parts" }, numberTable(pixels, t("learn_convolution.pixels")), numberTable(kernel.map((row) => row.map((one) => fixed(one, 2))), t("learn_convolution.kernel"))),
    element("p", { class: "formula" }, t("learn_convolution.sum", { bias: fixed(bias, 2), value: fixed(value, 2), output: fixed(output, 2) })),
  );
}

export function mount(area) {
  return {
    show(answer) {
      const { result } = answer;
      const [height, width, channels] = result.shape;
      const summary = t("learn_convolution.summary", { layer: result.layer, width, height, channels, channel: result.channel, active: percent(result.active) });
      const bars = element("ul", { class: "bars", "aria-label": headline.title });
      const top = Object.entries(result.probabilities).reduce((best, one) => (one[1] > best[1] ? one : best))[0];
      renderProbabilityBars(bars, headline.labels, result.probabilities, top);
      area.replaceChildren(
        element("p", { class: "summary" }, summary),
        element(
          "div",
          { class: "parts" },
          titled(t("learn_convolution.patch"), picture(answer, "patch", t("learn_convolution.patch"))),
          titled(t("learn_convolution.map", { channel: result.channel }), picture(answer, "map", t("learn_convolution.map", { channel: result.channel }))),
        ),
        titled(t("learn_convolution.maps", { count: result.shown }), picture(answer, "maps", t("learn_convolution.maps", { count: result.shown }))),
        titled(t("learn_convolution.filters"), picture(answer, "filters", t("learn_convolution.filters"))),
        ...(result.sum ? [workedSum(result.sum)] : []),
        titled(t("learn_convolution.table"), layerTable(result), element("p", { class: "quiet" }, t("learn_convolution.total", { count: result.parameters }))),
        titled(t("learn_convolution.end"), bars),
      );
      return summary;
    },
  };
}
