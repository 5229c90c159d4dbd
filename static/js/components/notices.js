/** What a viewer has to know about sessions, source and detector, above the stage. */
import { byId, element, keyed, setText } from "../dom.js";
import { sentence } from "../format.js";

function noticesOf(status) {
  if (!status) return [];
  const { camera, detector, trouble, storage } = status;
  const demo = camera.demo ? { key: "demo", tag: "Demo", text: camera.notice ?? "This is the demo scene, not a camera." } : null;
  const camNotice = !camera.demo && camera.notice ? { key: "camera", tag: "Camera", text: camera.notice } : null;
  const slow = detector.notice ? { key: "detector", tag: detector.title, text: detector.notice } : null;
  const models = trouble ? { key: "models", tag: "Models", text: trouble } : null;
  const sessions = storage ? { key: "sessions", tag: "Sessions", text: sentence(storage) } : null;
  return [sessions, demo, camNotice, slow, models].filter(Boolean);
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
