/** Table row of the list of sessions. */
import { t } from "../lib/i18n.js";
import { headline } from "../lib/attributes.js";
import { headlineText } from "../lib/attribute-text.js";
import { element } from "../lib/dom.js";
import { durationText, dateTimeText, dateTimeZoneText, decimal, percent } from "../lib/format.js";
import { toast } from "../lib/messages.js";
import { createStackedBar, renderStackedBar } from "../charts/stacked-bar.js";
import { sharesText } from "./label-shares.js";

const cell = (column, ...children) => element("td", { "data-column": column }, ...children);

function chooser({ id, name }, { isChosen, choose }) {
  const check = element("input", { type: "checkbox", "data-action": "choose", "aria-label": t("sessions.choose_named", { name }) });
  check.checked = isChosen(id);
  check.addEventListener("change", () => choose(id, check.checked));
  return check;
}

function nameCell(session, actions) {
  const { id, name, running, interrupted, demo, camera, tags: own = [] } = session;
  const tags = [
    running ? element("span", { class: "tag tag--live" }, t("sessions.running")) : null,
    interrupted ? element("span", { class: "tag" }, t("sessions.interrupted")) : null,
    demo ? element("span", { class: "tag" }, t("sessions.demo")) : null,
    camera ? element("span", { class: "tag" }, camera) : null,
    ...own.map((tag) => element("span", { class: "tag" }, tag)),
  ];
  return element("th", { scope: "row" }, chooser(session, actions), element("a", { class: "session-name", href: `/sessions/${id}`, "data-action": "open" }, name), ...tags);
}

function peopleCell({ persons }) {
  const count = element("span", { class: "people-count", "aria-hidden": "true" }, decimal(persons));
  return cell("people", count, element("span", { class: "people-text" }, t("sessions.people_count", { count: persons })));
}

/** A bar of all expressions, which is read as their shares, and the most frequent one in words. */
function expressionCell({ histogram, dominant, person_seconds: total }, labels) {
  if (!dominant) return cell("expressions", element("span", { class: "quiet" }, t("sessions.no_faces")));
  const bar = createStackedBar();
  renderStackedBar(bar, labels, histogram);
  const shares = t("sessions.shares", { shares: sharesText(headline, histogram) });
  const text = `${headlineText(headline, { label: dominant })} ${percent(histogram[dominant] / total)}`;
  return cell("expressions", element("span", { role: "img", "aria-label": shares, title: shares }, bar), element("span", { class: "dominant" }, text));
}

function actionCell(session, { rename, remove }) {
  const { id, name, running } = session;
  const button = (action, text, label, run, disabled = false) => {
    const node = element("button", { type: "button", class: "link", "data-action": action, "aria-label": label, "aria-disabled": disabled ? "true" : null }, text);
    node.addEventListener("click", run);
    return node;
  };
  const download = { class: "link", href: `/api/sessions/${id}/export.csv`, download: true, "data-action": "download", "aria-label": t("sessions.download_named", { name }) };
  const refuse = () => toast(t("sessions.delete_running"));
  return element(
    "td",
    { class: "row-actions" },
    button("rename", t("sessions.rename"), t("sessions.rename_named", { name }), () => rename(session)),
    element("a", download, "CSV"),
    button("delete", t("sessions.delete"), t("sessions.delete_named", { name }), () => (running ? refuse() : remove(session)), running),
  );
}

/** `actions`: `{rename(session), remove(session), isChosen(id), choose(id, on)}`. */
export function sessionRow(session, actions) {
  const labels = Object.keys(session.histogram).filter((label) => label !== "unsure");
  const started = element("time", { datetime: session.started_at, title: dateTimeZoneText(session.started_at) }, dateTimeText(session.started_at));
  return element(
    "tr",
    { "data-session": session.id },
    nameCell(session, actions),
    cell("started", started),
    cell("duration", durationText(session.duration_s)),
    peopleCell(session),
    expressionCell(session, labels),
    actionCell(session, actions),
  );
}
