/** Groups of a comparison in the fragment of the page's address, so that a link shows the same comparison. */

export const MAX_GROUPS = 6;
const NAMES = "ABCDEF";

/** The first name of a group that no other has. */
export const freeName = (groups) => [...NAMES].find((name) => groups.every((group) => group.name !== name)) ?? String(groups.length + 1);

export const twoGroups = (sessions) => [0, 1].map((index) => ({ name: NAMES[index], parts: sessions[index] ? [{ session: sessions[index] }] : [] }));

const isPart = (part) => Number.isInteger(part?.session);

/** The groups of `location`; those of `?sessions=1,2` if the fragment has none. */
export function readGroups({ hash, search }) {
  try {
    const stored = JSON.parse(decodeURIComponent(hash.slice(1)));
    if (Array.isArray(stored) && stored.length >= 2) return stored.slice(0, MAX_GROUPS).map(({ name, parts }) => ({ name: String(name), parts: (parts ?? []).filter(isPart) }));
  } catch {
    // No groups yet, or an address that was cut off.
  }
  const sessions = (new URLSearchParams(search).get("sessions") ?? "").split(",").map(Number).filter((id) => Number.isInteger(id) && id > 0);
  return twoGroups(sessions);
}

export const writeGroups = (groups) => history.replaceState(null, "", `#${encodeURIComponent(JSON.stringify(groups))}`);

/** Whether every group has something to compare, under a name of its own. */
export const isComplete = (groups) => groups.every(({ name, parts }) => name && parts.length) && new Set(groups.map(({ name }) => name)).size === groups.length;
