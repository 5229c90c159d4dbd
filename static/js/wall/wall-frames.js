/** The newest pictures of all cameras: one request after the other over a single connection. */
import { language } from "../lib/i18n.js";

/** Time between two requests: pictures of a tile a second, at most ten. */
const INTERVAL_MS = 100;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 4000;
/** In place of the number of a frame: there is no picture. */
const NO_FRAME = "-";
/** Bytes before the header of an answer, with its length. */
const LENGTH_BYTES = 4;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const whenVisible = () => new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));

/** `[{...tile, picture}]` of an answer; `picture` is a JPEG Blob, or null where the one that is shown is the newest. */
export function parseAnswer(buffer) {
  const headerEnd = LENGTH_BYTES + new DataView(buffer).getUint32(0);
  const { cameras } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, LENGTH_BYTES, headerEnd - LENGTH_BYTES)));
  let start = headerEnd;
  return cameras.map((tile) => {
    const bytes = new Uint8Array(buffer, start, tile.bytes);
    start += tile.bytes;
    return { ...tile, hasPicture: tile.frame !== NO_FRAME, picture: tile.bytes ? new Blob([bytes], { type: "image/jpeg" }) : null };
  });
}

async function fetchTiles(shown) {
  const response = await fetch(`/api/wall/frames?shown=${shown.join(",")}&lang=${language}`, { cache: "no-store" });
  if (!response.ok) throw new Error(String(response.status));
  return parseAnswer(await response.arrayBuffer());
}

/** Call `show(tiles)` with each answer, and `show(null)` while the server does not answer. Pauses while the page is hidden. */
export async function followWall(count, show) {
  let shown = Array(count).fill(NO_FRAME);
  let retryMs = FIRST_RETRY_MS;
  for (;;) {
    if (document.hidden) await whenVisible();
    const startedMs = performance.now();
    const tiles = await fetchTiles(shown).catch(() => null);
    await show(tiles);
    if (tiles) shown = tiles.map(({ frame }) => frame);
    await sleep(tiles ? Math.max(0, startedMs + INTERVAL_MS - performance.now()) : retryMs);
    retryMs = tiles ? FIRST_RETRY_MS : Math.min(2 * retryMs, MAX_RETRY_MS);
  }
}
