/** Markers that tell in a recorded session from when on a person's neutral face corrects the readings. */
import { addMarker } from "../lib/api.js";
import { t } from "../lib/i18n.js";
import { attempt } from "../lib/messages.js";

/**
 * Mark it once in each session, for the people whose neutral face this page has asked for: other pages do so for theirs.
 * Returns a function to call with the id of each.
 */
export function mountNeutralFaceMarkers(store) {
  const own = new Set();
  const marked = new Set();

  function markNew({ people, status }) {
    const session = status?.session;
    if (!session) return;
    for (const { id, neutral_face: state } of people) {
      const key = `${session.id} ${id}`;
      if (state !== "applied" || !own.has(id) || marked.has(key)) continue;
      marked.add(key);
      attempt(() => addMarker(session.id, { name: t("neutral.marker", { id }), note: t("neutral.applied"), time: null }));
    }
  }

  store.watch(["people", "status"], markNew);
  return (id) => own.add(id);
}
