/** The list of past sessions. */
import { sessions } from "./api.js";
import { byId, setText } from "./dom.js";
import { zoneName } from "./format.js";
import { renderKey } from "./components/key.js";
import { sessionRow } from "./components/session-row.js";
import { sessionActions } from "./session-actions.js";
import { connect } from "./socket.js";

const socket = connect();
const actions = sessionActions(socket, { renamed: refresh, removed: refresh });

function render(list) {
  byId("failure").hidden = true;
  byId("sessions").hidden = !list.length;
  byId("no-sessions").hidden = list.length > 0;
  setText(byId("zone"), list.length ? `Times in ${zoneName()}` : "");
  byId("sessions").querySelector("tbody").replaceChildren(...list.map((session) => sessionRow(session, actions)));
  if (list.length) renderKey(byId("key"), Object.keys(list[0].histogram));
  else byId("key").hidden = true;
}

async function refresh() {
  try {
    render(await sessions());
  } catch (error) {
    setText(byId("failure"), `The sessions cannot be shown: ${error.message}.`);
    byId("failure").hidden = false;
  }
}

socket.on("status", refresh);
refresh();
