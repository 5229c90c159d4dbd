/** Cards of the groups: name, parts, add and remove. */
import { seriesColours } from "../lib/colours.js";
import { byId, element, linkButton } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { GROUP_LABELS } from "./charts.js";

function partText(part, known) {
  const session = known.get(part.session);
  const people = part.people?.length ? part.people.map((id) => t("session.person", { id })).join(", ") : null;
  const marker = part.markers?.length ? session?.markers?.find((one) => one.id === part.markers[0])?.name : null;
  return [session?.name ?? t("compare.session_number", { id: part.session }), people, marker && t("session.filter.during", { name: marker })].filter(Boolean).join(" · ");
}

function card(group, index, { known, change, askPart, canRemove }) {
  const name = element("input", { type: "text", maxlength: "40", value: group.name, "aria-label": t("compare.group_name") });
  name.addEventListener("change", () => change(index, { ...group, name: name.value.trim() || group.name }));
  const parts = group.parts.map((part, number) => {
    const text = partText(part, known);
    const remove = linkButton("×", t("session.filter.remove", { what: text }), () => change(index, { ...group, parts: group.parts.filter((_, other) => other !== number) }));
    return element("li", { class: "group__part" }, element("span", {}, text), remove);
  });
  const add = element("button", { type: "button", class: "button button--small" }, t("compare.add_part"));
  add.addEventListener("click", async () => {
    const part = await askPart();
    if (part) change(index, { ...group, parts: [...group.parts, part] });
  });
  const node = element("li", { class: "group" },
    element("div", { class: "group__head" }, name, canRemove ? linkButton(t("compare.remove"), t("compare.remove_group", { name: group.name }), () => change(index, null)) : null),
    element("ul", { class: "group__parts" }, ...parts), element("div", {}, add));
  node.style.setProperty("--series", seriesColours(GROUP_LABELS)[index]);
  return node;
}

/** `known`: session id -> its summary, with `markers` once they were read; `change(index, group or null)`. */
export function showGroups(groups, context) {
  byId("groups").replaceChildren(...groups.map((group, index) => card(group, index, { ...context, canRemove: groups.length > 2 })));
}
