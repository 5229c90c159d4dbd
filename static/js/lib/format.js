/** Numbers and times as people read them. */
export const percent = (share) => `${Math.round(share * 100)}\u202f%`;

export const word = (label) => (label ? label[0].toUpperCase() + label.slice(1) : "");

/** A line of the server's as a sentence. */
export const sentence = (text) => text && text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");

export const count = (number, one, many) => `${number.toLocaleString()} ${number === 1 ? one : many}`;

/** 75 -> "1:15", 3675 -> "1:01:15". */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index ? String(part).padStart(2, "0") : String(part))).join(":");
}

const local = (options) => {
  const format = new Intl.DateTimeFormat(undefined, options);
  return (iso) => (iso ? format.format(new Date(iso)) : "");
};

export const dateAndTime = local({ dateStyle: "medium", timeStyle: "short" });
export const timeOfDay = local({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const dateTimeAndZone = local({
  year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short",
});

/** "Europe/Berlin": the zone every time on the page is shown in. */
export const zoneName = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** `label` is `female`, `male` or `unsure`. */
export function sexText(label, probabilityFemale) {
  if (label === "unsure") return "perceived sex unsure";
  return `perceived ${label} ${percent(label === "female" ? probabilityFemale : 1 - probabilityFemale)}`;
}

/** `probabilities` by label is null where a mask hides it. */
export function raceText({ label, probabilities }) {
  const share = probabilities?.[label];
  return `perceived race ${label}${share === undefined ? "" : ` ${percent(share)}`}`;
}

// Another label speaks for itself.
const MASKS = { none: "no mask", wrong: "mask worn wrong", unsure: "mask unsure" };

/** `label` is `none`, `mask`, `wrong` or `unsure`. */
export const maskText = (label) => MASKS[label] ?? label;

/** "about 34 (26 to 44)"; `years` is null where a mask hides it. */
export function ageText(years, interval = null) {
  if (years === null) return "age unsure";
  const about = `about ${Math.round(years)}`;
  return interval ? `${about} (${Math.round(interval[0])} to ${Math.round(interval[1])})` : about;
}

/** The label; of two emotions that are close, both. */
export const emotionText = ({ label, second }) => (second ? `${word(label)} + ${second}` : word(label));

/** "2026-01-31-140322", local time, for file names. */
export function stamp(date) {
  const two = (value) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day}-${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
}
