/** Times of a session as people write them: "1:15.5", "75.5" or "1:01:15". */

/** Seconds, or null if the text is no time. */
export function parseTime(text) {
  const match = /^(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d{1,3})?)$/.exec(text.trim());
  if (!match) return null;
  const [, hours = "0", minutes = "0", seconds] = match;
  if ((match[1] !== undefined || match[2] !== undefined) && Number(seconds) >= 60) return null;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** 75.5 -> "1:15.5". */
export function timeInputText(seconds) {
  const tenths = Math.round(seconds * 10);
  const [hours, minutes] = [Math.floor(tenths / 36000), Math.floor(tenths / 600) % 60];
  const rest = (tenths % 600) / 10;
  const two = (value) => String(value).padStart(2, "0");
  const secondsText = Number.isInteger(rest) ? two(rest) : rest.toFixed(1).padStart(4, "0");
  return hours ? `${hours}:${two(minutes)}:${secondsText}` : `${minutes}:${secondsText}`;
}
