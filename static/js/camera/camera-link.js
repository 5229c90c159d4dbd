/** On the live page while a browser's camera is waited for: the code and the link that lead to it; later, how to end it. */
import { createCameraLink, revokeCameraLink } from "../lib/api.js";
import { byId, element, setText, svgElement } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { attempt, toast } from "../lib/messages.js";

/** How often the time left is shown anew, and the time left at which a new link is fetched. */
const CHECK_MS = 10000;
const LEAST_MS = 60000;
const MINUTE_MS = 60000;

const isWaiting = ({ status, connection }) => connection === "online" && status?.vision.state === "running" && status.camera.state === "waiting";
const isConnected = ({ status }) => status?.camera.kind === "browser" && status.camera.state === "live";

function adviceText({ local, secure }) {
  if (local) return t("camera.local");
  return secure ? "" : t("camera.needs_https");
}

function render(link) {
  byId("camera-link-code").hidden = link.local;
  byId("camera-link-code").src = link.code;
  setText(byId("camera-link-detail"), t(link.local ? "camera.local_detail" : "camera.waiting_detail"));
  byId("camera-link-address").href = link.url;
  setText(byId("camera-link-address"), link.url);
  byId("camera-link-advice").hidden = !adviceText(link);
  setText(byId("camera-link-advice"), adviceText(link));
}

/** The link that is shown, and a new one before it ends. */
class ShownLink {
  #endsMs = 0;

  async refresh() {
    if (performance.now() > this.#endsMs - LEAST_MS) {
      const link = await createCameraLink();
      this.#endsMs = performance.now() + 1000 * link.ends_in_s;
      render(link);
    }
    const minutes = Math.max(1, Math.round((this.#endsMs - performance.now()) / MINUTE_MS));
    setText(byId("camera-link-valid"), t("camera.valid", { count: minutes }));
  }

  forget() {
    this.#endsMs = 0;
  }
}

/** A phone, crossed out. */
function disconnectIcon() {
  const lines = { fill: "none", stroke: "currentColor", "stroke-width": "1.5", "stroke-linecap": "round", "stroke-linejoin": "round" };
  const icon = svgElement("svg", { class: "icon", viewBox: "0 0 20 20", width: "20", height: "20", "aria-hidden": "true", ...lines });
  icon.append(svgElement("path", { d: "M6 6v9.500a1 1 0 0 0 1 1h6a1 1 0 0 0 1-1V14M6.500 3.500H13a1 1 0 0 1 1 1V11M3.500 3.500l13 13" }));
  return icon;
}

function mountDisconnect(store, shown) {
  const text = t("camera.disconnect");
  const button = element("button", { type: "button", class: "tool", id: "camera-disconnect", "aria-label": text, title: text, hidden: true }, disconnectIcon());
  byId("source-tools").append(button);
  button.addEventListener("click", () =>
    attempt(async () => {
      await revokeCameraLink();
      shown.forget();
      toast(t("camera.disconnected"));
    }),
  );
  store.watch(["status"], (state) => (button.hidden = !isConnected(state)));
}

export function mountCameraLink(store) {
  const panel = byId("camera-link");
  const shown = new ShownLink();
  const refresh = () => !panel.hidden && attempt(() => shown.refresh());
  store.watch(["status", "connection"], (state) => {
    if (panel.hidden !== isWaiting(state)) return;
    panel.hidden = !isWaiting(state);
    refresh();
  });
  setInterval(refresh, CHECK_MS);
  byId("camera-link-copy").addEventListener("click", () =>
    attempt(async () => {
      await navigator.clipboard.writeText(byId("camera-link-address").href);
      toast(t("camera.copied"));
    }),
  );
  mountDisconnect(store, shown);
}
