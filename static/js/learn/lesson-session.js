/**
 * Asks the server for the answers of one lesson: one request at a time, always with the newest choices. A hidden page asks
 * for nothing, and breaks off the request that runs.
 */
import { sendJson } from "../lib/api.js";

const PATH = "/api/learn";
// After these the server may answer later: too many requests, or a busy computer.
const PASSING_STATUS = [429, 503];
const RETRY_PERIOD_MS = 3000;
// Between an answer and the next request, about as long as an answer takes: the frames of the live view go first.
const PAUSE_MS = 100;

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * `onAnswer(answer, {isChosen})` gets every answer; `isChosen` tells whether a control was moved. Returns
 * `{choose, keep, showPicture, ask, onFailure}`.
 */
export function createLessonSession(lesson, { onAnswer, onProblem }) {
  let picture = null;
  let values = {};
  let running = null; // AbortController of the request that runs
  let waiting = null; // {isChosen} of the request that comes next

  /** The answer with further `choices`, which are not kept. */
  async function ask(choices = {}, signal = undefined) {
    const body = { lesson, parameters: { ...values, ...choices }, picture: picture.base64 };
    return sendJson("POST", PATH, body, { signal });
  }

  async function run({ isChosen }) {
    running = new AbortController();
    const asked = { picture, values };
    try {
      const answer = await ask({}, running.signal);
      // An older picture or choice is shown only until the newest is answered, so that a slider that moves is followed.
      onAnswer(answer, { isChosen, isNewest: asked.picture === picture && asked.values === values });
    } catch (error) {
      if (!running.signal.aborted) onProblem(error);
      if (PASSING_STATUS.includes(error.status)) setTimeout(() => update({ isChosen: false }), RETRY_PERIOD_MS);
    }
    await wait(PAUSE_MS);
    running = null;
  }

  async function update(request) {
    waiting = { isChosen: request.isChosen || waiting?.isChosen };
    if (running) return;
    while (waiting && picture && !document.hidden) {
      const next = waiting;
      waiting = null;
      await run(next);
    }
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) running?.abort();
    else if (picture) update({ isChosen: false });
  });

  return {
    ask,
    onFailure: onProblem,
    /** Send these with every further request, without asking now. */
    keep(choices) {
      values = { ...values, ...choices };
    },
    choose(choices) {
      values = { ...values, ...choices };
      return update({ isChosen: true });
    },
    showPicture(newest) {
      picture = newest;
      return update({ isChosen: false });
    },
  };
}
