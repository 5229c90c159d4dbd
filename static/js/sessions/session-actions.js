/** Rename and delete a session after asking; used by the list of sessions and the session page. */
import { deleteSession } from "../lib/api.js";
import { t } from "../lib/i18n.js";
import { announce, attempt } from "../lib/messages.js";
import { confirmDelete, askName } from "./dialogs.js";
import { request } from "../lib/socket.js";

/** `renamed()` and `removed()` are called after the server confirmed the change. */
export function sessionActions(socket, { renamed, removed }) {
  return {
    async rename({ id, name }) {
      const next = await askName(name);
      if (!next || !(await attempt(() => request(socket, "session_rename", { id, name: next })))) return;
      announce(t("base.renamed", { name: next }));
      renamed();
    },
    async remove({ id, name }) {
      if (!(await confirmDelete(name)) || !(await attempt(() => deleteSession(id)))) return;
      announce(t("base.deleted", { name }));
      removed();
    },
  };
}
