// The only place where this page makes elements. What it is given is text: there
// is no way to give it markup, a style or a handler in an attribute.

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "open",
  "selected", "tabIndex", "required", "className", "htmlFor"]);

/** Tells whether an address may be a link: to a page of the web. */
export function isWeb(url) {
  return typeof url === "string" && /^https?:\/\/[^\s]+$/i.test(url);
}

function set(element, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name.startsWith("on")) {
    element.addEventListener(name.slice(2), value);
  } else if (name === "class") {
    element.className = value;
  } else if (PROPERTIES.has(name)) {
    element[name] = value;
  } else if (name === "href" && !isWeb(value) && !value.startsWith("#")) {
    throw new Error("not an address of the web");
  } else {
    element.setAttribute(name, value === true ? "" : value);
  }
}

/** Makes an element: its attributes, then texts, elements, lists of them. */
export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    set(element, key, value);
  }
  element.append(...children.flat(9).filter((child) =>
    child !== undefined && child !== null && child !== false)
    .map((child) => child instanceof Node ? child : String(child)));
  return element;
}

// Characters that nobody sees, and that show others in another order.
const HIDDEN = new RegExp("[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f"
  + "\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]", "g");

/** A text with every hidden character named, as bytes are looked at. */
export function visible(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(HIDDEN)) {
    const number = match[0].charCodeAt(0).toString(16).toUpperCase();
    parts.push(text.slice(from, match.index),
      h("span", { class: "hidden-character" }, "U+" + number.padStart(4, "0")));
    from = match.index + 1;
  }
  parts.push(text.slice(from));
  return parts;
}

// Many elements take a browser long; nobody reads so long a path.
const LONGEST_PATH = 300;

/** A name or a path, which may break behind _ and /, and elsewhere if it must. */
export function breakable(path) {
  if (path.length > LONGEST_PATH) return path;
  return (path.match(/[^_/]+[_/]*|[_/]+/g) ?? []).flatMap((part) =>
    [part, h("wbr")]);
}

/** An address: a link if it leads to a page of the web, else a text. */
export function address(url, words) {
  if (!isWeb(url)) {
    return h("span", { class: "address" }, words ? `${words} (${url})` : url);
  }
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" },
    words || url);
}
