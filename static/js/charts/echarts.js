/** ECharts, loaded when the first chart is drawn, in the page's own colours. */
import { colour, onSchemeChange } from "../lib/colours.js";

let loading = null;
const library = () => (loading ??= import("../../node_modules/echarts/dist/echarts.esm.min.js"));

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** A chart in `node`; `makeOption()` is asked again at every `draw()` and change of scheme. */
export async function createChart(node, makeOption) {
  const echarts = await library();
  const chart = echarts.init(node, null, { renderer: "canvas" });
  const draw = () => {
    const option = makeOption();
    if (option) chart.setOption({ animation: !calm(), textStyle: { fontFamily: font() }, ...option });
  };
  new ResizeObserver(() => chart.resize()).observe(node);
  onSchemeChange(draw);
  draw();
  return { draw, chart };
}

export const font = () => getComputedStyle(document.body).fontFamily;

export const textStyle = (size = 12) => ({ color: colour("--muted"), fontFamily: font(), fontSize: size });

export const lineStyle = () => ({ lineStyle: { color: colour("--line") } });

/** Drawn on the canvas: an HTML tooltip would need inline styles. */
export const tooltip = (extra) => ({
  renderMode: "richText",
  confine: true,
  backgroundColor: colour("--raised"),
  borderColor: colour("--line"),
  textStyle: { ...textStyle(12), color: colour("--text") },
  ...extra,
});
