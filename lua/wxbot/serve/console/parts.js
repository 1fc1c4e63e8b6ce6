// What several views use.

import { t } from "./i18n.js";
import { h } from "./text.js";

/** Shows why something failed in an element of role alert. */
export function failure(element, error) {
  element.textContent = error.status === 0 ? t("unreachable") : error.message;
  element.hidden = false;
}

/**
 * A function that asks, and gives the answer to whom it is for. While one is
 * under way another is asked only once, when it has come: events may be many.
 */
export function latest(ask, take) {
  let running = false;
  let again = false;
  return async function run() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      try {
        const answer = await ask();
        if (!again) take(answer);
      } catch {
        // Whether the emulator is there stands above; the next event asks anew.
      }
    } while (again);
    running = false;
  };
}

/** A table: names of columns, rows of cells; what is said when there is none. */
export function table(columns, rows, empty) {
  if (rows.length === 0) return h("p", { class: "muted" }, empty);
  return h("div", { class: "scroll", tabIndex: 0 }, h("table", {},
    h("thead", {}, h("tr", {}, columns.map((name) =>
      h("th", { scope: "col" }, name)))),
    h("tbody", {}, rows.map((cells) =>
      h("tr", {}, cells.map((cell) => h("td", {}, cell)))))));
}

// Tables of very long texts take a browser seconds.
const LONGEST = 300;

/** A text, or as much of it as a list shows. */
export function beginning(words) {
  const all = [...words.slice(0, 2 * LONGEST)];
  return all.length > LONGEST ? all.slice(0, LONGEST).join("") + "…" : words;
}

let serial = 0;

function inputOf(field, id) {
  const common = { id, name: field.name, required: field.required };
  if (field.options) {
    return h("select", common, field.options.map(([value, words]) =>
      h("option", { value }, words)));
  } else if (field.type === "lines" || field.type === "text") {
    return h("textarea", { ...common, rows: 2 });
  }
  return h("input", { ...common, autocomplete: "off", spellcheck: "false",
    type: field.type === "number" ? "number" : field.type ?? "text",
    step: field.type === "number" ? "any" : null,
    value: field.value ?? (field.type === "checkbox" ? "on" : "") });
}

function valueOf(field, input) {
  if (field.type === "checkbox") return input.checked || undefined;
  if (input.value === "") return undefined;
  if (field.type === "number") return Number(input.value);
  if (field.type === "lines") {
    return input.value.split("\n").filter((line) => line !== "");
  }
  return input.value;
}

/**
 * A form of fields { name, words, type, options, required, value }. done(values)
 * gets those that are filled in; what it raises is shown.
 */
export function form(fields, words, done) {
  const inputs = {};
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const rows = fields.map((field) => {
    const id = `field-${serial++}`;
    const input = inputs[field.name] = inputOf(field, id);
    const label = h("label", { htmlFor: id }, field.words ?? field.name);
    return h("div", { class: `field ${field.type ?? ""}` }, label, input);
  });
  async function submit(event) {
    event.preventDefault();
    const values = {};
    for (const field of fields) {
      const value = valueOf(field, inputs[field.name]);
      if (value !== undefined) values[field.name] = value;
    }
    problem.hidden = true;
    try {
      await done(values);
    } catch (error) {
      failure(problem, error);
    }
  }
  return h("form", { class: "fields", onsubmit: submit }, rows, problem,
    h("button", { type: "submit" }, words));
}
