/** Who was present: ages, sexes, and time facing the camera. */
import { byId, element } from "../lib/dom.js";
import { decimal, percent } from "../lib/format.js";
import { t, hasText } from "../lib/i18n.js";

const fact = (term, text) => element("div", {}, element("dt", {}, term), element("dd", {}, text));

const ageText = ({ low, high, people }) => t("session.presence.age_group", { low, high: high - 1, count: people });

const sexText = (label, people) => t("session.presence.sex", { label: hasText(`session.presence.${label}`) ? t(`session.presence.${label}`) : label, count: people });

export function showPresence(figures) {
  const { ages = [], sexes = {}, facing_share: facing } = figures;
  const known = Object.entries(sexes).filter(([, people]) => people);
  const facts = [
    [t("session.presence.person_seconds"), decimal(figures.person_seconds)],
    ...(facing === null || facing === undefined ? [] : [[t("session.presence.facing"), percent(facing)]]),
    ...(known.length ? [[t("session.presence.sexes"), known.map(([label, people]) => sexText(label, people)).join(", ")]] : []),
    ...(ages.length ? [[t("session.presence.ages"), ages.map(ageText).join(", ")]] : []),
  ];
  byId("presence").replaceChildren(...facts.map(([term, text]) => fact(term, text)));
}
