/** Save the annotated frame as this viewer sees it. */
import { fetchSnapshot } from "../lib/api.js";
import { attempt, toast } from "../lib/messages.js";
import { byId, element } from "../lib/dom.js";
import { fileTimestamp } from "../lib/format.js";

function download(blob, name) {
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

export function mountSnapshot(store) {
  const save = () =>
    attempt(async () => {
      const name = `face-${fileTimestamp(new Date())}.jpg`;
      download(await fetchSnapshot(store.state.show), name);
      toast(`Saved ${name}`);
    });
  byId("snapshot").addEventListener("click", save);
  return save;
}
