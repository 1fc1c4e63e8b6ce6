// The view "state": what the emulator keeps, and what makes it do something.

import { get, post, remove } from "./api.js";
import { dateAndTime, t, word } from "./i18n.js";
import { beginning, failure, form, latest, table } from "./parts.js";
import { pushes } from "./pushes.js";
import { h, visible } from "./text.js";

const SKIPS = [["1 min", 60], ["10 min", 600], ["1 h", 3600], ["1 d", 86400]];

function section(name, ...children) {
  const words = t(`state.${name}`);
  return h("section", { class: `panel ${name}`, "aria-label": words },
    h("h2", {}, words), children);
}

// A button that does something, and says beside it why it could not.
function action(words, run, attributes) {
  const problem = h("span", { class: "problem", role: "alert", hidden: true });
  const button = h("button", { type: "button", ...attributes,
    onclick: async () => {
      problem.hidden = true;
      try {
        await run();
      } catch (error) {
        failure(problem, error);
      }
    } }, words);
  return [button, problem];
}

// What is listed, and read anew when something has changed.
function listed(path, parameters, columns, rowsOf) {
  const place = h("div", { class: "listed", "aria-live": "polite" });
  const read = latest(() => get(path, parameters?.()), (answer) =>
    place.replaceChildren(table(columns.map((name) => t(`column.${name}`)),
      rowsOf(answer), t("state.none"))));
  return { place, read };
}

const text = (value) => value === undefined || value === null ? ""
  : visible(beginning(typeof value === "object" ? JSON.stringify(value)
    : String(value)));

function clock() {
  const seconds = form([{ name: "skip", type: "number", required: true,
    words: t("clock.seconds") }], t("clock.skip"),
  (values) => post("clock", values));
  return { element: section("clock", h("p", { class: "muted" },
    t("clock.about")), h("time", { class: "now", "data-clock": "" }),
  h("div", { class: "row" }, SKIPS.map(([name, skip]) =>
    action(`+${name}`, () => post("clock", { skip })))), seconds) };
}

const TAG = ["appid", "category", "label", "desc"];

function tags() {
  let openid = "";
  const place = h("div", { class: "listed", "aria-live": "polite" });
  const count = h("p", { class: "muted" });
  const input = h("input", { id: "tags-of", autocomplete: "off",
    spellcheck: "false" });
  const nameOf = (name) => h("button", { type: "button", class: "link",
    onclick: () => choose(name) }, name);
  const read = latest(() => get("tags", { openid }), (answer) => {
    count.textContent = t("tags.count", { n: answer.count });
    const columns = openid === "" ? ["openid"] : TAG;
    const rows = openid === ""
      ? (answer.users ?? []).map((name) => [nameOf(name)])
      : answer.tags.map((tag) => TAG.map((name) => text(tag[name])));
    place.replaceChildren(table(columns.map((name) => t(`column.${name}`)),
      rows, t("state.none")));
  });
  function choose(name) {
    openid = input.value = name;
    read();
  }
  function submit(event) {
    event.preventDefault();
    choose(input.value.trim());
  }
  return { read, element: section("tags", h("form", { class: "row",
    onsubmit: submit }, h("label", { htmlFor: "tags-of", class: "above" },
  t("tags.of")), input, h("button", { type: "submit" }, t("tags.look"))),
  count, place) };
}

function adding(words, fields, path) {
  const details = h("details", {}, h("summary", {}, words));
  details.append(form(fields, words, async (values) => {
    await post(path, values);
  }));
  return details;
}

function tasks() {
  const { place, read } = listed("tasks", null, ["task_id", "state",
    "progress", "message"], ({ tasks: list }) => list.map((task) =>
    [text(task.task_id), word("task", task.state), `${task.progress} %`,
      text(task.msg || task.url)]));
  return { read, element: section("tasks", place, adding(t("tasks.add"), [
    { name: "task_id" }, { name: "prepare", type: "number" },
    { name: "duration", type: "number" }, { name: "failure" },
    { name: "url" }], "tasks")) };
}

function publications() {
  const { place, read } = listed("publications", null, ["publish_id",
    "publish_status", "article_id"], ({ publications: list }) =>
    list.map((item) => [text(item.publish_id),
      word("publish", item.publish_status), text(item.article_id)]));
  return { read, element: section("publications", place,
    adding(t("publications.add"), [{ name: "publish_id" },
      { name: "duration", type: "number" },
      { name: "publish_status", type: "number" }, { name: "article_id" },
      { name: "articles", type: "lines", words: t("publications.articles") }],
    "publications")) };
}

