/** Table with a bar in each row; screen readers get the numbers. */
import { t } from "../lib/i18n.js";
import { element } from "../lib/dom.js";

const setShare = (node, name, value) => node.style.setProperty(name, value.toFixed(4));

function meter({ value, interval, most }) {
  const fill = element("span", { class: "meter__fill" });
  const bar = element("span", { class: "meter", "aria-hidden": "true" }, fill);
  setShare(fill, "--share", value / most);
  if (interval) {
    const whisker = element("span", { class: "meter__interval" });
    setShare(whisker, "--from", interval[0] / most);
    setShare(whisker, "--to", Math.min(1, interval[1] / most));
    bar.append(whisker);
  }
  return bar;
}

function signedMeter({ value, most }) {
  const fill = element("span", { class: "meter__fill meter__fill--signed" });
  setShare(fill, "--from", value < 0 ? 0.5 + (0.5 * value) / most : 0.5);
  setShare(fill, "--share", Math.abs(value) / most / 2);
  return element("span", { class: "meter meter--signed", "aria-hidden": "true" }, fill);
}

/** Bars beyond the scale (rows with few faces) end at its edge. */
const clamp = (value, most) => Math.max(-most, Math.min(most, value));

function row(one, most, signed) {
  const drawn = (signed ? signedMeter : meter)({ ...one, value: clamp(one.value, most), most });
  return element(
    "tr",
    { class: one.worst ? "meters__worst" : one.few ? "meters__few" : null },
    element("th", { scope: "row" }, one.label, one.worst ? element("span", { class: "visually-hidden" }, ` ${t("models.worst")}`) : null),
    element("td", { class: "meters__bar" }, drawn),
    element("td", { class: "meters__value" }, one.text),
    element("td", { class: "meters__count" }, one.count),
  );
}

/**
 * `rows` are `{label, value, text, count, interval, worst, few}`. Bars start at the left and end at `most`; `signed` bars start
 * in the middle.
 */
export function meterTable(caption, heads, rows, { most = 1, signed = false } = {}) {
  const [label, value, count] = heads;
  return element(
    "table",
    { class: "meters" },
    element("caption", {}, caption),
    element("thead", {}, element("tr", {},
      element("th", { scope: "col" }, label),
      element("th", { scope: "col", colspan: "2", class: "meters__head" }, value),
      element("th", { scope: "col", class: "meters__count" }, count))),
    element("tbody", {}, ...rows.map((one) => row(one, most, signed))),
  );
}
