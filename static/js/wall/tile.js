/** Tile of one camera: its picture, or why there is none, and its figures. */
import { setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { problemText } from "../lib/problems.js";
import { liveState } from "../stage/live-state.js";

const localize = ({ camera, vision, pause }) => ({
  camera: { ...camera, notice: problemText(camera.notice), error: problemText(camera.error) },
  vision: { ...vision, error: problemText(vision.error) },
  pause,
});

/** State of a tile as `liveState` has it; `tile` is null while the server does not answer. */
const tileState = (tile) =>
  liveState({ connection: tile ? "online" : "lost", status: tile && localize(tile), stats: tile?.hasPicture ? tile : null });

function figuresText({ camera, fps, people, reduced }) {
  const rate = reduced && camera.fps ? t("wall.reduced_rate", { fps: Math.round(fps), of: Math.round(camera.fps) }) : t("wall.rate", { fps: Math.round(fps) });
  return `${t("wall.people", { count: people })} · ${rate}`;
}

async function draw(canvas, picture) {
  const image = await createImageBitmap(picture).catch(() => null);
  if (!image) return; // a damaged picture; the next one follows
  if (canvas.width !== image.width || canvas.height !== image.height) Object.assign(canvas, { width: image.width, height: image.height });
  canvas.getContext("2d").drawImage(image, 0, 0);
  image.close();
}

/** Show the state and picture of a camera in its element. */
export async function showTile(node, tile) {
  const state = tileState(tile);
  node.dataset.tone = state.tone;
  node.querySelector(".tile__veil").hidden = state.live;
  setText(node.querySelector(".tile__title"), state.label);
  setText(node.querySelector(".tile__detail"), state.detail);
  setText(node.querySelector(".tile__figures"), state.live ? figuresText(tile) : "");
  const recording = node.querySelector(".tile__recording");
  recording.hidden = !tile?.session;
  setText(recording, tile?.session ? t("wall.recording") : "");
  recording.title = tile?.session ?? "";
  if (tile?.picture) await draw(node.querySelector(".tile__picture"), tile.picture);
}
