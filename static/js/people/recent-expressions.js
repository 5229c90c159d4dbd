/** Sparkline of the last 30 seconds: how many people had which expression, second by second. */
import { headline } from "../lib/attributes.js";
import { byId } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { createStrip } from "../charts/stacked-strip.js";
import { countsText, personShown } from "./expression-panel.js";
import { countByLabel, inView } from "./visible-people.js";

const SECONDS = 30;
const SAMPLE_MS = 1000;

/** What one second of `counts` says; `ago` in seconds. */
const textOf = (counts, ago) =>
  t("people.seconds_ago", { count: ago, text: counts.length ? countsText(counts, headline.labels.length) : t("live.no_face") });

export function mountRecentExpressions(store) {
  const strip = createStrip(byId("expression-recent"), { labels: headline.labels, columns: SECONDS, title: t("people.recent", { count: SECONDS }) });
  let seconds = [];
  const sample = () => {
    const { people, stats } = store.state;
    seconds = [...seconds, stats ? countByLabel(inView(people), headline) : []].slice(-SECONDS);
    strip.show(seconds.map((counts, index) => ({ counts, text: textOf(counts, seconds.length - 1 - index) })));
  };
  setInterval(sample, SAMPLE_MS);
  store.watch(["people", "selected"], (state) => {
    byId("expression-recent").hidden = inView(state.people).length < 2 || Boolean(personShown(state));
  });
}
