/** Sessions page: the list of past sessions. */
import { deleteSessions, fetchSessions } from "../lib/api.js";
import { t } from "../lib/i18n.js";
import { announce, attempt } from "../lib/messages.js";
import { byId, setText } from "../lib/dom.js";
import { zoneName } from "../lib/format.js";
import { confirmDeleteAll } from "../sessions/dialogs.js";
import { replaceRows } from "../sessions/row-focus.js";
import { renderColourLegend } from "../charts/colour-legend.js";
import { sessionRow } from "../sessions/session-row.js";
import { sessionActions } from "../sessions/session-actions.js";
import { connect } from "../lib/socket.js";

const socket = connect();
const actions = sessionActions(socket, { renamed: refresh, removed: refresh });

function render(list) {
  byId("failure").hidden = true;
  byId("sessions").hidden = !list.length;
  byId("no-sessions").hidden = list.length > 0;
  byId("delete-all").hidden = !list.length;
  byId("delete-all").disabled = list.some(({ running }) => running);
  setText(byId("zone"), list.length ? t("sessions.zone", { zone: zoneName() }) : "");
  replaceRows(byId("sessions").querySelector("tbody"), list.map((session) => sessionRow(session, actions)), byId("to-live"));
  if (list.length) renderColourLegend(byId("legend"), Object.keys(list[0].histogram));
  else byId("legend").hidden = true;
}

async function refresh() {
  try {
    render(await fetchSessions());
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
socket.on("status", refresh);
refresh();
