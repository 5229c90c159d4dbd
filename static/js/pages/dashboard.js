/** Live page: one store, updated by the socket and rendered by the mounted components. */
import { mountBadge } from "../stage/badge.js";
import { mountCameraLink } from "../camera/camera-link.js";
import { mountCameraPicker, mountPauseButton } from "../stage/camera-controls.js";
import { mountPersonCards } from "../people/person-cards.js";
import { mountNeutralFace } from "../people/neutral-face.js";
import { mountExpressionAnnouncer } from "../people/expression-announcer.js";
import { mountExpressionPanel } from "../people/expression-panel.js";
import { mountPlaneView } from "../people/plane-view.js";
import { mountRecentExpressions } from "../people/recent-expressions.js";
import { mountExplanation } from "../explanation/explanation-dialog.js";
import { mountFaceSelection } from "../picture/face-selection.js";
import { mountFullscreen } from "../stage/fullscreen.js";
import { mountKeyboardShortcuts } from "../stage/keyboard-shortcuts.js";
import { mountPageLayout } from "../stage/page-layout.js";
import { mountPictureSize } from "../picture/picture-size.js";
import { mountRecordingBar } from "../recording/recording-bar.js";
import { mountSessionPanel } from "../recording/session-panel.js";
import { mountPositionBar } from "../stage/position-bar.js";
import { mountSnapshot } from "../stage/snapshot.js";
import { mountStage } from "../stage/stage.js";
import { mountStatusChips } from "../stage/status-chips.js";
import { initialLayers, mountToggles } from "../stage/overlay-toggles.js";
import { mountVeil } from "../stage/veil.js";
import { mountStageDrop } from "../try/stage-drop.js";
import { VisiblePeople } from "../people/visible-people.js";
import { byId } from "../lib/dom.js";
import { mountDisclosures } from "../lib/disclosure.js";
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
  pictureSize: "medium",
  hidden: document.hidden,
  streamProblem: null,
  cameras: [],
  saved: null,
  ownPause: null,
});

const people = new VisiblePeople();
store.addEventListener("stats", () => {
  const { stats, status } = store.state;
  // Nobody leaves a picture of a folder: the next one shows other people.
  const keptMs = status?.camera.kind === "folder" ? 0 : undefined;
  const seen = stats ? people.update(stats.faces, performance.now(), keptMs) : people.clear();
  const stays = seen.some(({ id }) => id === store.state.selected);
  store.set({ people: seen, selected: stays ? store.state.selected : null });
});

/** Stage and numbers only, without controls: `/?kiosk`. */
const isKiosk = document.body.classList.contains("page-kiosk");
const socket = connect();
mountDisclosures();
mountPageLayout(store);
mountPictureSize(store);
mountStage(store);
mountVeil(store, socket);
mountBadge(store);
mountStatusChips(store);
mountToggles(store);
mountExpressionPanel(store);
mountExpressionAnnouncer(store);
mountRecentExpressions(store);
mountPlaneView(store);
mountFaceSelection(store, { isStatic: isKiosk });
mountPersonCards(store, { isStatic: isKiosk });
mountNeutralFace(store);
if (!isKiosk) mountExplanation(store);
mountCameraPicker(store, socket);
mountPauseButton(store, socket);
if (!isKiosk) mountCameraLink(store);
if (!isKiosk) mountPositionBar(store, socket);
const stop = mountSessionPanel(store, socket);
const markerKeys = mountRecordingBar(store, socket, stop);
const actions = { " ": mountSnapshot(store), f: mountFullscreen(), ...markerKeys };
if (!isKiosk) mountKeyboardShortcuts(actions);
if (!isKiosk) mountStageDrop(byId("stage"));
feedStore(socket, store);
detectStalls(store);
