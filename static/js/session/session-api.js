/** Requests about one session: figures by a filter, edits of people and markers. */
import { requestJson, sendJson } from "../lib/api.js";
import { detailAddress, lanesAddress, sessionAddress, timelineAddress } from "./address.js";

/** Requests below `/api/sessions/ID`. `query` is a URLSearchParams. */
export function sessionApi(id) {
  const address = (path, query) => sessionAddress(id, path, query);
  return {
    detail: () => requestJson(detailAddress(id)),
    timeline: (filter, extra) => requestJson(timelineAddress(id, filter, extra)),
    lanes: (filter) => requestJson(lanesAddress(id, filter)),
    figures: (query) => requestJson(address("/figures", query)),
    circumplex: (query) => requestJson(address("/circumplex", query)),
    events: (query) => requestJson(address("/events", query)),
    suggestions: () => requestJson(address("/people/suggestions")).then((body) => body.suggestions),
    exportUrl: (format, query) => address(`/export.${format}`, query),
    send: (method, path, body) => sendJson(method, address(path), body),
  };
}
