/** Rows of the list of sessions, replaced without losing the keyboard focus. */

/** Row and control that have the focus; null if it is elsewhere. */
function focusedControl(body) {
  const row = document.activeElement?.closest("tr");
  if (!row || !body.contains(row)) return null;
  return { session: row.dataset.session, index: row.sectionRowIndex, action: document.activeElement.dataset.action };
}

/** The same control of the same session or, if that is gone, of the row in its place. */
function controlAfter(body, { session, index, action }) {
  const rows = [...body.rows];
  const row = rows.find(({ dataset }) => dataset.session === session) ?? rows[Math.min(index, rows.length - 1)];
  return row?.querySelector(`[data-action="${action}"]`);
}

/** Show `rows`; `fallback` gets the focus if no row is left. */
export function replaceRows(body, rows, fallback) {
  const held = focusedControl(body);
  body.replaceChildren(...rows);
  if (held) (controlAfter(body, held) ?? fallback).focus();
}
