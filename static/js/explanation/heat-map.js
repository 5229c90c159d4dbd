/** A face patch, and over it a map of what speaks for a label (orange) and against it (blue). */

/** Falls of a probability below this are drawn pale, however small the others are: noise must not look like a finding. */
const MIN_SCALE = 0.05;
/** Opacity where the map is strongest: the face stays visible under it. */
const MAX_OPACITY = 0.85;
/** Ends of the ramp, in RGB. Orange and blue differ for people with any colour vision deficiency, and from the gray face. */
const FOR = [255, 140, 26];
const AGAINST = [38, 118, 214];

/** The value at the ends of the ramp. */
export const scaleOf = (falls) => Math.max(MIN_SCALE, ...falls.flat().map(Math.abs));

/** 8-bit pixels, one or three values each, from base64. */
const decode = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

function toCanvas(width, height, pixel) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let index = 0; index < width * height; index += 1) image.data.set(pixel(index), index * 4);
  context.putImageData(image, 0, 0);
  return canvas;
}

function patchCanvas({ patch, shape: [height, width, channels] }) {
  const values = decode(patch);
  return toCanvas(width, height, (index) => {
    const at = index * channels;
    return channels === 1 ? [values[at], values[at], values[at], 255] : [values[at], values[at + 1], values[at + 2], 255];
  });
}

function mapCanvas(falls) {
  const scale = scaleOf(falls);
  return toCanvas(falls[0].length, falls.length, (index) => {
    const value = falls.flat()[index] / scale;
    return [...(value > 0 ? FOR : AGAINST), Math.round(Math.min(1, Math.abs(value)) * MAX_OPACITY * 255)];
  });
}

function draw(canvas, layers) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  for (const layer of layers) context.drawImage(layer, 0, 0, canvas.width, canvas.height);
}

/** Draw what the network gets, an answer of POST /api/people/ID/explanation. */
export const drawPatch = (canvas, explanation) => draw(canvas, [patchCanvas(explanation)]);

/** The same with the map over it. */
export const drawHeatMap = (canvas, explanation) => draw(canvas, [patchCanvas(explanation), mapCanvas(explanation.falls)]);
