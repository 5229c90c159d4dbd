/** The live page: one store, fed by the socket, shown by its components. */
import { mountBadge } from "./components/badge.js";
import { mountCameraPicker, mountPower } from "./components/camera.js";
import { mountCards } from "./components/cards.js";
import { mountExpression } from "./components/expression.js";
import { mountFullscreen } from "./components/fullscreen.js";
import { mountKeyboard } from "./components/keyboard.js";
import { mountNotices } from "./components/notices.js";
import { mountSessionPanel } from "./components/session-panel.js";
import { mountSnapshot } from "./components/snapshot.js";
import { mountStage } from "./components/stage.js";
import { mountToggles } from "./components/toggles.js";
import { People } from "./people.js";
import { loadShow } from "./preferences.js";
import { connect, feed, watchForStalls } from "./socket.js";
import { Store } from "./store.js";

const store = new Store({
  connection: "connecting",
  status: null,
  stats: null,
  statsAt: performance.now(),
  stalled: false,
  people: [],
  selected: null,
  show: loadShow(),
  hidden: document.hidden,
  streamProblem: null,
  cameras: [],
  saved: null,
});

const people = new People();
store.addEventListener("stats", () => {
  const { stats } = store.state;
  const seen = stats ? people.update(stats.faces, performance.now()) : people.clear();
  const stays = seen.some(({ id }) => id === store.state.selected);
  store.set({ people: seen, selected: stays ? store.state.selected : null });
});

const socket = connect();
mountStage(store, socket);
mountBadge(store);
mountNotices(store);
mountToggles(store);
mountExpression(store);
mountCards(store);
mountSessionPanel(store, socket);
mountCameraPicker(store, socket);
mountPower(store, socket);
mountKeyboard({ " ": mountSnapshot(store), f: mountFullscreen() });
feed(socket, store);
watchForStalls(store);
