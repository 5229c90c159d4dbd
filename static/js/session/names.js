/** Texts of people, labels and times on the pages of sessions. */
import { UNSURE, headline } from "../lib/attributes.js";
import { labelText, unsureText } from "../lib/attribute-text.js";
import { capitalise, durationText } from "../lib/format.js";
import { t } from "../lib/i18n.js";

export const personName = ({ id, name }) => name || t("session.person", { id });

/** A label of the emotions, such as "Happy". */
export const emotionText = (label) => capitalise(label === UNSURE ? unsureText(headline) : labelText(headline, label));

/** "1:15 to 2:30". */
export const spanText = (startS, endS) => t("session.span", { from: durationText(startS), to: durationText(endS) });
