/** Options of the next session, kept in this browser; while one is recorded, the names of its marker keys. */
import { nameMarkers } from "../lib/api.js";
import { attempt, toast } from "../lib/messages.js";
import { byId } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { loadSessionOptions, saveSessionOptions } from "../lib/preferences.js";
import { fillMarkerNames, openDialog, readMarkerNames } from "../sessions/open-dialog.js";

/** Mount the dialog; returns a function that gives the options with which to start a session. */
export function mountSessionOptions(store) {
  const dialog = byId("session-options-dialog");
  let options = loadSessionOptions();
  if (!dialog) return () => options; // in the kiosk
  const rate = dialog.querySelector("select");
  const edit = async () => {
    const session = store.state.status?.session ?? null;
    byId("session-rate").hidden = Boolean(session);
    rate.value = options.rate ? String(options.rate) : "";
    fillMarkerNames(dialog, (session ?? options).marker_names ?? {});
    if (!(await openDialog(dialog))) return;
    const names = readMarkerNames(dialog);
    if (session && !(await attempt(() => nameMarkers(session.id, names)))) return;
    options = { marker_names: names, ...(rate.value && { rate: Number(rate.value) }) };
    saveSessionOptions(options);
    toast(t(session ? "recording.options_changed" : "recording.options_kept"));
  };
  byId("session-options").addEventListener("click", (event) => {
    if (event.detail) event.currentTarget.blur(); // so that the keys of the page work after the dialog
    edit();
  });
  return () => options;
}
