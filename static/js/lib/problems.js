/** The server's errors and notices in the page's language. */
import { lineTranslator } from "./server-lines.js";

export const problemText = lineTranslator("problems");

/** A `status` event with its notices and errors in the page's language. */
export function localizeStatus(status) {
  const { camera, detail, detector, vision } = status;
  return {
    ...status,
    trouble: problemText(status.trouble),
    storage: problemText(status.storage),
    camera: { ...camera, name: problemText(camera.name), notice: problemText(camera.notice), error: problemText(camera.error) },
    detail: { ...detail, notice: problemText(detail.notice) },
    detector: { ...detector, notice: problemText(detector.notice) },
    vision: { ...vision, error: problemText(vision.error) },
  };
}
