/** Head of the session page: name, facts, state, downloads. */
import { attributes } from "../lib/attributes.js";
import { byId, element, setText } from "../lib/dom.js";
import { dateTimeZoneText, decimal, durationText } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { labelShares } from "../sessions/label-shares.js";
import { filterQuery, isEverything } from "./filter.js";
import { emotionText, spanText } from "./names.js";

const MANY_INTERRUPTIONS = 4;

function sourceText({ camera, demo, source }) {
  const numbered = /^\d+$/.test(source) ? t("session.facts.camera", { number: source }) : source;
  return [camera, demo ? t("session.facts.demo") : numbered].filter(Boolean).join(" · ");
}

const gapsText = (gaps) =>
  gaps.length > MANY_INTERRUPTIONS
    ? t("session.facts.gaps", { count: gaps.length, seconds: Math.round(gaps.reduce((sum, gap) => sum + gap.end_s - gap.start_s, 0)) })
    : gaps.map((gap) => spanText(gap.start_s, gap.end_s)).join(", ");

const facts = ({ session, gaps, ...counts }) => [
  [t("session.facts.started"), dateTimeZoneText(session.started_at)],
  [t("session.facts.ended"), session.running ? t("session.facts.running") : dateTimeZoneText(session.ended_at)],
  [t("session.facts.duration"), durationText(session.duration_s)],
  [t("session.people"), decimal(session.persons)],
  [t("session.presence.person_seconds"), decimal(session.person_seconds)],
  [t("session.most_frequent"), session.dominant ? emotionText(session.dominant) : t("session.facts.no_faces")],
  ...labelShares(attributes, counts).map(({ term, text }) => [term, text]),
  [t("session.facts.source"), sourceText(session)],
  ...(session.rate > 1 ? [[t("session.facts.rate"), t("session.facts.rate_value", { rate: session.rate })]] : []),
  ...(gaps.length ? [[t("session.facts.interruptions"), gapsText(gaps)]] : []),
];

export function showHead({ detail }) {
  const { session } = detail;
  setText(byId("name"), session.name);
  document.title = `${session.name} · ${t("base.product")}`;
  byId("delete").disabled = session.running;
  byId("delete").title = session.running ? t("session.delete_running") : "";
  byId("tags").replaceChildren(...(session.tags ?? []).map((tag) => element("li", { class: "tag" }, tag)));
  showFacts(detail);
}

/** What, when, how long, from which source, and whether the server stopped meanwhile. */
export function showFacts(detail) {
  const { interrupted, ended_at: endedAt } = detail.session;
  byId("interrupted").hidden = !interrupted;
  if (interrupted) setText(byId("interrupted"), t("session.interrupted", { time: dateTimeZoneText(endedAt) }));
  byId("facts").replaceChildren(...facts(detail).map(([term, value]) => element("div", {}, element("dt", {}, term), element("dd", {}, value))));
}

/** The downloads hold what the filter leaves. */
export function showDownloads(api, filter) {
  const query = filterQuery(filter);
  for (const link of byId("downloads").querySelectorAll("a[data-format]")) link.href = api.exportUrl(link.dataset.format, query);
  setText(byId("downloads-note"), t(isEverything(filter) ? "session.downloads.everything" : "session.downloads.filtered"));
}
