/** Save a chart as PNG or SVG with the page's colours: drawn anew at a fixed size, or a copy of a drawing in the page. */
import { colour } from "../lib/colours.js";
import { saveBlob, svgElement } from "../lib/dom.js";
import { font, loadECharts } from "./echarts.js";

export const WIDTH = 1200;
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

const INHERITED = ["fill", "stroke", "stroke-width", "opacity", "font-family", "font-size"];

/** Set an attribute; what browsers compute of a mixture of colours is unknown to other programs. */
function setPlain(node, name, value) {
  const mixed = /^color\(srgb ([\d.]+) ([\d.]+) ([\d.]+)(?: \/ ([\d.]+))?\)$/.exec(value);
  node.setAttribute(name, mixed ? `rgb(${mixed.slice(1, 4).map((part) => Math.round(255 * part)).join(", ")})` : value);
  if (mixed?.[4]) node.setAttribute(`${name}-opacity`, mixed[4]);
}

/** A copy of an SVG of the page that needs no style sheet, on the page's ground. */
function standalone(drawing) {
  const { width, height } = drawing.viewBox.baseVal;
  const copy = drawing.cloneNode(true);
  const originals = [...drawing.querySelectorAll("*")];
  [...copy.querySelectorAll("*")].forEach((node, index) => {
    const style = getComputedStyle(originals[index]);
    node.removeAttribute("class");
    node.removeAttribute("style");
    for (const name of INHERITED) setPlain(node, name, style.getPropertyValue(name));
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  copy.removeAttribute("class");
  copy.prepend(svgElement("rect", { width, height, fill: colour("--ground") }));
  return copy;
}

const drawingBlob = (drawing) => new Blob([new XMLSerializer().serializeToString(standalone(drawing))], { type: "image/svg+xml" });

async function drawingPng(drawing) {
  const address = URL.createObjectURL(drawingBlob(drawing));
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH * PNG_SCALE;
  canvas.height = (canvas.width * image.height) / image.width;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(address);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/** Buttons `[data-format]` in `parent` save the SVG that `findDrawing()` gives as `NAME.png` or `NAME.svg`. */
export function mountDrawingDownload(parent, findDrawing, name) {
  for (const button of parent.querySelectorAll("[data-format]")) {
    button.addEventListener("click", async () => {
      const drawing = findDrawing();
      if (!drawing) return;
      const blob = button.dataset.format === "svg" ? drawingBlob(drawing) : await drawingPng(drawing);
      saveBlob(blob, `${name}.${button.dataset.format}`);
    });
  }
}

/** Buttons `[data-format]` in `parent` save the chart of `makeOption()` with `height()` pixels as `NAME.png` or `NAME.svg`. */
export function mountChartDownload(parent, makeOption, height, name) {
  for (const button of parent.querySelectorAll("[data-format]")) {
    button.addEventListener("click", async () => {
      const option = makeOption();
      if (!option) return;
      const makeBlob = button.dataset.format === "svg" ? svgBlob : pngBlob;
      saveBlob(await makeBlob(option, height()), `${name}.${button.dataset.format}`);
    });
  }
}
