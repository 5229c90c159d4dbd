/** Buttons that cannot be used for now: they keep the focus and say why. */

/** Mark `button` as disabled with `reason` as its tooltip, or as usable with `title` if there is none. */
export function setUnavailable(button, reason, title = "") {
  button.setAttribute("aria-disabled", String(Boolean(reason)));
  button.title = reason || title;
}
