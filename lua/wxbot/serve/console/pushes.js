// Pushes by hand, and what receivers have answered.

import { get, post } from "./api.js";
import { t, time, word } from "./i18n.js";
import { beginning, form, latest } from "./parts.js";
import { h, visible } from "./text.js";

const URL_FIELD = { name: "url", type: "url" };
const repeated = () => [
  { name: "times", type: "number", words: t("push.times") },
  { name: "late", type: "number", words: t("push.late") },
];
// The members that people change; the rest have defaults.
const FIELDS = {
  kefu: [{ name: "userid", required: true, value: "u1" }, { name: "msg" },
    { name: "event" }, { name: "from", type: "number" },
    { name: "kfstate", type: "number" }, { name: "channel", type: "number" }],
  official_account: [{ name: "userid", required: true, value: "u1" },
    { name: "content" }, { name: "event" }, { name: "msgtype" },
    { name: "mode", options: ["encrypted", "compatible", "plain"]
      .map((name) => [name, name]) },
    { name: "format", options: [["xml", "xml"], ["json", "json"]] }],
  service: [{ name: "userid", required: true, value: "u1" },
    { name: "query", required: true }, { name: "skill" }, { name: "intent" },
    { name: "mode", options: [["encrypted", "encrypted"],
      ["plain", "plain"]] }],
  third_party: [{ name: "infotype", options: ["component_verify_ticket",
    "authorized", "updateauthorized", "unauthorized"]
    .map((name) => [name, name]) }, { name: "authorizer_appid" },
  { name: "pre_auth_code" }],
};

function shown(value) {
  if (value === undefined || value === null) return "";
  return visible(typeof value === "string" ? value
    : JSON.stringify(value, null, 2));
}

function reply(value) {
  return value && [h("small", {}, t("push.reply")),
    h("pre", { tabIndex: 0, "aria-label": t("push.reply") }, shown(value))];
}

function result(answer) {
  return h("div", { class: "result" },
    h("p", {}, t("push.answered"), " ", h("span", { class: "badge" },
      String(answer.status ?? ""))),
    h("pre", { tabIndex: 0, "aria-label": t("push.answered") },
      shown(answer.body)),
    answer.error && h("p", { class: "problem" }, answer.error),
    reply(answer.reply));
}

const CLASSES = { delivered: "good", failed: "failed", dropped: "failed" };

// One that was pushed, by hand or by itself.
function entry(push) {
  return h("article", { class: "card" }, h("div", { class: "row" },
    h("time", {}, time(push.time)), h("b", {}, word("kind", push.kind)),
    h("span", { class: `badge ${CLASSES[push.state] ?? ""}` },
      word("pushed", push.state), push.status && ` ${push.status}`),
    push.tries > 1 && h("small", {}, t("push.tries", { n: push.tries }))),
  h("small", { class: "address" }, visible(push.url ?? "")),
  h("code", {}, shown(beginning(JSON.stringify(push.push ?? {})))),
  push.error && h("p", { class: "problem" }, visible(beginning(push.error))),
  reply(push.reply));
}

function formOf(kind, url, place) {
  return form([{ ...URL_FIELD, required: !url, value: url ?? "" },
    ...(FIELDS[kind] ?? []), ...repeated()], t("push.send", { kind: word("kind", kind) }),
  async (values) => {
    place.replaceChildren();
    place.replaceChildren(result(await post("push", { kind, ...values })));
  });
}

export function pushes(app, section) {
  const kinds = app.about.kinds ?? Object.keys(FIELDS);
  const answered = h("div", { "aria-live": "polite" });
  const place = h("div", {});
  const buttons = kinds.map((kind) => h("button", { type: "button",
    "aria-pressed": "false", onclick: () => choose(kind) },
  word("kind", kind)));
  function choose(kind) {
    buttons.forEach((button, i) =>
      button.setAttribute("aria-pressed", String(kinds[i] === kind)));
    answered.replaceChildren();
    place.replaceChildren(formOf(kind, app.about.callbacks?.[kind],
      answered));
  }
  choose(kinds[0]);
  const list = h("div", { class: "scroll", tabIndex: 0,
    "aria-label": t("push.newest") });
  const read = latest(() => get("pushes"), (answer) =>
    list.replaceChildren(...answer.pushes.length === 0
      ? [h("p", { class: "muted" }, t("state.none"))]
      : answer.pushes.reverse().map(entry)));
  return { read, element: section("push", h("div", { class: "row",
    role: "group", "aria-label": t("push.kind") }, buttons), place, answered,
  h("h3", {}, t("push.newest")), list) };
}
