/** Dialogs of the session page; each resolves when its dialog is closed, to null if it was cancelled. */
import { byId, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { fillMarkerNames, openDialog, readMarkerNames } from "../sessions/open-dialog.js";
import { parseTime, timeInputText } from "./time-text.js";

const openForm = (dialog, title) => {
  setText(dialog.querySelector("h2"), title);
  return openDialog(dialog);
};

/** A text, trimmed; empty is allowed. */
export async function askText(title, label, current) {
  const dialog = byId("text-dialog");
  const field = dialog.querySelector("input");
  setText(dialog.querySelector("label span"), label);
  field.value = current;
  const asked = openForm(dialog, title);
  field.select();
  return (await asked) ? field.value.trim() : null;
}

/** Refuse a field's text that is no time, in the browser's own way; an empty one may be allowed. */
function checkTime(field) {
  const isEmpty = !field.value.trim() && !field.required;
  field.setCustomValidity(isEmpty || parseTime(field.value) !== null ? "" : t("session.time_format"));
}

function watchTime(field) {
  field.oninput = () => checkTime(field);
  checkTime(field);
}

/** Seconds since the start of the session. */
export async function askTime(title, currentS) {
  const dialog = byId("time-dialog");
  const field = dialog.querySelector("input");
  field.value = timeInputText(currentS);
  watchTime(field);
  const asked = openForm(dialog, title);
  field.select();
  return (await asked) ? parseTime(field.value) : null;
}

/** The fields of a marker (docs/api.md), from those of `marker`. */
export async function askMarker(title, marker) {
  const dialog = byId("marker-dialog");
  const { name, note, time, end, excluded } = dialog.querySelector("form").elements;
  name.value = marker.name ?? "";
  note.value = marker.note ?? "";
  time.value = timeInputText(marker.start_s);
  end.value = marker.end_s === null || marker.end_s === undefined ? "" : timeInputText(marker.end_s);
  excluded.checked = Boolean(marker.excluded);
  for (const field of [time, end]) watchTime(field);
  if (!(await openForm(dialog, title))) return null;
  return { name: name.value.trim(), note: note.value.trim() || null, time: parseTime(time.value), end: end.value.trim() ? parseTime(end.value) : null, excluded: excluded.checked };
}

/** The names of the marker keys: `{"1": "Trailer 1", ...}` without empty ones. */
export async function askMarkerNames(names) {
  const dialog = byId("marker-names-dialog");
  fillMarkerNames(dialog, names);
  return (await openDialog(dialog)) ? readMarkerNames(dialog) : null;
}
