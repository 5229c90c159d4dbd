/** A picture that is dropped on the live page's stage is analysed on the page for pictures. */
import { attempt } from "../lib/messages.js";
import { leavePicture } from "./dropped-picture.js";
import { acceptDrops } from "./picture-input.js";

export function mountStageDrop(stage) {
  acceptDrops(stage, (file) =>
    attempt(async () => {
      await leavePicture(file);
      location.assign("/try");
    }),
  );
}
