/** Controls of a lesson, made from the parameters that its answers describe. */
import { element, setText } from "../lib/dom.js";
import { decimal } from "../lib/format.js";

const valueText = (value) => decimal(Math.round(value * 100) / 100);

function rangeControl(name, { low, high, step }, text, choose) {
  const input = element("input", { type: "range", id: `control-${name}`, min: low, max: high, step });
  const output = element("output", { class: "control__value", for: input.id });
  input.addEventListener("input", () => {
    setText(output, valueText(input.valueAsNumber));
    choose({ [name]: input.valueAsNumber });
  });
  const show = (value) => {
    input.value = value;
    setText(output, valueText(value));
  };
  return { input, node: element("div", { class: "control" }, element("label", { for: input.id }, text(name)), input, output), show };
}

function choiceControl(name, { options }, text, choose) {
  const input = element("select", { id: `control-${name}` }, ...options.map((option) => element("option", { value: option }, text(`${name}_${option}`))));
  input.addEventListener("change", () => choose({ [name]: input.value }));
  return {
    input,
    node: element("div", { class: "control" }, element("label", { for: input.id }, text(name)), input),
    show: (value) => (input.value = value),
  };
}

function flagControl(name, _, text, choose) {
  const input = element("input", { type: "checkbox", id: `control-${name}` });
  input.addEventListener("change", () => choose({ [name]: input.checked }));
  return { input, node: element("div", { class: "control control--flag" }, input, element("label", { for: input.id }, text(name))), show: (value) => (input.checked = value) };
}

const MAKERS = { range: rangeControl, choice: choiceControl, flag: flagControl };
const controls = new WeakMap();

/** Show the values of an answer; the controls are made at the first one. Texts that are only sent back have none. */
export function showControls(area, { parameters, values }, text, choose) {
  if (!controls.has(area)) {
    const shown = Object.entries(parameters).filter(([, { kind }]) => kind in MAKERS);
    const made = Object.fromEntries(shown.map(([name, one]) => [name, MAKERS[one.kind](name, one, text, choose)]));
    area.replaceChildren(...Object.values(made).map(({ node }) => node));
    controls.set(area, made);
  }
  for (const [name, control] of Object.entries(controls.get(area))) {
    // Not the one that is being moved: its answer may be older than its position.
    if (control.input !== document.activeElement) control.show(values[name]);
  }
}
