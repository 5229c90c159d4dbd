/** Socket.IO connection: receives status and statistics, sends acknowledged requests. */
import { io } from "../../node_modules/socket.io-client/dist/socket.io.esm.min.js";
import { cameraQuery } from "./api.js";
import { t } from "./i18n.js";
import { localizeStatus, problemText } from "./problems.js";

const ACKNOWLEDGEMENT_TIMEOUT_MS = 8000;
const MAX_RECONNECT_DELAY_MS = 2000;

export const connect = () =>
  io({ query: cameraQuery, transports: ["websocket", "polling"], tryAllTransports: true, reconnectionDelayMax: MAX_RECONNECT_DELAY_MS });

/** Send `event`; resolves to the acknowledgement or throws an Error with the server's reason. */
export async function request(socket, event, payload = {}) {
  if (!socket.connected) throw new Error(t("problems.not_connected"));
  const answer = await socket.timeout(ACKNOWLEDGEMENT_TIMEOUT_MS).emitWithAck(event, payload).catch(() => null);
  if (!answer) throw new Error(t("problems.no_acknowledgement"));
  if (!answer.ok) throw new Error(problemText(answer.error));
  return answer;
}

/** Keep the store's `connection`, `status` and `stats` up to date. */
export function feedStore(socket, store) {
  socket.on("connect", () => store.set({ connection: "online" }));
  socket.on("disconnect", () => store.set({ connection: "lost" }));
  socket.on("connect_error", () => {
    if (store.state.connection === "online") store.set({ connection: "lost" });
  });
  socket.on("status", (told) => {
    const status = localizeStatus(told);
    store.set(status.camera.state === "live" ? { status } : { status, stats: null });
  });
  socket.on("stats", (stats) => {
    // Statistics of the last frame may arrive after the camera was released.
    if (store.state.status?.camera.state === "live") store.set({ stats, statsAt: performance.now(), stalled: false });
  });
}

const STALL_TIMEOUT_MS = 2000;

/** Set the store's `stalled` when statistics stop without a status change; the timeout is at least two frame intervals. */
export function detectStalls(store) {
  setInterval(() => {
    const { statsAt, stalled, status } = store.state;
    const timeoutMs = Math.max(STALL_TIMEOUT_MS, 2000 / (status?.camera.fps || 1));
    if (!stalled && performance.now() - statsAt > timeoutMs) store.set({ stalled: true, stats: null });
  }, 250);
}
