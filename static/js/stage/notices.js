/** What a viewer has to know about sessions, source, detector and privacy, above the stage. */
import { byId, element, keyed, setText } from "../lib/dom.js";
import { count, sentence } from "../lib/format.js";
import { serves } from "../lib/served-attributes.js";

/** What is inferred only where a served model tells it. */
const OPTIONAL = [["race", "perceived race"], ["mask", "masks"]];

/** What is inferred, and where and how long it stays. */
function privacyText({ blur, keep_days: days }, status) {
  const kept = days ? `for ${count(days, "day", "days")}` : "until they are deleted";
  const hidden = blur ? " Faces are hidden from every viewer." : "";
  const inferred = ["Expression", "age", "perceived sex", ...OPTIONAL.filter(([attribute]) => serves(status, attribute)).map(([, text]) => text)];
  return `${inferred.slice(0, -1).join(", ")} and ${inferred.at(-1)} are inferred on the computer that runs this page. Sessions keep only numbers there, ${kept}.${hidden}`;
}

function noticesOf(status) {
  if (!status) return [];
  const { camera, detail, detector, trouble, storage } = status;
  const privacy = { key: "privacy", tag: "Privacy", text: privacyText(status.privacy, status) };
  const demo = camera.demo ? { key: "demo", tag: "Demo", text: camera.notice ?? "This is the demo scene, not a camera." } : null;
  const camNotice = !camera.demo && camera.notice ? { key: "camera", tag: "Camera", text: camera.notice } : null;
  const slow = detector.notice ? { key: "detector", tag: detector.title, text: detector.notice } : null;
  const reduced = detail.notice ? { key: "detail", tag: "Reduced detail", text: detail.notice } : null;
  const models = trouble ? { key: "models", tag: "Models", text: trouble } : null;
  const sessions = storage ? { key: "sessions", tag: "Sessions", text: sentence(storage) } : null;
  return [sessions, demo, camNotice, reduced, slow, models, privacy].filter(Boolean);
}

const create = () =>
  element("li", { class: "notice" }, element("span", { class: "notice__tag" }), element("span", { class: "notice__text" }));

export function mountNotices(store) {
  store.watch(["status"], ({ status }) => {
    keyed(byId("notices"), noticesOf(status), (notice) => notice.key, create, (node, notice) => {
      setText(node.firstElementChild, notice.tag);
      setText(node.lastElementChild, notice.text);
    });
    const models = Object.values(status?.models ?? {}).map((model) => model.title);
    if (status) setText(byId("detector"), ["Faces: " + status.detector.title, ...models].join(" · "));
  });
}
