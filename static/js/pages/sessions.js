/** Sessions page: the list of past sessions. */
import { deleteSessions, fetchSessions } from "../lib/api.js";
import { attempt } from "../lib/messages.js";
import { byId, setText } from "../lib/dom.js";
import { count, zoneName } from "../lib/format.js";
import { confirmDeleteAll } from "../sessions/dialogs.js";
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
  setText(byId("zone"), list.length ? `Times in ${zoneName()}.` : "");
  byId("sessions").querySelector("tbody").replaceChildren(...list.map((session) => sessionRow(session, actions)));
  if (list.length) renderColourLegend(byId("legend"), Object.keys(list[0].histogram));
  else byId("legend").hidden = true;
}

async function refresh() {
  try {
    render(await fetchSessions());
  } catch (error) {
    setText(byId("failure"), `The sessions cannot be shown: ${error.message}.`);
    byId("failure").hidden = false;
  }
}

byId("delete-all").addEventListener("click", async () => {
  const shown = byId("sessions").querySelectorAll("tbody tr").length;
  if ((await confirmDeleteAll(count(shown, "session", "sessions"))) && (await attempt(deleteSessions))) refresh();
});
socket.on("status", refresh);
refresh();
