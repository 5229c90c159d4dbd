/** Status line in the header: a chip for the source, reduced work, problems and privacy, each with a popover. */
import { byId, element, renderList, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { listText, toSentence } from "../lib/format.js";
import { attributeTitle, servedAttributes } from "../lib/attributes.js";
import { announce } from "../lib/messages.js";

/** "Emotion, age and perceived sex are inferred on ..." with the titles of what is inferred. */
function inferredText() {
  const titles = servedAttributes.map(({ title }, index) => (index ? title.toLowerCase() : title));
  return titles.length ? t("live.inferred", { count: titles.length, attributes: listText(titles) }) : t("live.nothing_inferred");
}

function privacyLines({ privacy, detector, models }) {
  const kept = privacy.keep_days ? t("live.kept_days", { count: privacy.keep_days }) : t("live.kept_until_deleted");
  const hidden = privacy.blur ? t("live.blurred_for_everyone") : "";
  const titles = Object.values(models ?? {}).map(({ attributes }) => attributes.map(attributeTitle).join(", "));
  return [
    inferredText(),
    [kept, hidden].filter(Boolean).join(" "),
    t("live.detector_and_models", { names: [t("live.face_detector", { title: detector.title }), ...titles].join(" · ") }),
  ];
}

const chip = (key, tone, label, ...lines) => ({ key, tone, label, lines });

/** The chips of a status, the most serious first. `tone` is bad, wait, idle or lock. */
function chipsOf(status) {
  const { camera, detail, detector, trouble, storage, privacy } = status;
  return [
    storage && chip("sessions", "bad", t("live.chip_sessions"), toSentence(storage)),
    trouble && chip("models", "bad", t("live.chip_models"), trouble),
    detail.notice && chip("detail", "wait", t("live.chip_reduced"), detail.notice),
    detector.notice && chip("detector", "wait", detector.title, detector.notice),
    camera.demo && chip("demo", "idle", t("live.chip_demo"), camera.notice ?? t("live.demo_scene")),
    !camera.demo && camera.notice && !camera.ended && chip("camera", "idle", t("live.camera"), camera.notice),
    chip("privacy", "lock", privacy.blur ? t("live.chip_blurred") : t("live.chip_private"), ...privacyLines(status)),
  ].filter(Boolean);
}

function create({ key }) {
  const id = `chip-${key}`;
  const button = element("button", { type: "button", class: "chip", "data-discloses": true, "aria-expanded": "false", "aria-controls": id },
    element("span", { class: "chip__mark", "aria-hidden": "true" }), element("span", { class: "chip__label" }));
  return element("li", { class: "chips__item", "data-disclosure": true }, button, element("div", { class: "popover chip__popover", id }));
}

function update(item, { tone, label, lines }) {
  item.firstElementChild.dataset.tone = tone;
  setText(item.querySelector(".chip__label"), label);
  renderList(item.lastElementChild, lines.map((text, index) => ({ text, index })), ({ index }) => index, () => element("p", {}), (node, { text }) => setText(node, text));
}

/** Chips of the tone "bad" are announced when they appear: something no longer works. */
function announceProblems(before, chips) {
  const added = chips.filter(({ key, tone }) => tone === "bad" && !before.has(key));
  if (added.length) announce(added.map(({ label, lines }) => `${label}. ${lines.join(" ")}`).join(" "));
}

export function mountStatusChips(store) {
  let shown = new Set();
  store.watch(["status"], ({ status }) => {
    if (!status) return;
    const chips = chipsOf(status);
    renderList(byId("notices"), chips, ({ key }) => key, create, update);
    announceProblems(shown, chips);
    shown = new Set(chips.map(({ key }) => key));
  });
}
