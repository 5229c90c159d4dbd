/** Dialog that chooses a part of a group: a session, some of its people, and one of its spans. */
import { byId, element } from "../lib/dom.js";
import { dateTimeText } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { sessionApi } from "../session/session-api.js";
import { personName, spanText } from "../session/names.js";

const option = (value, text) => element("option", { value: String(value) }, text);

async function showSession(form, id) {
  const [detail, figures] = await Promise.all([sessionApi(id).detail(), sessionApi(id).figures()]);
  byId("part-people").replaceChildren(...figures.persons.map((person) => element("label", { class: "check" }, element("input", { type: "checkbox", name: "person", value: String(person.id) }), personName(person))));
  const spans = detail.markers.filter(({ end_s: end, excluded }) => end !== null && !excluded);
  form.elements.marker.replaceChildren(option("", t("compare.whole")), ...spans.map((one) => option(one.id, `${one.name} (${spanText(one.start_s, one.end_s)})`)));
}

/** A part as `POST /api/compare` takes it, or null if cancelled. Nobody chosen is everyone. */
export function askPart(sessions) {
  const dialog = byId("part-dialog");
  const form = dialog.querySelector("form");
  const { session } = form.elements;
  session.replaceChildren(...sessions.map((one) => option(one.id, `${one.name} · ${dateTimeText(one.started_at)}`)));
  session.onchange = () => showSession(form, Number(session.value));
  if (sessions.length) session.onchange();
  dialog.querySelector("[value=cancel]").onclick = () => dialog.close("cancel");
  dialog.returnValue = "cancel";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok" && session.value ? readPart(form) : null), { once: true });
  });
}

function readPart(form) {
  const people = [...form.querySelectorAll("[name=person]:checked")].map(({ value }) => Number(value));
  const marker = Number(form.elements.marker.value);
  return { session: Number(form.elements.session.value), ...(people.length ? { people } : {}), ...(marker ? { markers: [marker] } : {}) };
}
