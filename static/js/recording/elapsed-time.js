/** Seconds since the start of the running session: the server's value, extrapolated between its messages. */
export function elapsedSeconds({ status, stats, statsAt }) {
  if (stats?.session) return stats.session.elapsed_s + (performance.now() - statsAt) / 1000;
  return (Date.now() - Date.parse(status.session.started_at)) / 1000;
}
