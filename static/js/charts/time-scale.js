/** Scales of time: round steps for ticks. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS_S = [
  1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY,
];

/** The shortest round step with at most `maxTicks` ticks in `spanS` seconds. */
export const tickStep = (spanS, maxTicks) => STEPS_S.find((step) => spanS / step <= maxTicks) ?? Math.ceil(spanS / maxTicks / DAY) * DAY;

/** Times of ticks from `fromS` to `toS` at round times of the clock, which shows `clockS` at 0. */
export function clockTicks(fromS, toS, clockS, maxTicks) {
  const step = tickStep(toS - fromS, maxTicks);
  const first = Math.ceil((fromS + clockS) / step) * step - clockS;
  const count = Math.max(0, Math.floor((toS - first) / step) + 1);
  return Array.from({ length: count }, (_, index) => first + index * step);
}

/** Local time of the clock at `date`, in seconds of the day. */
export const secondsOfDay = (date) => date.getHours() * HOUR + date.getMinutes() * MINUTE + date.getSeconds() + date.getMilliseconds() / 1000;
