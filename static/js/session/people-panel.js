/** People of a session: name, merge, split and remove them, suggestions of merges, and undo. */
import { byId, element, linkButton, setText } from "../lib/dom.js";
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
  return element("li", {}, element("span", {}, reason), button);
}

/** `api` of sessionApi, `changed()` after an edit, `set(patch)` changes the filter. */
export function mountPeople(api, store, { set, changed }) {
  const marked = new Set();
  const edit = async (method, path, body) => {
    const done = await attempt(async () => {
      const { edit: made } = await api.send(method, path, body);
      toast(problemText(made.text));
    });
    if (!done) return;
    marked.clear();
    await changed();
  };
  const merge = (people) => edit("POST", "/people/merge", { people });
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
      table.show(figures, detail.labels, recorded, filter.people, marked);
      byId("merge").disabled = marked.size < 2;
      byId("undo").hidden = !newest;
      if (newest) setText(byId("undo"), t("session.people_tools.undo", { what: problemText(newest.text) }));
    },
    showSuggestions({ detail, suggestions }) {
      byId("suggestions").replaceChildren(...suggestions.slice(0, MAX_SUGGESTIONS).map((one) => suggestionRow(one, detail.people, merge)));
    },
  };
}
