/** Addresses of a session's data. */
import { filterQuery } from "./filter.js";

const TIMELINE_POINTS = 600;

/** `path` below `/api/sessions/ID`, with the parameters of `query` (URLSearchParams), if any. */
export const sessionAddress = (id, path, query) => `/api/sessions/${id}${path}${query && String(query) ? `?${query}` : ""}`;

/** The session without the figures that depend on the filter. `templates/session.html` names this address too, and the next one. */
export const detailAddress = (id) => sessionAddress(id, "", new URLSearchParams({ figures: "0" }));

/** Means over time, without the lanes, so that the chart is drawn first; `extra` as for `filterQuery`. */
export const timelineAddress = (id, filter, extra = {}) => sessionAddress(id, "/timeline", filterQuery(filter, { points: TIMELINE_POINTS, lanes: 0, ...extra }));

export const lanesAddress = (id, filter) => sessionAddress(id, "/lanes", filterQuery(filter, { points: TIMELINE_POINTS }));
