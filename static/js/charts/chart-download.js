/** Save a chart as PNG or SVG, drawn anew at a fixed size with the page's colours. */
import { colour } from "../lib/colours.js";
import { saveBlob } from "../lib/dom.js";
import { font, loadECharts } from "./echarts.js";

const WIDTH = 1200;
const PNG_SCALE = 2;

async function drawn(option, height, renderer) {
  const echarts = await loadECharts();
  const node = renderer === "canvas" ? document.createElement("div") : null;
  const chart = echarts.init(node, null, { renderer, ssr: renderer === "svg", width: WIDTH, height, devicePixelRatio: PNG_SCALE });
  chart.setOption({ animation: false, backgroundColor: colour("--ground"), textStyle: { fontFamily: font() }, ...option, tooltip: { show: false } });
  return chart;
}

async function svgBlob(option, height) {
  const chart = await drawn(option, height, "svg");
  return new Blob([chart.renderToSVGString()], { type: "image/svg+xml" });
}

async function pngBlob(option, height) {
  const chart = await drawn(option, height, "canvas");
  return new Promise((resolve) => chart.renderToCanvas({ pixelRatio: PNG_SCALE }).toBlob(resolve, "image/png"));
}

/** Buttons `[data-format]` in `parent` save the chart of `makeOption()`, which `node` shows, as `NAME.png` or `NAME.svg`. */
export function mountChartDownload(parent, makeOption, node, name) {
  for (const button of parent.querySelectorAll("[data-format]")) {
    button.addEventListener("click", async () => {
      const option = makeOption();
      if (!option) return;
      const makeBlob = button.dataset.format === "svg" ? svgBlob : pngBlob;
      saveBlob(await makeBlob(option, node.clientHeight), `${name}.${button.dataset.format}`);
    });
  }
}
