/** The command that gives the same answer as the page, and those that the lesson names besides. */

const FILE = "photo.jpg";

const isChosen = ({ parameters, values }) => ([name]) => parameters[name].kind !== "text" && values[name] !== parameters[name].default;

/** One command a line. */
export function commandText(answer) {
  const chosen = Object.entries(answer.values).filter(isChosen(answer));
  const options = chosen.map(([name, value]) => ` --set ${name}=${value}`);
  return [`python -m app learn ${answer.lesson} ${FILE}${options.join("")} --out ${answer.lesson}`, ...answer.see_also].join("\n");
}
