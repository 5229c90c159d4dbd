/** People of a session: name, merge, split and remove them, suggestions of merges, and undo. */
import { byId, element, linkButton, replaceKeepingFocus, setAvailable, setText } from "../lib/dom.js";
import { decimal } from "../lib/format.js";
import { attempt, toast } from "../lib/messages.js";
import { t } from "../lib/i18n.js";
import { problemText } from "../lib/problems.js";
import { askText, askTime } from "./dialogs.js";
import { toggled } from "./filter.js";
import { personName } from "./names.js";
import { mountPeopleTable } from "./people-table.js";

const MAX_SUGGESTIONS = 3;

function suggestionRow(suggestion, people, merge) {
  const names = suggestion.people.map((id) => personName(people.find((one) => one.id === id) ?? { id }));
  const text = t("session.people_tools.merge");
  const button = linkButton(text, `${text}: ${names.join(", ")}`, () => merge(suggestion.people));
  const reason = t("session.people_tools.suggestion", { one: names[0], other: names[1], seconds: decimal(Math.round(suggestion.gap_s * 10) / 10) });
  return element("li", { "data-people": suggestion.people.join(" ") }, element("span", {}, reason), button);
}

/** `api` of sessionApi, `changed()` after an edit, `set(patch)` changes the filter. */
export function mountPeople(api, store, { set, changed }) {
  const marked = new Set();
  const edit = async (method, path, body) => {
    const done = await attempt(async () => {
      const { edit: made } = await api.send(method, path, body);
      toast(problemText(made.text));
    });
    if (done) await changed();
  };
  const merge = (people) => {
    for (const id of people) marked.delete(id);
    return edit("POST", "/people/merge", { people });
  };
  const actions = {
    select: (id) => set({ people: toggled(store.state.filter.people, id) }),
    mark(id, on) {
      if (on) marked.add(id);
      else marked.delete(id);
      byId("merge").disabled = marked.size < 2;
    },
    async rename(person) {
      const name = await askText(t("session.people_tools.rename_title", { person: personName(person) }), t("session.people_tools.name"), person.name ?? "");
      if (name !== null) await edit("PATCH", `/people/${person.id}`, { name: name || null });
    },
    async split(person) {
      const time = await askTime(t("session.people_tools.split_title", { person: personName(person) }), (person.first_s + person.last_s) / 2);
      if (time !== null) await edit("POST", `/people/${person.id}/split`, { time });
    },
    remove: (person) => edit("DELETE", `/people/${person.id}`),
  };
  const table = mountPeopleTable(actions);
  byId("merge").addEventListener("click", () => merge([...marked].sort((one, other) => one - other)));
  byId("undo").addEventListener("click", () => edit("POST", "/undo", {}));
  return {
    show({ figures, detail, filter }, recorded) {
      const [newest] = detail.edits ?? [];
      for (const id of marked) if (!detail.people.some((one) => one.id === id)) marked.delete(id);
      table.show(figures, detail.labels, recorded, filter.people, marked);
      setAvailable(byId("merge"), "disabled", marked.size >= 2, byId("persons-sort"));
      setAvailable(byId("undo"), "hidden", Boolean(newest), byId("persons-sort"));
      if (newest) setText(byId("undo"), t("session.people_tools.undo", { what: problemText(newest.text) }));
    },
    showSuggestions({ detail, suggestions }) {
      const rows = suggestions.slice(0, MAX_SUGGESTIONS).map((one) => suggestionRow(one, detail.people, merge));
      replaceKeepingFocus(byId("suggestions"), rows, { key: ({ dataset }) => dataset.people, fallback: byId("persons-sort") });
    },
  };
}
