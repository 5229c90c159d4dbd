/** One chapter of the path /learn: a picture, something to move, and an answer that a process of the server computes. */
import { byId, setText } from "../lib/dom.js";
import { toSentence } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { announce } from "../lib/messages.js";
import { commandText } from "../learn/command-text.js";
import { showControls } from "../learn/controls.js";
import { keepPlace } from "../learn/keep-place.js";
import { createLessonSession } from "../learn/lesson-session.js";
import { mountPictureSource } from "../learn/picture-source.js";
import { createScene } from "../learn/scene.js";

const chapters = {
  pixels: () => import("../lessons/pixels.js"),
  haar: () => import("../lessons/haar.js"),
  windows: () => import("../lessons/windows.js"),
  convolution: () => import("../lessons/convolution.js"),
  augmentation: () => import("../lessons/augmentation.js"),
  training: () => import("../lessons/training.js"),
  confidence: () => import("../lessons/confidence.js"),
  bias: () => import("../lessons/bias.js"),
};

const { chapter } = byId("lesson").dataset;
const lesson = await chapters[chapter]();

function showProblem(text) {
  setText(byId("problem"), text);
  byId("problem").hidden = !text;
}

const session = createLessonSession(chapter, {
  onAnswer(answer, { isChosen }) {
    showControls(byId("controls"), answer, lesson.controlText, choose);
    setText(byId("command"), commandText(answer));
    showProblem(answer.problem ? t("learn.no_face") : "");
    byId("lesson").dataset.state = answer.problem ? "problem" : "answered";
    if (answer.problem) return;
    const summary = keepPlace(byId("result"), () => view.show(answer));
    if (isChosen && summary) announce(summary);
  },
  onProblem: (error) => showProblem(toSentence(error.message)),
});

function choose(choices) {
  view.beforeChoice?.();
  return session.choose(choices);
}

const scene = createScene(byId("scene"));
const view = lesson.mount(byId("result"), { scene, ...session, choose });

mountPictureSource({
  follows: lesson.follows ?? true,
  onPicture(picture) {
    scene.showPicture(picture);
    return session.showPicture(picture);
  },
  onProblem: showProblem,
});
