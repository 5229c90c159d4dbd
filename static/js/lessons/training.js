/** Chapter 6: a tiny network learns happy against sad in front of one's eyes, and overfits. */
import { byId, element, setText } from "../lib/dom.js";
import { decimal, fixed, percent } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { announce } from "../lib/messages.js";
import { commandText } from "../learn/command-text.js";
import { linePlot } from "../learn/line-plot.js";
import { dataTable, titled } from "../learn/plots.js";

export const follows = false;
export const controlText = (name) => t(`learn_training.controls.${name}`);

// Half a minute for all epochs: slow enough to watch the curve grow. After a late answer more epochs are asked for.
const LAST_EPOCH = 600;
const EPOCHS_PER_S = 20;
const ANSWER_PERIOD_MS = 500;
const CURVE_EPOCHS = 5; // as in app/learn/lessons/training.py
const MAX_EPOCHS_PER_ANSWER = 60;

const epochsIn = (ms) => Math.min(MAX_EPOCHS_PER_ANSWER, CURVE_EPOCHS * Math.max(1, Math.round((EPOCHS_PER_S * ms) / 1000 / CURVE_EPOCHS)));

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const column = (curve, name) => curve.map((point) => point[name]);

/** The epoch at which the loss on the faces to check with was smallest. */
const bestOf = (curve) => curve.reduce((best, point) => (point.valid_loss < best.valid_loss ? point : best));

function summaryText(curve) {
  const now = curve.at(-1);
  const best = bestOf(curve);
  if (now.epoch === 0) return t("learn_training.untrained");
  const key = now.valid_loss > 1.1 * best.valid_loss ? "learn_training.overfits" : "learn_training.learns";
  return t(key, { epoch: now.epoch, train: percent(now.train_accuracy), valid: percent(now.valid_accuracy), best: best.epoch });
}

function curves(curve) {
  const lines = ["train", "valid"].map((name) => ({ name, values: column(curve, `${name}_loss`) }));
  return titled(
    t("learn_training.curve"),
    linePlot(column(curve, "epoch"), lines, summaryText(curve)),
    element("ul", { class: "legends" }, ...lines.map(({ name }) => element("li", { class: `legend legend--${name}` }, t(`learn_training.${name}`)))),
  );
}

function figures({ train, valid }, { train_loss: trainLoss, valid_loss: validLoss, train_accuracy: trainRight, valid_accuracy: validRight }) {
  const rows = [
    [t("learn_training.faces"), decimal(train), decimal(valid)],
    [t("learn_training.loss"), fixed(trainLoss, 2), fixed(validLoss, 2)],
    [t("learn_training.right"), percent(trainRight), percent(validRight)],
  ];
  return dataTable(["", t("learn_training.train"), t("learn_training.valid")], rows, t("learn_training.table"));
}

export function mount(area, { ask, keep, onFailure }) {
  const button = element("button", { type: "button", class: "button button--primary" }, t("learn_training.start"));
  const again = element("button", { type: "button", class: "button" }, t("learn_training.again"));
  const shown = element("div", { class: "lesson__result" });
  area.replaceChildren(element("div", { class: "buttons" }, button, again), shown);
  let curve = [];
  let isRunning = false;

  function draw(answer) {
    const { result } = answer;
    setText(byId("command"), commandText({ ...answer, values: { ...answer.values, epochs: result.epoch, state: "" } }));
    const own = result.own === null ? t("learn_training.no_own") : t("learn_training.own", { happy: percent(result.own) });
    shown.replaceChildren(
      element("p", { class: "summary" }, summaryText(curve)),
      curves(curve),
      figures(result, curve.at(-1)),
      element("p", { class: "formula" }, own),
      element("p", { class: "quiet" }, t("learn_training.about", { parameters: result.parameters })),
    );
  }

  function setRunning(running) {
    isRunning = running;
    setText(button, running ? t("learn_training.stop") : t("learn_training.start"));
  }

  async function step(epochs) {
    const answer = await ask({ epochs: Math.min(epochs, LAST_EPOCH - curve.at(-1).epoch) });
    if (!isRunning) return;
    keep({ state: answer.result.state });
    curve = [...curve, ...answer.result.curve.slice(1)];
    draw(answer);
  }

  async function train() {
    setRunning(true);
    try {
      let elapsed = ANSWER_PERIOD_MS;
      while (isRunning && curve.at(-1).epoch < LAST_EPOCH) {
        const started = performance.now();
        if (!document.hidden) await step(epochsIn(elapsed));
        await wait(Math.max(0, ANSWER_PERIOD_MS - (performance.now() - started)));
        elapsed = performance.now() - started;
      }
    } catch (error) {
      onFailure(error);
    }
    setRunning(false);
    announce(summaryText(curve));
  }

  function reset() {
    setRunning(false);
    keep({ state: "" });
    curve = [];
  }

  button.addEventListener("click", () => (isRunning ? setRunning(false) : train()));
  again.addEventListener("click", () => {
    reset();
    onChoice();
  });
  const onChoice = () => ask().then((answer) => {
    curve = answer.result.curve;
    draw(answer);
  }, onFailure);

  return {
    /** Another network or other samples begin anew. */
    beforeChoice: reset,
    show(answer) {
      if (isRunning) return "";
      if (answer.result.epoch !== curve.at(-1)?.epoch) curve = answer.result.curve;
      draw(answer);
      return summaryText(curve);
    },
  };
}
