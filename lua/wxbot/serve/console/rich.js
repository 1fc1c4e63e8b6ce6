// An answer as a person would see it. Nothing is fetched: of pictures and sound
// the address is shown.

import { t, word } from "./i18n.js";
import { address, h } from "./text.js";

function linkOf(link, ask) {
  if (link.kind === "question") {
    return h("button", { type: "button", class: "link question",
      onclick: () => ask(link.query ?? link.text) }, link.text);
  } else if (link.kind === "miniprogram") {
    return h("span", { class: "mini-link" }, link.text, " ",
      h("small", {}, [link.appid, link.path].filter(Boolean).join(" ")));
  }
  return address(link.url ?? "", link.text);
}

// The words of a link stand in the text, with its address behind them unless
// they are the same.
function* pieces(text, links, ask) {
  let from = 0;
  for (const link of links) {
    const words = link.text ?? "";
    const both = link.url && words !== link.url
      ? (words ? `${words} (${link.url})` : link.url) : words;
    const at = both ? text.indexOf(both, from) : -1;
    if (at < 0) continue;
    yield text.slice(from, at);
    yield linkOf({ ...link, text: words || link.url }, ask);
    from = at + both.length;
  }
  yield text.slice(from);
}

function picture(url) {
  return h("small", {}, t("rich.picture"), " ", address(url));
}

function media(part) {
  return h("div", { class: "card media" },
    h("b", {}, word("rich", part.kind)),
    part.title && h("span", {}, part.title),
    part.url && address(part.url),
    part.cover_url && picture(part.cover_url),
    part.media_id && h("small", {}, "media_id ", part.media_id));
}

function article(item) {
  const title = item.title || item.url || "";
  return h("article", { class: "card" },
    h("b", {}, item.url ? address(item.url, title) : title),
    item.description && h("span", {}, item.description),
    item.picurl && picture(item.picurl));
}

function song(item) {
  return h("article", { class: "card media" }, h("b", {}, item.title ?? ""),
    h("span", {}, [item.author, item.album_name].filter(Boolean).join(" · ")),
    item.url && address(item.url));
}

function miniProgram(part) {
  const thumb = part.thumb_url ?? part.thumb_media_id;
  return h("div", { class: "card" }, h("small", {}, word("rich", part.kind)),
    h("b", {}, part.title ?? ""),
    h("small", {}, [part.appid, part.pagepath].filter(Boolean).join(" ")),
    thumb && picture(thumb));
}

function mpnews(part) {
  return h("article", { class: "card" }, h("b", {}, part.title ?? ""),
    part.digest && h("span", {}, part.digest),
    part.imgurl && picture(part.imgurl));
}

function unknown(part) {
  const raw = typeof part.raw === "string" ? part.raw
    : JSON.stringify(part.raw ?? part, null, 2);
  return h("div", { class: "card" }, h("b", {}, part.kind),
    h("pre", { tabIndex: 0 }, raw));
}

const SHOW = {
  text: (part, ask) => h("p", {},
    [...pieces(part.text ?? "", part.links ?? [], ask)]),
  news: (part) => (part.articles ?? []).map(article),
  music: (part) => (part.play_list ?? []).map(song),
  fm: (part) => (part.play_list ?? []).map(song),
  image: media, voice: media, video: media,
  miniprogrampage: miniProgram, mpnews,
};

/** The elements of an answer's parts; ask(question) when one is clicked. */
export function rich(parts, ask) {
  return parts.map((part) =>
    (Object.hasOwn(SHOW, part.kind) ? SHOW[part.kind] : unknown)(part, ask));
}
