/** Sessions page: the list of past sessions. */
import { deleteSessions, findSessions } from "../lib/api.js";
import { t } from "../lib/i18n.js";
import { announce, attempt } from "../lib/messages.js";
import { byId, element, replaceKeepingFocus, setText } from "../lib/dom.js";
import { zoneName } from "../lib/format.js";
import { confirmDeleteAll } from "../sessions/dialogs.js";
import { renderColourLegend } from "../charts/colour-legend.js";
import { mountImport } from "../sessions/session-import.js";
import { sessionRow } from "../sessions/session-row.js";
import { sessionActions } from "../sessions/session-actions.js";
import { connect } from "../lib/socket.js";

const MAX_COMPARED = 6;
const SETTLE_MS = 200;
const socket = connect();
const chosen = new Set();
const actions = { ...sessionActions(socket, { renamed: refresh, removed: refresh }), isChosen: (id) => chosen.has(id), choose };
let newestRequest = 0;
let settleTimer = 0;

function choose(id, on) {
  if (on) chosen.add(id);
  else chosen.delete(id);
  byId("compare").disabled = chosen.size < 2 || chosen.size > MAX_COMPARED;
}

const isSearch = () => Boolean(byId("search-text").value.trim() || byId("search-tag").value);

function renderTags(tags) {
  const select = byId("search-tag");
  const current = select.value;
  byId("search-tag-label").hidden = !tags.length;
  select.replaceChildren(element("option", { value: "" }, t("sessions.any_tag")), ...tags.map((tag) => element("option", { value: tag, selected: tag === current }, tag)));
}

function render({ sessions: list, tags }) {
  byId("failure").hidden = true;
  const isEmpty = !list.length && !isSearch();
  byId("sessions").hidden = !list.length;
  byId("no-sessions").hidden = !isEmpty;
  byId("none-found").hidden = list.length > 0 || isEmpty;
  for (const id of ["delete-all", "compare", "search"]) byId(id).hidden = isEmpty;
  byId("delete-all").disabled = isSearch() || list.some(({ running }) => running);
  renderTags(tags ?? []);
  setText(byId("zone"), list.length ? t("sessions.zone", { zone: zoneName() }) : "");
  const rows = list.map((session) => sessionRow(session, actions));
  replaceKeepingFocus(byId("sessions").querySelector("tbody"), rows, { key: ({ dataset }) => dataset.session, fallback: byId("to-live") });
  if (list.length) renderColourLegend(byId("legend"), Object.keys(list[0].histogram));
  else byId("legend").hidden = true;
}

async function refresh() {
  const request = ++newestRequest;
  try {
    const found = await findSessions(byId("search-text").value.trim(), byId("search-tag").value);
    if (request === newestRequest) render(found);
  } catch (error) {
    setText(byId("failure"), t("sessions.failed", { reason: error.message }));
    byId("failure").hidden = false;
  }
}

byId("delete-all").addEventListener("click", async () => {
  const shown = byId("sessions").querySelectorAll("tbody tr").length;
  if (!(await confirmDeleteAll(t("sessions.count", { count: shown }))) || !(await attempt(deleteSessions))) return;
  await refresh();
  byId("to-live").focus();
  announce(t("sessions.deleted_all"));
});
byId("compare").addEventListener("click", () => location.assign(`/compare?sessions=${[...chosen].sort((one, other) => one - other).join(",")}`));
byId("search-text").addEventListener("input", () => {
  clearTimeout(settleTimer);
  settleTimer = setTimeout(refresh, SETTLE_MS);
});
byId("search-tag").addEventListener("change", refresh);
mountImport(refresh);
socket.on("status", refresh);
refresh();
