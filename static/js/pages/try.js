/** Page for one picture: it is sent to the server, analysed and drawn here; nothing is kept. */
import { analyzePicture } from "../lib/api.js";
import { byId, setText } from "../lib/dom.js";
import { toSentence } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { announce } from "../lib/messages.js";
import { loadImage, showPicture } from "../try/annotated-picture.js";
import { takePicture } from "../try/dropped-picture.js";
import { showFaces } from "../try/face-list.js";
import { acceptChoice, acceptDrops, acceptPaste } from "../try/picture-input.js";

// As MAX_PICTURE_BYTES in app/jobs/picture_process.py.
const MAX_BYTES = 20 * 1024 * 1024;

let newest = 0; // number of the newest picture; answers about older ones come too late
let shownUrl = null;

function showState({ busy = false, problem = "", note = "" }) {
  document.body.classList.toggle("is-busy", busy);
  byId("input").setAttribute("aria-busy", String(busy));
  setText(byId("note"), busy ? t("try.busy") : note);
  setText(byId("failure"), problem);
  byId("failure").hidden = !problem;
  if (problem || note) announce(problem || note);
}

function showRecord(record, image, url) {
  if (shownUrl) URL.revokeObjectURL(shownUrl);
  shownUrl = url;
  showPicture(byId("picture"), image, record);
  showFaces(byId("faces"), record.faces);
  byId("result").hidden = false;
  byId("input").classList.add("input--small");
  showState({ note: t("try.found", { count: record.faces.length }) });
}

async function analyze(file) {
  const number = ++newest;
  showState({ busy: true });
  const url = URL.createObjectURL(file);
  try {
    if (file.size > MAX_BYTES) throw new Error(t("try.too_large"));
    const [record, image] = await Promise.all([analyzePicture(file), loadImage(url)]);
    if (number === newest) showRecord(record, image, url);
  } catch (error) {
    URL.revokeObjectURL(url);
    if (number === newest) showState({ problem: toSentence(error.message) });
  }
}

acceptDrops(document.body, analyze);
acceptPaste(analyze);
acceptChoice(byId("file"), analyze);
const dropped = await takePicture().catch(() => undefined);
if (dropped) analyze(dropped);
