/** Live page: one store, updated by the socket and rendered by the mounted components. */
import { mountBadge } from "../stage/badge.js";
import { mountCameraPicker, mountPauseButton } from "../stage/camera-controls.js";
import { mountPersonCards } from "../people/person-cards.js";
import { mountExpressionPanel } from "../people/expression-panel.js";
import { mountPlaneView } from "../people/plane-view.js";
import { mountFullscreen } from "../stage/fullscreen.js";
import { mountKeyboardShortcuts } from "../stage/keyboard-shortcuts.js";
import { mountNotices } from "../stage/notices.js";
import { mountSessionPanel } from "../sessions/session-panel.js";
import { mountSnapshot } from "../stage/snapshot.js";
import { mountStage } from "../stage/stage.js";
import { initialLayers, mountToggles } from "../stage/overlay-toggles.js";
import { VisiblePeople } from "../people/visible-people.js";
import { connect, feedStore, detectStalls } from "../lib/socket.js";
import { Store } from "../lib/store.js";

const store = new Store({
  connection: "connecting",
  status: null,
  stats: null,
  statsAt: performance.now(),
  stalled: false,
  people: [],
  selected: null,
  show: initialLayers(),
  hidden: document.hidden,
  streamProblem: null,
  cameras: [],
  saved: null,
});

const people = new VisiblePeople();
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
mountExpressionPanel(store);
mountPlaneView(store);
mountPersonCards(store);
mountSessionPanel(store, socket);
mountCameraPicker(store, socket);
mountPauseButton(store, socket);
mountKeyboardShortcuts({ " ": mountSnapshot(store), f: mountFullscreen() });
feedStore(socket, store);
detectStalls(store);