function drafts() {
  const { place, read } = listed("drafts", null, ["media_id", "title",
    "articles"], ({ drafts: list }) => list.map((draft) =>
    [text(draft.media_id), text(draft.title), text(draft.articles)]));
  return { read, element: section("drafts", place) };
}

function materials() {
  const { place, read } = listed("materials", null, ["media_id", "type"],
    ({ materials: list }) => list.map((material) =>
      [text(material.media_id), text(material.type)]));
  return { read, element: section("materials", place) };
}

function faults(app) {
  const { place, read } = listed("faults", null, ["endpoint", "code", "status",
    "body", "delay", "times"], ({ faults: list }) => list.map((fault) =>
    [fault.endpoint ?? t("faults.any"), text(fault.code),
      text(fault.cut ? t("faults.cut") : fault.status), text(fault.body),
      text(fault.delay), text(fault.times)]));
  const fields = [
    { name: "endpoint", options: [["", t("faults.any")],
      ...(app.about.endpoints ?? []).map((item) => {
        const name = item.name ?? item;
        return [name, name];
      })] },
    { name: "code", type: "number" }, { name: "message" },
    { name: "status", type: "number" }, { name: "body", type: "text" },
    { name: "delay", type: "number", words: t("faults.delay") },
    { name: "times", type: "number", words: t("faults.times") },
    { name: "cut", type: "checkbox", words: t("faults.cut") },
  ];
  return { read, element: section("faults", place,
    form(fields, t("faults.add"), (values) => post("faults", values)),
    action(t("faults.clear"), () => remove("faults"))) };
}

function answers() {
  const { place, read } = listed("answers", null, ["query", "tier", "answer"],
    ({ answers: list }) => list.map((item) => [text(item.query),
      word("tier", item.tier), text(item.answer)]));
  return { read, element: section("answers", h("p", { class: "muted" },
    t("answers.about")), place, form([
    { name: "query", required: true, words: t("column.query") },
    { name: "tier", words: t("column.tier"), options: ["answer", "recommend",
      "miss"].map((name) => [name, t(`tier.${name}`)]) },
    { name: "answer", type: "text", words: t("column.answer") }],
  t("answers.add"), (values) => post("answers", values)),
  action(t("answers.clear"), () => remove("answers"))) };
}

function messages() {
  const { place, read } = listed("conversations", null, ["user", "time",
    "last"], ({ conversations: list }) => list.map((item) => [
      h("a", { href: `#/chat/${encodeURIComponent(item.openid)}` },
        item.openid), dateAndTime(item.last.time), text(item.last.msg)]));
  return { read, element: section("messages", h("p", { class: "muted" },
    t("messages.about")), place) };
}

function reset() {
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const dialog = h("dialog", { "aria-labelledby": "reset-title" },
    h("h2", { id: "reset-title" }, t("reset.sure")),
    h("p", {}, t("reset.about")), problem,
    h("div", { class: "row" },
      h("button", { type: "button", autofocus: true,
        onclick: () => dialog.close() }, t("reset.no")),
      h("button", { type: "button", class: "danger", onclick: async () => {
        try {
          await post("reset");
          dialog.close();
        } catch (error) {
          failure(problem, error);
        }
      } }, t("reset.yes"))));
  return { element: section("reset", h("p", { class: "muted" },
    t("reset.about")), h("button", { type: "button", class: "danger",
    onclick: () => dialog.showModal() }, t("reset.button")), dialog) };
}

export function state(root, argument, app) {
  let parts = [];
  function draw() {
    const columns = [[clock(), faults(app), tags()],
      [pushes(app, section), answers(), messages()],
      [tasks(), publications(), drafts(), materials(), reset()]];
    parts = columns.flat();
    root.replaceChildren(...columns.map((column) => h("div", {},
      column.map((part) => part.element))));
    read();
  }
  function read() {
    for (const part of parts) part.read?.();
  }
  // Events may come by the hundred.
  let waiting = 0;
  function readSoon() {
    waiting ||= setTimeout(() => {
      waiting = 0;
      read();
    }, 300);
  }
  draw();
  return {
    about: () => root.querySelector(".faults select")?.options.length < 2
      && draw(),
    refresh: read,
    on(kind) {
      if (kind !== "request") readSoon();
    },
    close: () => clearTimeout(waiting),
  };
}
