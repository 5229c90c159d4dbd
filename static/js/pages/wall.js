/** Wall of all cameras: one tile each, which opens the live page of its camera. */
import { byId, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { showTile } from "../wall/tile.js";
import { followWall } from "../wall/wall-frames.js";

const nodes = [...byId("wall").children];

/** Whether the computer carries all cameras, and how many it does not. */
function showNotice(tiles) {
  const count = tiles.filter(({ reduced }) => reduced > 0).length;
  byId("wall-notice").hidden = !count;
  setText(byId("wall-notice"), count ? t("wall.overloaded", { count, total: tiles.length }) : "");
}

/** Whether the page shows these cameras: those of several processes come and go. */
const showsSame = (tiles) => tiles.length === nodes.length && tiles.every(({ name }, index) => name === nodes[index].dataset.camera);

followWall(nodes.length, async (tiles) => {
  if (tiles && !showsSame(tiles)) return location.reload();
  await Promise.all(nodes.map((node, index) => showTile(node, tiles?.[index] ?? null)));
  if (tiles) showNotice(tiles);
});
