/** Import of an exported session: a button that opens a file, and a message when it is there. */
import { importSession } from "../lib/api.js";
import { byId, element, setText } from "../lib/dom.js";
import { decimal } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { announce, attempt, toast } from "../lib/messages.js";

const BYTES_PER_MB = 1e6;

/** The server closes the connection on larger files, which tells the browser nothing. */
function isTooLarge({ name, size }, maxMb) {
  if (size <= maxMb * BYTES_PER_MB) return false;
  toast(t("sessions.import_too_large", { name, size: decimal(Math.ceil(size / BYTES_PER_MB)), limit: decimal(maxMb) }));
  return true;
}

function showImported({ id, name }) {
  const line = byId("imported");
  line.replaceChildren(element("a", { href: `/sessions/${id}` }, t("sessions.imported", { name })));
  line.hidden = false;
  announce(t("sessions.imported", { name }));
}

/** `imported()` is called when a session was added. */
export function mountImport(imported) {
  const button = byId("import");
  const input = byId("import-file");
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", async () => {
    const [file] = input.files;
    input.value = "";
    if (!file || isTooLarge(file, Number(input.dataset.maxMb))) return;
    button.disabled = true;
    byId("imported").hidden = true;
    setText(button, t("sessions.importing"));
    const isDone = await attempt(async () => showImported(await importSession(file)));
    setText(button, t("sessions.import"));
    button.disabled = false;
    button.focus();
    if (isDone) imported();
  });
}
