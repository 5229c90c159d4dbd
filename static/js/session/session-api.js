/** Requests about one session: figures by a filter, edits of people and markers. */
import { readJson, requestJson, sendJson } from "../lib/api.js";
import { detailAddress, lanesAddress, sessionAddress, timelineAddress } from "./address.js";

/**
 * Requests below `/api/sessions/ID`. `query` is a URLSearchParams; `takeResponse(path)` may give the promise of a response
 * that was asked for before.
 */
export function sessionApi(id, takeResponse = () => undefined) {
  const address = (path, query) => sessionAddress(id, path, query);
  const read = (path) => readJson(takeResponse(path) ?? fetch(path));
  return {
    detail: () => read(detailAddress(id)),
    timeline: (filter, extra) => read(timelineAddress(id, filter, extra)),
    lanes: (filter) => requestJson(lanesAddress(id, filter)),
    figures: (query) => requestJson(address("/figures", query)),
    circumplex: (query) => requestJson(address("/circumplex", query)),
    events: (query) => requestJson(address("/events", query)),
    suggestions: () => requestJson(address("/people/suggestions")).then((body) => body.suggestions),
    exportUrl: (format, query) => address(`/export.${format}`, query),
    send: (method, path, body) => sendJson(method, address(path), body),
  };
}
