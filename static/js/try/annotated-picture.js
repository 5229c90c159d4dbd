/** A picture with a box and a label for every face. The browser draws both, so that the picture need not come back. */
import { headline } from "../lib/attributes.js";
import { headlineText } from "../lib/attribute-text.js";
import { personVariable } from "../lib/colours.js";
import { element } from "../lib/dom.js";
import { t } from "../lib/i18n.js";

// Beyond this share of the width or below this share of the height a label has no room and goes to the other side.
const RIGHT_SIDE = 0.6;
const TOP_EDGE = 0.08;

const percentOf = (value, whole) => `${(100 * value) / whole}%`;

const labelOf = (face) => [face.id, face[headline.name] && headlineText(headline, face[headline.name])].filter(Boolean).join(" ");

function faceBox(face, { width, height }) {
  const [x1, y1, x2, y2] = face.box;
  const sides = [x1 / width > RIGHT_SIDE && "face-box--left", y1 / height < TOP_EDGE && "face-box--below"].filter(Boolean);
  const label = element("span", { class: "face-box__label" }, labelOf(face));
  const box = element("a", { class: ["face-box", ...sides].join(" "), href: `#face-${face.id}`, "aria-label": t("try.face", { id: face.id }) }, label);
  const place = { left: percentOf(x1, width), top: percentOf(y1, height), width: percentOf(x2 - x1, width), height: percentOf(y2 - y1, height) };
  Object.assign(box.style, place);
  box.style.setProperty("--person", personVariable(face.id));
  return box;
}

/** An image of the file; null if this browser cannot show it, such as a TIFF. Resolves when its size is known. */
export async function loadImage(url) {
  const image = element("img", { class: "picture__image", alt: t("try.picture") });
  image.src = url;
  return image.decode().then(
    () => image,
    () => null,
  );
}

/** Show the image with the faces of its record in the figure. */
export function showPicture(figure, image, record) {
  const boxes = record.faces.map((face) => faceBox(face, record));
  figure.replaceChildren(image ?? element("p", { class: "picture__missing" }, t("try.no_preview")), ...(image ? boxes : []));
  figure.style.setProperty("--width", record.width);
  figure.style.setProperty("--height", record.height);
  figure.hidden = false;
}
