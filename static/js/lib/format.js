/** Format numbers, times and labels for display, by the page's language and the visitor's region. */
import { locale } from "./i18n.js";

const numberFormatter = (options) => {
  let format = null; // made when it is used: each takes milliseconds
  return (value) => (format ??= new Intl.NumberFormat(locale, options)).format(value);
};

/** 1234.5 -> "1,234.5". */
export const decimal = numberFormatter();

const fixedFormats = [];

/** (1.25, 1) -> "1.3"; with a minus sign instead of a hyphen. */
export function fixed(value, digits) {
  fixedFormats[digits] ??= numberFormatter({ minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "negative" });
  return fixedFormats[digits](value).replace("-", "\u2212");
}

/** 0.824 -> "82%". */
export const percent = numberFormatter({ style: "percent", maximumFractionDigits: 0 });

/** 0.824 -> "82.4%". */
export const precisePercent = numberFormatter({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** Capitalise the first letter, in languages that have capitals. */
export const capitalise = (label) => (label ? label[0].toLocaleUpperCase(locale) + label.slice(1) : "");

/** Capitalise the first letter and end with a full stop. */
export const toSentence = (text) => text && capitalise(text) + (/[.!?]$/.test(text) ? "" : ".");

/** ["a", "b", "c"] -> "a, b, and c" as the language joins lists. */
export const listText = (items) => new Intl.ListFormat(locale, { type: "conjunction" }).format(items);

/** 75 -> "1:15", 3675 -> "1:01:15". */
export function durationText(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index ? String(part).padStart(2, "0") : String(part))).join(":");
}

const localFormatter = (options) => {
  let format = null;
  return (iso) => (iso ? (format ??= new Intl.DateTimeFormat(locale, options)).format(new Date(iso)) : "");
};

export const dateTimeText = localFormatter({ dateStyle: "medium", timeStyle: "short" });
export const timeText = localFormatter({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const dateTimeZoneText = localFormatter({
  year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short",
});

/** Time zone of all displayed times, such as "Europe/Berlin". */
export const zoneName = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Local time for file names: "2026-01-31-140322". */
export function fileTimestamp(date) {
  const twoDigits = (value) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())].join("-");
  return `${day}-${twoDigits(date.getHours())}${twoDigits(date.getMinutes())}${twoDigits(date.getSeconds())}`;
}
