/** Rename and delete, asked and done; shared by the list and a session's own page. */
import { deleteSession } from "../lib/api.js";
import { attempt } from "../lib/messages.js";
import { askDelete, askName } from "./dialogs.js";
import { request } from "../lib/socket.js";

/** `done()` is called after every change the server took. */
export function sessionActions(socket, { renamed, removed }) {
  return {
    async rename({ id, name }) {
      const next = await askName(name);
      if (next && (await attempt(() => request(socket, "session_rename", { id, name: next })))) renamed();
    },
    async remove({ id, name }) {
      if ((await askDelete(name)) && (await attempt(() => deleteSession(id)))) removed();
    },
  };
}
