/** Choose a span of time by dragging over a chart, or with the keyboard. */

const MIN_DRAG_PX = 6;
const PAN_SHARE = 0.25;
const ZOOM = 2;

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** A span of the same length that lies within 0 to `durationS`. */
export function pan({ from, to }, shareOfSpan, durationS) {
  const start = clamp(from + shareOfSpan * (to - from), 0, Math.max(0, durationS - (to - from)));
  return { from: start, to: start + (to - from) };
}

/** A span around the same centre; zooming out ends at the whole. */
export function zoom({ from, to }, factor, durationS) {
  const half = Math.max(1, (to - from) / factor) / 2;
  const centre = (from + to) / 2;
  return { from: Math.max(0, centre - half), to: Math.min(durationS, centre + half) };
}

const KEYS = {
  ArrowLeft: (span, duration) => pan(span, -PAN_SHARE, duration),
  ArrowRight: (span, duration) => pan(span, PAN_SHARE, duration),
  "+": (span, duration) => zoom(span, ZOOM, duration),
  "-": (span, duration) => zoom(span, 1 / ZOOM, duration),
};

/**
 * `plot` is a positioned element around the chart; `geometry()` gives `{left, width}` of its axis in pixels, `span()` the
 * shown `{from, to, durationS}`. `choose({from, to})` is called with each new span, `{from: null, to: null}` for the whole.
 */
export function mountSpanSelection(plot, { geometry, span, choose }) {
  const mark = document.createElement("div");
  mark.className = "span-selection";
  mark.hidden = true;
  plot.append(mark);
  let startX = null;
  const xOf = (event) => clamp(event.clientX - plot.getBoundingClientRect().left, geometry().left, geometry().left + geometry().width);
  const timeOf = (x) => span().from + ((x - geometry().left) / geometry().width) * (span().to - span().from);
  const draw = (x) => {
    mark.style.setProperty("left", `${Math.min(startX, x)}px`);
    mark.style.setProperty("width", `${Math.abs(x - startX)}px`);
    mark.hidden = Math.abs(x - startX) < MIN_DRAG_PX;
  };
  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    startX = xOf(event);
    plot.setPointerCapture(event.pointerId);
  });
  plot.addEventListener("pointermove", (event) => startX !== null && draw(xOf(event)));
  plot.addEventListener("pointerup", (event) => {
    if (startX === null) return;
    const [first, last] = [startX, xOf(event)].sort((one, other) => one - other);
    startX = null;
    mark.hidden = true;
    if (last - first >= MIN_DRAG_PX) choose({ from: timeOf(first), to: timeOf(last) });
  });
  plot.addEventListener("pointercancel", () => {
    startX = null;
    mark.hidden = true;
  });
  plot.addEventListener("wheel", (event) => onWheel(event, span(), choose), { passive: false });
  plot.addEventListener("keydown", (event) => {
    if (event.key === "Escape") choose({ from: null, to: null });
    const action = KEYS[event.key];
    if (!action) return;
    event.preventDefault();
    choose(action(span(), span().durationS));
  });
}

/** A horizontal wheel pans; with Ctrl, as touchpads send it for pinching, it zooms. */
function onWheel(event, span, choose) {
  const isPan = Math.abs(event.deltaX) > Math.abs(event.deltaY);
  if (!isPan && !event.ctrlKey) return;
  event.preventDefault();
  choose(isPan ? pan(span, event.deltaX / 800, span.durationS) : zoom(span, Math.exp(-event.deltaY / 200), span.durationS));
}

/** Buttons with `data-span`: earlier, later, in, out, whole. */
export function mountSpanButtons(buttons, { span, choose }) {
  const actions = {
    earlier: () => KEYS.ArrowLeft(span(), span().durationS),
    later: () => KEYS.ArrowRight(span(), span().durationS),
    in: () => KEYS["+"](span(), span().durationS),
    out: () => KEYS["-"](span(), span().durationS),
    whole: () => ({ from: null, to: null }),
  };
  for (const button of buttons) button.addEventListener("click", () => choose(actions[button.dataset.span]()));
}
