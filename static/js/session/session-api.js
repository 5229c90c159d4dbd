/** Requests about one session: figures by a filter, edits of people and markers. */
import { requestJson, sendJson } from "../lib/api.js";

/** `{get(path, query), send(method, path, body)}` below `/api/sessions/ID`. `query` is a URLSearchParams. */
export function sessionApi(id) {
  const address = (path, query) => `/api/sessions/${id}${path}${query && String(query) ? `?${query}` : ""}`;
  return {
    detail: () => requestJson(address("")),
    figures: (query) => requestJson(address("/figures", query)),
    timeline: (query) => requestJson(address("/timeline", query)),
    circumplex: (query) => requestJson(address("/circumplex", query)),
    events: (query) => requestJson(address("/events", query)),
    suggestions: () => requestJson(address("/people/suggestions")).then((body) => body.suggestions),
    exportUrl: (format, query) => address(`/export.${format}`, query),
    send: (method, path, body) => sendJson(method, address(path), body),
  };
}
