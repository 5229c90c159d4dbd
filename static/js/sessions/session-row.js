/** Table row of the list of sessions. */
import { element } from "../lib/dom.js";
import { durationText, dateTimeText, dateTimeZoneText, percent, capitalise } from "../lib/format.js";
import { createStackedBar, renderStackedBar } from "../charts/stacked-bar.js";

const cell = (label, ...children) => element("td", { "data-label": label }, ...children);

function nameCell({ id, name, running, demo }) {
  const link = element("a", { class: "session-name", href: `/sessions/${id}` }, name);
  const tags = [running ? element("span", { class: "tag tag--live" }, "running") : null, demo ? element("span", { class: "tag" }, "demo") : null];
  return element("th", { scope: "row" }, link, ...tags);
}

function expressionCell({ histogram, dominant, person_seconds: total }, labels) {
  if (!dominant) return cell("Expressions", element("span", { class: "quiet" }, "no faces detected"));
  const bar = createStackedBar();
  renderStackedBar(bar, labels, histogram);
  const text = element("span", { class: "dominant" }, `${capitalise(dominant)} ${percent(histogram[dominant] / total)}`);
  return cell("Expressions", bar, text);
}

function actionCell(session, { rename, remove }) {
  const button = (text, name, action, disabled) => {
    const node = element("button", { type: "button", class: "link", "aria-label": `${name} ${session.name}`, disabled }, text);
    node.addEventListener("click", action);
    return node;
  };
  return element(
    "td",
    { class: "row-actions" },
    button("Rename", "Rename", () => rename(session)),
    element("a", { class: "link", href: `/api/sessions/${session.id}/export.csv`, download: true, "aria-label": `Download ${session.name} as CSV` }, "CSV"),
    button("Delete", "Delete", () => remove(session), session.running),
  );
}

/** `actions`: `{rename(session), remove(session)}`. */
export function sessionRow(session, actions) {
  const labels = Object.keys(session.histogram).filter((label) => label !== "unsure");
  const started = element("time", { datetime: session.started_at, title: dateTimeZoneText(session.started_at) }, dateTimeText(session.started_at));
  return element(
    "tr",
    {},
    nameCell(session),
    cell("Started", started),
    cell("Duration", durationText(session.duration_s)),
    element("td", { "data-label": "People", "data-suffix": session.persons === 1 ? " person" : " people" }, String(session.persons)),
    expressionCell(session, labels),
    actionCell(session, actions),
  );
}
