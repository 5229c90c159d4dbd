/** Session panel of the live page: start a session, follow its figures, and open the last one. */
import { fetchSession } from "../lib/api.js";
import { announce, attempt } from "../lib/messages.js";
import { attributes, headline } from "../lib/attributes.js";
import { byId, element, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { durationText } from "../lib/format.js";
import { request } from "../lib/socket.js";
import { setUnavailable } from "../lib/unavailable.js";
import { renderColumns } from "../charts/columns.js";
import { labelShares } from "../sessions/label-shares.js";
import { reasonWithoutPicture } from "../stage/live-state.js";
import { mountSessionOptions } from "./session-options.js";

function renderSaved({ saved }) {
  const node = byId("session-saved");
  node.hidden = !saved;
  if (!saved) return;
  const link = element("a", { href: `/sessions/${saved.id}`, title: saved.name }, saved.name);
  const { duration_s: duration, persons: count, isOurs } = saved;
  const text = t(isOurs ? "recording.saved" : "recording.stopped_by_other", { duration: durationText(duration), count });
  node.replaceChildren(link, element("span", {}, text));
}

function renderFigures(state) {
  const figures = state.status?.session ? state.stats?.session : null;
  byId("session-figures").hidden = !figures || !headline.labels.length;
  setText(byId("session-note"), figures ? t("recording.people", { count: figures.persons }) : "");
  if (!figures) return;
  renderColumns(byId("histogram"), { attribute: headline, labels: headline.labels, histogram: figures.histogram });
  renderLabelShares(figures, state.show);
}

/** Of the attributes that this viewer has switched on. */
function renderLabelShares(figures, show) {
  const shown = attributes.filter(({ name }) => show.includes(name));
  const lines = labelShares(shown, figures).map(({ term, text }) => `${term}: ${text}.`);
  byId("session-label-shares").hidden = !lines.length;
  setText(byId("session-label-shares"), lines.join(" "));
}

/** The form while no session is running; it cannot be sent without a picture. */
function renderForm(state) {
  const reason = reasonWithoutPicture(state);
  const isRunning = Boolean(state.status?.session);
  byId("session-form").hidden = isRunning;
  setUnavailable(byId("session-button"), reason);
  const hint = byId("session-empty");
  setText(hint, reason || t("recording.explanation"));
  hint.toggleAttribute("data-reason", Boolean(reason));
  hint.hidden = isRunning || Boolean(state.saved && !reason);
}

/** Keep the link to a session that another viewer has stopped, since its viewers were following it. */
function followOtherStops(store) {
  let followed = null;
  store.watch(["status"], async ({ status }) => {
    const session = status?.session ?? null;
    const ended = followed;
    if (status) followed = session?.id ?? null;
    if (session || ended === null || store.state.saved?.id === ended) return;
    const { session: summary } = await fetchSession(ended).catch(() => ({}));
    if (summary && !summary.running && store.state.saved?.id !== ended) store.set({ saved: { ...summary, isOurs: false } });
  });
}

/** Mount the panel; returns the function that stops the running session. */
export function mountSessionPanel(store, socket) {
  const options = mountSessionOptions(store);
  const start = async () => {
    const reason = reasonWithoutPicture(store.state);
    if (reason) throw new Error(reason);
    const name = byId("session-name").value.trim();
    store.set({ saved: null });
    await request(socket, "session_start", { ...options(), ...(name && { name }) });
    byId("session-name").value = "";
    announce(t("recording.started"));
  };
  const stop = async () => {
    const { session } = await request(socket, "session_stop");
    store.set({ saved: { ...session, isOurs: true } });
    announce(t("recording.stopped"));
    byId("session-name").focus();
  };
  byId("session-form").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(start);
  });
  store.watch(["status", "saved", "connection", "stalled", "stats", "show"], (state) => {
    renderForm(state);
    renderSaved(state.status?.session ? { saved: null } : state);
    renderFigures(state);
  });
  followOtherStops(store);
  return stop;
}
