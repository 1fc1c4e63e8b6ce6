// The view "chat": speak as any user, see what they see.

import { get, post } from "./api.js";
import { t, time, word } from "./i18n.js";
import { failure, latest } from "./parts.js";
import { rich } from "./rich.js";
import { h } from "./text.js";

const FIRST_USER = "u1";
let lastUser = FIRST_USER;
let env = "online";

const percent = (score) => (score * 100).toFixed(0);

// Why a question has its score, and what follows from it.
function why(row) {
  if (row.question === undefined) return row.why;
  const alike = row.score === 1 ? "same" : row.words.length > 0 ? "shares"
    : "little";
  const place = row.score > row.threshold ? "above"
    : row.score > row.recommended ? "recommended" : "below";
  return t(`why.${alike}`, { question: row.question,
    words: row.words.join(t("why.and")) }) + t(`why.${place}`);
}

function scores(item) {
  const rows = item.scores.map((row) => h("tr", {},
    h("td", {}, row.title), h("td", {}, row.skill),
    h("td", { class: "number" },
      h("meter", { min: 0, max: 1, value: row.score,
        "aria-hidden": "true" }), " ", percent(row.score),
      row.threshold && ` / ${percent(row.threshold)}`),
    h("td", {}, why(row))));
  return h("details", { class: "scores", ontoggle: (event) =>
    event.target.scrollIntoView({ block: "nearest" }) },
    h("summary", {}, t("chat.scores")),
    rows.length === 0 ? h("p", { class: "muted" }, t("chat.no_scores"))
      : h("table", {}, h("thead", {}, h("tr", {},
        ["question", "skill", "score", "why"].map((name) =>
          h("th", { scope: "col" }, t(`chat.${name}`))))),
      h("tbody", {}, rows)));
}

function badges(item) {
  return [
    item.tier && h("span", { class: `badge ${item.tier}` },
      word("tier", item.tier)),
    item.env === "debug" && h("span", { class: "badge" }, t("chat.debug")),
    item.decided && h("span", { class: "badge" }, t("chat.decided")),
    item.title && h("span", { class: "muted" }, item.title),
  ];
}

// A message, with what the reply says of it where it was asked for here.
function bubble(item, ask) {
  const name = item.kefuname || t(`from.${item.from}`);
  const body = item.rich && item.rich.length > 0 ? rich(item.rich, ask)
    : h("p", {}, item.msg || (item.event ? `[${item.event}]` : ""));
  return h("div", { class: `said ${item.from}` },
    h("div", { class: "who" }, name, " ",
      h("time", {}, item.time ? time(item.time) : "")),
    h("div", { class: "bubble", tabIndex: 0 }, body,
      (item.options ?? []).map((option) => h("button", { type: "button",
        class: "link option", onclick: () => ask(option.title) },
      option.title))),
    h("div", { class: "badges" }, badges(item)),
    item.scores && scores(item));
}

// How many of the newest messages are shown already: they are those at the end of
// what is shown, unless all of them are others.
function known(shown, messages) {
  for (let gone = 0; gone < shown.length; gone++) {
    const kept = shown.length - gone;
    if (kept <= messages.length
        && shown.slice(gone).every((text, i) => text === messages[i])) {
      return kept;
    }
  }
  return 0;
}

export function chat(root, argument, app) {
  let user = argument || lastUser;
  let shown = [];
  let replies = [];
  let asking = false;
  const list = h("ul", { class: "users" });
  const entry = h("input", { id: "user", name: "user", autocomplete: "off",
    spellcheck: "false", maxlength: 256, required: true });
  const log = h("div", { class: "log", role: "log", "aria-live": "polite",
    "aria-label": t("chat.log"), tabIndex: 0 });
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const text = h("textarea", { id: "query", rows: 1, enterkeyhint: "send",
    placeholder: t("chat.placeholder"), maxlength: 20000 });
  const title = h("h2", {});
  const button = h("button", { type: "submit", class: "primary" },
    t("chat.send"));

  async function ask(query) {
    button.disabled = asking = true;
    try {
      replies.push(await post("chat", { userid: user, query, env }));
      problem.hidden = true;
    } catch (error) {
      failure(problem, error);
      if (text.value === "") text.value = query;
    }
    button.disabled = asking = false;
    read();
  }

  // What the emulator said of an answer that was asked for here.
  function withReply(item) {
    const at = item.from !== "bot" ? -1
      : replies.findIndex((reply) => reply.answer === item.msg);
    return at < 0 ? item : { ...replies.splice(at, 1)[0], ...item };
  }

  const read = latest(() => get("messages", { openid: user }), (answer) => {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    const texts = answer.messages.map((item) => JSON.stringify(item));
    const from = known(shown, texts);
    if (from === 0) log.replaceChildren();
    for (const item of answer.messages.slice(from)) {
      log.append(bubble(withReply(item), ask));
    }
    shown = texts;
    if (shown.length === 0) {
      log.append(h("p", { class: "muted" }, t("chat.empty")));
    }
    if (atEnd) log.scrollTop = log.scrollHeight;
  });

  const readUsers = latest(() => get("conversations"), (answer) => {
    const names = answer.conversations.map((item) => item.openid);
    if (!names.includes(user)) names.unshift(user);
    list.replaceChildren(...names.map((name) => h("li", {},
      h("a", { href: `#/chat/${encodeURIComponent(name)}`,
        "aria-current": name === user ? "true" : null }, name))));
  });

  function go(name) {
    user = name || lastUser;
    lastUser = user;
    shown = [];
    replies = [];
    log.replaceChildren();
    title.replaceChildren(t("chat.as"), " ", h("span", { class: "id" }, user));
    read();
    readUsers();
  }

  function submit(event) {
    event?.preventDefault();
    const query = text.value;
    if (query.trim() === "" || button.disabled) return;
    text.value = "";
    ask(query);
  }

  // Enter also ends the choice of a character, which sends nothing.
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      submit(event);
    }
  });

  const choice = ["online", "debug"].map((name) => h("label", {},
    h("input", { type: "radio", name: "env", value: name,
      checked: env === name, onchange: () => { env = name; } }),
    t(`chat.${name}`)));

  root.append(
    h("aside", {}, h("form", { class: "row", onsubmit: (event) => {
      event.preventDefault();
      const name = entry.value.trim();
      entry.value = "";
      if (name) location.hash = `#/chat/${encodeURIComponent(name)}`;
      text.focus();
    } }, h("label", { htmlFor: "user", class: "above" }, t("chat.user")), entry,
    h("button", { type: "submit" }, t("chat.open"))),
    h("nav", { "aria-label": t("chat.users") }, list)),
    h("section", { class: "talk" }, title, log, problem,
      h("form", { class: "composer", onsubmit: submit },
        h("label", { htmlFor: "query", class: "above" }, t("chat.say")),
        text, button,
        h("fieldset", { class: "env" }, h("legend", {}, t("chat.env")),
          choice))));
  go(user);

  return {
    go,
    refresh() {
      if (!asking) read(); // else it is read with the reply
      readUsers();
    },
    on(kind) {
      if (kind === "message" || kind === "state") this.refresh();
    },
  };
}
