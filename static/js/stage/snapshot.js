/** Save the annotated frame as this viewer sees it. */
import { fetchSnapshot } from "../lib/api.js";
import { attempt, toast } from "../lib/messages.js";
import { byId, saveBlob } from "../lib/dom.js";
import { fileTimestamp } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { setUnavailable } from "../lib/unavailable.js";
import { reasonWithoutPicture } from "./live-state.js";

export function mountSnapshot(store) {
  const button = byId("snapshot");
  const save = () =>
    attempt(async () => {
      const reason = reasonWithoutPicture(store.state);
      if (reason) throw new Error(reason);
      const name = `face-${fileTimestamp(new Date())}.jpg`;
      saveBlob(await fetchSnapshot(store.state), name);
      toast(t("live.saved_snapshot", { name }));
    });
  button.addEventListener("click", save);
  store.watch(["status", "connection", "stalled", "stats"], (state) =>
    setUnavailable(button, reasonWithoutPicture(state), t("live.snapshot_hint")),
  );
  return save;
}
