/** Session panel of the live page: start, name, follow and stop a session. */
import { announce, attempt } from "../lib/messages.js";
import { attributes, headline } from "../lib/attributes.js";
import { labelShares } from "./label-shares.js";
import { byId, element, setText } from "../lib/dom.js";
import { durationText, count } from "../lib/format.js";
import { request } from "../lib/socket.js";
import { createHistogram } from "../charts/histogram.js";

/** Seconds since the start: the server's value, extrapolated between its messages. */
function elapsed({ status, stats, statsAt }) {
  if (stats?.session) return stats.session.elapsed_s + (performance.now() - statsAt) / 1000;
  return (Date.now() - Date.parse(status.session.started_at)) / 1000;
}

function renderSaved(saved) {
  const node = byId("session-saved");
  node.hidden = !saved;
  if (!saved) return;
  const link = element("a", { href: `/sessions/${saved.id}` }, saved.name);
  node.replaceChildren("Saved ", link, `, ${durationText(saved.duration_s)} with ${count(saved.persons, "person", "people")}.`);
}

function renderForm(running, wasRunning) {
  const button = byId("session-button");
  setText(button, running ? "Stop" : "Start");
  button.classList.toggle("button--primary", !running);
  byId("session-time").hidden = !running;
  if (Boolean(running) === wasRunning) return;
  byId("session-name").value = running?.name ?? "";
}

function histogramData({ stats, saved, status }) {
  const session = status?.session ? stats?.session : saved;
  const { labels } = headline;
  return session && labels.length ? { attribute: headline, labels, histogram: session.histogram } : null;
}

/** Of the attributes that this viewer has switched on. */
function renderLabelShares({ stats, status, show }) {
  const shown = attributes.filter(({ name }) => show.includes(name));
  const lines = labelShares(shown, (status?.session && stats?.session) || {}).map(({ term, text }) => `${term}: ${text}.`);
  byId("session-label-shares").hidden = !lines.length;
  setText(byId("session-label-shares"), lines.join(" "));
}

export function mountSessionPanel(store, socket) {
  const histogram = createHistogram(byId("histogram"));
  let wasRunning = false;
  const tick = () => {
    if (store.state.status?.session) setText(byId("session-time").lastElementChild, durationText(elapsed(store.state)));
  };
  store.watch(["status", "saved"], ({ status, saved }) => {
    const running = status?.session ?? null;
    renderForm(running, wasRunning);
    wasRunning = Boolean(running);
    renderSaved(running ? null : saved);
    byId("session-empty").hidden = Boolean(running || saved);
    tick();
  });
  store.watch(["stats", "saved", "status", "show"], (state) => {
    const figures = histogramData(state);
    renderLabelShares(state);
    if (!state.status?.session) byId("histogram").hidden = !figures;
    if (!figures) return;
    byId("histogram").hidden = false;
    setText(byId("session-note"), state.status.session ? count(state.stats.session.persons, "person", "people") : "");
    histogram.show(figures);
  });
  setInterval(tick, 250);
  mountForm(store, socket);
}

function mountForm(store, socket) {
  const field = byId("session-name");
  byId("session-form").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(store.state.status?.session ? () => stop(store, socket) : () => start(store, socket, field.value.trim()));
  });
  field.addEventListener("change", () => {
    const running = store.state.status?.session;
    if (running && field.value.trim()) attempt(() => request(socket, "session_rename", { id: running.id, name: field.value.trim() }));
  });
}

async function start(store, socket, name) {
  store.set({ saved: null });
  await request(socket, "session_start", name ? { name } : {});
  announce("Session started");
}

async function stop(store, socket) {
  const { session } = await request(socket, "session_stop");
  store.set({ saved: session });
  announce("Session stopped and saved");
}
