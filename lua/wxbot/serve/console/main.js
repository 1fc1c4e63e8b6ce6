// The frame: navigation, language, whether the emulator is there, and the view
// that the address names.

import { get, listen } from "./api.js";
import { chat } from "./chat.js";
import { choose, current, locale, other, t } from "./i18n.js";
import { requests } from "./requests.js";
import { state } from "./state.js";
import { h } from "./text.js";

const VIEWS = { chat, requests, state };
const app = { about: {}, isOpen: true };
let view = null;
let parts = null;
let shown = "";

function route() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  let argument = rest.join("/");
  try {
    argument = decodeURIComponent(argument);
  } catch {
    // As it stands.
  }
  return { name: VIEWS[name] ? name : "chat", argument };
}

function switchLanguage() {
  choose(other());
  draw();
  parts.language.focus();
}

function frame() {
  const links = Object.fromEntries(Object.keys(VIEWS).map((name) =>
    [name, h("a", { href: `#/${name}` }, t(`view.${name}`))]));
  const skip = h("a", { class: "skip", href: "#main", onclick: (event) => {
    event.preventDefault();
    parts.main.focus();
  } }, t("skip"));
  const language = h("button", { type: "button", class: "quiet",
    lang: other() === "zh" ? "zh-CN" : "en", onclick: switchLanguage },
  t("other_language"));
  const account = h("p", { class: "account" });
  const clock = h("time", { class: "clock", title: t("clock.about"),
    "data-clock": "" });
  const status = h("p", { class: "lost", role: "status" });
  const main = h("main", { id: "main", tabIndex: -1 });
  const header = h("header", {}, h("h1", {}, "wxbot"), account,
    h("nav", { "aria-label": t("views") }, Object.values(links)),
    clock, language);
  document.body.replaceChildren(skip, header, status, main);
  return { links, language, account, status, main };
}

function drawAbout() {
  const { appid, own } = app.about;
  parts.account.replaceChildren(...(appid
    ? [h("span", { class: "id" }, appid), " ",
      h("span", { class: "muted" }, t(own ? "about.own" : "about.examples"))]
    : []));
  tick();
}

function tick() {
  if (app.about.time === undefined || !parts) return;
  const now = app.about.time + (performance.now() - app.read) / 1000;
  const text = new Date(now * 1000).toLocaleString(locale());
  for (const place of document.querySelectorAll("[data-clock]")) {
    place.textContent = text;
  }
}

function drawStatus() {
  parts.status.textContent = app.isOpen ? "" : t("gone");
  parts.status.hidden = app.isOpen;
}

function mount() {
  const { name, argument } = route();
  for (const [key, link] of Object.entries(parts.links)) {
    if (key === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${t(`view.${name}`)} · wxbot`;
  if (view && shown === name && view.go) {
    view.go(argument);
    return;
  }
  view?.close?.();
  shown = name;
  parts.main.className = name;
  parts.main.replaceChildren();
  view = VIEWS[name](parts.main, argument, app);
}

function draw() {
  document.documentElement.lang = current() === "zh" ? "zh-CN" : "en";
  parts = frame();
  view?.close?.();
  view = null;
  drawAbout();
  drawStatus();
  mount();
}

async function readAbout() {
  try {
    app.about = await get("about");
    app.read = performance.now();
  } catch {
    return; // the status says so
  }
  drawAbout();
  view?.about?.();
}

// What happened before is not told, so all is read.
function onOpen(isOpen) {
  app.isOpen = isOpen;
  drawStatus();
  if (isOpen) {
    readAbout();
    view?.refresh?.();
  }
}

function onEvent(kind) {
  if (kind === "state") readAbout();
  view?.on?.(kind);
}

draw();
listen(onEvent, onOpen);
addEventListener("hashchange", mount);
setInterval(tick, 1000);
