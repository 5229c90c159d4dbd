/** ECharts in the page's colours, loaded when the first chart is drawn. */
import { colour, onColourSchemeChange } from "../lib/colours.js";

let loading = null;
export const loadECharts = () => (loading ??= import("../../vendor/echarts/echarts.min.js"));

const prefersReducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Create a chart in `node`. `makeOption()` is called at every `draw()` and colour scheme change; `replaces` drops the series of before, `scale` is the resolution in pixels for each CSS pixel. */
export async function createChart(node, makeOption, { replaces = false, scale = undefined } = {}) {
  const echarts = await loadECharts();
  const chart = echarts.init(node, null, { renderer: "canvas", devicePixelRatio: scale });
  const draw = () => {
    const option = makeOption();
    if (option) chart.setOption({ animation: !prefersReducedMotion(), textStyle: { fontFamily: font() }, ...option }, { replaceMerge: replaces ? ["series"] : [] });
  };
  // The first call comes at once, with the size that the chart has already.
  new ResizeObserver(() => (chart.getWidth() === node.clientWidth && chart.getHeight() === node.clientHeight) || chart.resize()).observe(node);
  onColourSchemeChange(draw);
  draw();
  return { draw, chart };
}

export const font = () => getComputedStyle(document.body).fontFamily;

export const textStyle = (size = 12) => ({ color: colour("--muted"), fontFamily: font(), fontSize: size });

export const lineStyle = () => ({ lineStyle: { color: colour("--line") } });

/** Tooltip drawn on the canvas: an HTML tooltip needs inline styles, which the content security policy forbids. */
export const tooltip = (extra) => ({
  renderMode: "richText",
  confine: true,
  backgroundColor: colour("--raised"),
  borderColor: colour("--line"),
  textStyle: { ...textStyle(12), color: colour("--text") },
  ...extra,
});
