/** Where a picture lies in the stage, which shows the whole of it and leaves bars beside it. */

/** Area of a picture of `width` and `height` in a box of the same unit, in coordinates of the box; `scale` by pixel. */
export function pictureArea(box, { width, height }) {
  const scale = Math.min(box.width / width, box.height / height);
  return { left: (box.width - width * scale) / 2, top: (box.height - height * scale) / 2, scale };
}

/** Pixels of the source, in which boxes of faces are given; null before the camera is known. */
export function sourceSize({ stats, status }) {
  const { width, height } = stats ?? status?.camera ?? {};
  return width && height ? { width, height } : null;
}
