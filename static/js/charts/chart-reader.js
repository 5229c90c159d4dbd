/** Keyboard access to a chart: the arrow keys go through its items, whose text is shown below it and read aloud. */
import { element, setText } from "../lib/dom.js";

const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/**
 * Make `node` (the drawing, with its own label) focusable. `texts()` are those of its items in order, and `mark(index)` shows
 * which one is read; index is null when the focus leaves.
 */
export function mountChartReader(node, texts, mark) {
  const output = element("output", { class: "chart-reader", "aria-live": "polite", hidden: true });
  let current = null;
  const show = (index) => {
    current = index;
    output.hidden = index === null;
    setText(output, index === null ? "" : (texts()[index] ?? ""));
    mark(index);
  };
  node.tabIndex = 0;
  node.after(output);
  node.addEventListener("keydown", (event) => {
    const last = texts().length - 1;
    if (!(event.key in STEPS) || last < 0) return;
    event.preventDefault();
    show(current === null ? (STEPS[event.key] > 0 ? 0 : last) : Math.min(last, Math.max(0, current + STEPS[event.key])));
  });
  node.addEventListener("blur", () => show(null));
  return show;
}
