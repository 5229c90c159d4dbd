/** The live page: one store, fed by the socket, shown by its components. */
import { mountBadge } from "../stage/badge.js";
import { mountCameraPicker, mountPower } from "../stage/camera-controls.js";
import { mountCards } from "../people/person-cards.js";
import { mountExpression } from "../people/expression-panel.js";
import { mountFullscreen } from "../stage/fullscreen.js";
import { mountKeyboard } from "../stage/keyboard-shortcuts.js";
import { mountNotices } from "../stage/notices.js";
import { mountSessionPanel } from "../sessions/session-panel.js";
import { mountSnapshot } from "../stage/snapshot.js";
import { mountStage } from "../stage/stage.js";
import { mountToggles } from "../stage/overlay-toggles.js";
import { People } from "../people/visible-people.js";
import { loadShow } from "../lib/preferences.js";
import { connect, feed, watchForStalls } from "../lib/socket.js";
import { Store } from "../lib/store.js";

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
