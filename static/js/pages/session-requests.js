/** The first requests of the session page, sent while the other modules of the page are still being loaded. */
import { detailAddress, timelineAddress } from "../session/address.js";
import { readFilter } from "../session/filter.js";

const asked = new Map();

function ask(path) {
  const response = fetch(path);
  response.catch(() => {}); // whoever takes it tells its error
  asked.set(path, response);
}

/** The response to a first request, once; undefined for any other. */
export function takeResponse(path) {
  const response = asked.get(path);
  asked.delete(path);
  return response;
}

const id = Number(location.pathname.split("/")[2]);
const filter = readFilter(location.hash);
ask(detailAddress(id));
// People and markers of an old link may be gone, which only the detail tells.
if (!filter.people.length && !filter.markers.length) ask(timelineAddress(id, filter));
