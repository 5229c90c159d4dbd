/** The live connection: numbers come in, requests go out and are acknowledged. */
import { io } from "../../node_modules/socket.io-client/dist/socket.io.esm.min.js";

const ACKNOWLEDGED_WITHIN_MS = 8000;

const LONGEST_RETRY_MS = 2000;

export const connect = () =>
  io({ transports: ["websocket", "polling"], tryAllTransports: true, reconnectionDelayMax: LONGEST_RETRY_MS });

/** Send `event`; the acknowledgement, or an Error with the server's reason. */
export async function request(socket, event, payload = {}) {
  if (!socket.connected) throw new Error("not connected to the server; it is tried again by itself");
  const answer = await socket.timeout(ACKNOWLEDGED_WITHIN_MS).emitWithAck(event, payload).catch(() => null);
  if (!answer) throw new Error("the server gave no answer; try once more");
  if (!answer.ok) throw new Error(answer.error);
  return answer;
}

/** Keep the store's `connection`, `status` and `stats` as the server tells them. */
export function feed(socket, store) {
  socket.on("connect", () => store.set({ connection: "online" }));
  socket.on("disconnect", () => store.set({ connection: "lost" }));
  socket.on("connect_error", () => {
    if (store.state.connection === "online") store.set({ connection: "lost" });
  });
  socket.on("status", (status) => store.set(status.camera.state === "live" ? { status } : { status, stats: null }));
  socket.on("stats", (stats) => {
    // The last picture's numbers may come after the camera was let go.
    if (store.state.status?.camera.state === "live") store.set({ stats, statsAt: performance.now(), stalled: false });
  });
}

const STALLED_AFTER_MS = 2000;

/** Notice when numbers stop coming although nothing said why. */
export function watchForStalls(store) {
  setInterval(() => {
    const { statsAt, stalled, status } = store.state;
    const patience = Math.max(STALLED_AFTER_MS, 2000 / (status?.camera.fps || 1));
    if (!stalled && performance.now() - statsAt > patience) store.set({ stalled: true, stats: null });
  }, 250);
}
