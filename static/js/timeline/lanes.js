/** A lane for each person: when they were seen, in the colour of their dominant emotion. */
import { colour, onColourSchemeChange, seriesColours } from "../lib/colours.js";
import { element, renderList, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { emotionText, personName, spanText } from "../session/names.js";

const LANE_PX = 24;
const BAR_PX = 12;
const MIN_RUN_PX = 1;

function drawLane(context, { runs }, y, { from, to, width, colours, other }) {
  const x = (time) => ((time - from) / (to - from)) * width;
  for (const [startS, endS, label] of runs) {
    const [left, right] = [Math.max(0, x(startS)), Math.min(width, x(endS))];
    if (right <= left) continue;
    context.fillStyle = colours.get(label) ?? other;
    context.fillRect(left, y + (LANE_PX - BAR_PX) / 2, Math.max(MIN_RUN_PX, right - left), BAR_PX);
  }
}

/** `select(person id)` is called when a person's name is pressed. */
export function mountLanes(node, select) {
  const names = element("ul", { class: "lanes__names" });
  const canvas = element("canvas", { class: "lanes__canvas", "aria-hidden": "true" });
  node.replaceChildren(names, canvas);
  let shown = null;
  const draw = () => shown && drawAll(canvas, shown);
  new ResizeObserver(draw).observe(canvas);
  onColourSchemeChange(draw);
  canvas.addEventListener("pointermove", (event) => (canvas.title = titleAt(canvas, shown, event)));
  return {
    /** `lanes` as in the timeline (docs/api.md), `selected` the ids of chosen people. */
    show({ lanes, labels, from, to, selected }) {
      shown = { lanes, labels, from, to };
      node.hidden = !lanes.length;
      renderList(names, lanes, ({ id }) => id, ({ id }) => nameButton(id, select), (row, person) => {
        setText(row.firstElementChild, personName(person));
        row.firstElementChild.title = personName(person);
        row.firstElementChild.setAttribute("aria-pressed", String(selected.includes(person.id)));
      });
      draw();
    },
  };
}

function nameButton(id, select) {
  const button = element("button", { type: "button", class: "lanes__name" });
  button.addEventListener("click", () => select(id));
  return element("li", {}, button);
}

function drawAll(canvas, { lanes, labels, from, to }) {
  const scale = devicePixelRatio;
  const width = canvas.clientWidth;
  canvas.style.setProperty("height", `${lanes.length * LANE_PX}px`);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(lanes.length * LANE_PX * scale);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  const palette = seriesColours(labels);
  const colours = new Map(labels.map((label, index) => [label, palette[index]]));
  context.fillStyle = colour("--line");
  lanes.forEach((_, index) => context.fillRect(0, index * LANE_PX + LANE_PX / 2 - 0.5, width, 1));
  lanes.forEach((lane, index) => drawLane(context, lane, index * LANE_PX, { from, to, width, colours, other: colour("--series-other") }));
}

function titleAt(canvas, shown, event) {
  if (!shown) return "";
  const lane = shown.lanes[Math.floor(event.offsetY / LANE_PX)];
  const time = shown.from + (event.offsetX / canvas.clientWidth) * (shown.to - shown.from);
  const run = lane?.runs.find(([startS, endS]) => startS <= time && time < endS);
  return run ? t("session.lane_run", { person: personName(lane), emotion: emotionText(run[2]), span: spanText(run[0], run[1]) }) : "";
}
