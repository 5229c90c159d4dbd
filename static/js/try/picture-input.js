/** Ways to give a picture: drop, paste, choose a file. */

/** The first image among files, or undefined. Browsers do not know the type of every image. */
export const firstPicture = (files) => [...files].find(({ type }) => type.startsWith("image/")) ?? [...files][0];

const hasFiles = ({ dataTransfer }) => [...(dataTransfer?.items ?? [])].some(({ kind }) => kind === "file");

/** Call `onPicture` with a file that is dropped on `area`; the area has the class `is-target` meanwhile. */
export function acceptDrops(area, onPicture) {
  let depth = 0; // of the elements inside that the pointer has entered
  const mark = (change) => {
    depth = Math.max(0, depth + change);
    area.classList.toggle("is-target", depth > 0);
  };
  area.addEventListener("dragenter", (event) => hasFiles(event) && mark(1));
  area.addEventListener("dragleave", (event) => hasFiles(event) && mark(-1));
  area.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  area.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    mark(-depth);
    const file = firstPicture(event.dataTransfer.files);
    if (file) onPicture(file);
  });
}

export function acceptPaste(onPicture) {
  document.addEventListener("paste", ({ clipboardData }) => {
    const file = firstPicture(clipboardData?.files ?? []);
    if (file) onPicture(file);
  });
}

export function acceptChoice(input, onPicture) {
  input.addEventListener("change", () => {
    const file = firstPicture(input.files);
    input.value = ""; // so that the same file can be chosen again
    if (file) onPicture(file);
  });
}
