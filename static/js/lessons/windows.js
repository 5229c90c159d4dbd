/** Chapter 3: search windows, scale factor and neighbours; Haar's cascade beside the app's own detector. */
import { element } from "../lib/dom.js";
import { decimal, fixed } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { dataTable } from "../learn/plots.js";
import { markRectangle } from "../learn/scene.js";

export const controlText = (name) => t(`learn_windows.controls.${name}`);

function showMarks(scene, { haar, own }) {
  const squares = haar.map(({ square, is_face: isFace }) => markRectangle(...square, isFace ? "haar" : "false"));
  const boxes = own.map(({ box: [x1, y1, x2, y2] }) => markRectangle(x1, y1, x2 - x1, y2 - y1, "own"));
  scene.showMarks([...squares, ...boxes]);
}

const legendItem = (name, text) => element("li", { class: `legend legend--${name}` }, text);

export function mount(area, { scene }) {
  return {
    show({ result }) {
      showMarks(scene, result);
      const summary = t("learn_windows.summary", { found: result.found, wrong: result.false_faces, missed: result.missed_faces });
      const rows = [
        [t("learn_windows.boxes"), decimal(result.found), decimal(result.own.length)],
        [t("learn_windows.false_faces"), decimal(result.false_faces), ""],
        [t("learn_windows.missed_faces"), decimal(result.missed_faces), ""],
        [t("learn_windows.time"), t("learn_windows.ms", { ms: fixed(result.haar_ms, 0) }), t("learn_windows.ms", { ms: fixed(result.own_ms, 0) })],
        [t("learn_windows.levels"), decimal(result.levels), ""],
        [t("learn_windows.looked_at"), decimal(result.windows), ""],
      ];
      area.replaceChildren(
        element("p", { class: "summary" }, summary),
        element(
          "ul",
          { class: "legends" },
          legendItem("haar", t("learn_windows.haar_face")),
          legendItem("false", t("learn_windows.haar_false")),
          legendItem("own", t("learn_windows.own_face")),
        ),
        dataTable(["", t("learn_windows.haar"), t("learn_windows.own")], rows, t("learn_windows.table")),
        element("p", { class: "quiet" }, t("learn_windows.reference")),
      );
      return summary;
    },
  };
}
