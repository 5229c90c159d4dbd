/** Notices above the video: storage, source, detector, models and privacy. */
import { byId, element, renderList, setText } from "../lib/dom.js";
import { count, toSentence } from "../lib/format.js";
import { servedAttributes } from "../lib/attributes.js";

/** "Emotion, age and perceived sex are inferred on ..." with the titles of what is inferred. */
function inferredText() {
  const titles = servedAttributes.map(({ title }, index) => (index ? title.toLowerCase() : title));
  if (!titles.length) return "Nothing is inferred from faces.";
  const list = titles.length > 1 ? `${titles.slice(0, -1).join(", ")} and ${titles.at(-1)} are` : `${titles[0]} is`;
  return `${list} inferred on the computer that runs the server.`;
}

function privacyText({ blur, keep_days: days }) {
  const kept = days ? `for ${count(days, "day", "days")}` : "until you delete them";
  const hidden = blur ? " Faces are blurred for every viewer." : "";
  return `${inferredText()} Sessions store only numbers, ${kept}.${hidden}`;
}

function noticeList(status) {
  if (!status) return [];
  const { camera, detail, detector, trouble, storage } = status;
  const privacy = { key: "privacy", tag: "Privacy", text: privacyText(status.privacy) };
  const demo = camera.demo ? { key: "demo", tag: "Demo", text: camera.notice ?? "Showing the demo scene, not a camera." } : null;
  const camNotice = !camera.demo && camera.notice ? { key: "camera", tag: "Camera", text: camera.notice } : null;
  const slow = detector.notice ? { key: "detector", tag: detector.title, text: detector.notice } : null;
  const reduced = detail.notice ? { key: "detail", tag: "Reduced detail", text: detail.notice } : null;
  const models = trouble ? { key: "models", tag: "Models", text: trouble } : null;
  const sessions = storage ? { key: "sessions", tag: "Sessions", text: toSentence(storage) } : null;
  return [sessions, demo, camNotice, reduced, slow, models, privacy].filter(Boolean);
}

const create = () =>
  element("li", { class: "notice" }, element("span", { class: "notice__tag" }), element("span", { class: "notice__text" }));

export function mountNotices(store) {
  store.watch(["status"], ({ status }) => {
    renderList(byId("notices"), noticeList(status), (notice) => notice.key, create, (node, notice) => {
      setText(node.firstElementChild, notice.tag);
      setText(node.lastElementChild, notice.text);
    });
    const models = Object.values(status?.models ?? {}).map((model) => model.title);
    if (status) setText(byId("detector"), ["Face detector: " + status.detector.title, ...models].join(" · "));
  });
}
