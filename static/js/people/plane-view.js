/** Second view of the expression panel: two numbers of each person as a point in their plane, in place of the bars. */
import { createPlane } from "../charts/plane.js";
import { planesOf, servedAttributes } from "../lib/attributes.js";
import { byId, setText } from "../lib/dom.js";
import { planeTitle } from "../lib/attribute-text.js";
import { t } from "../lib/i18n.js";
import { loadPlaneChoice, savePlaneChoice } from "../lib/preferences.js";

const valueOn = ({ name, value_key: key }, person) => person[name]?.[key] ?? null;

const pointsOf = (people, { x, y }, selected) =>
  people
    .map((person) => ({ id: person.id, x: valueOn(x, person), y: valueOn(y, person), faded: person.gone, selected: person.id === selected }))
    .filter((point) => point.x !== null && point.y !== null);

export function mountPlaneView(store) {
  const [plane] = planesOf(servedAttributes);
  if (!plane) return;
  const button = byId("plane-button");
  const chart = createPlane(byId("plane"), plane);
  let isShown = loadPlaneChoice();
  const draw = ({ people, selected }) => isShown && chart.show(pointsOf(people, plane, selected));
  const choose = () => {
    byId("plane").hidden = !isShown;
    byId("bars").hidden = isShown;
    setText(button, isShown ? t("people.bars") : planeTitle(plane.name));
    draw(store.state);
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    isShown = !isShown;
    savePlaneChoice(isShown);
    choose();
  });
  choose();
  store.watch(["people", "selected"], draw);
}
