// Which language the page speaks: what was chosen, else the browser's.

import en from "./en.js";
import zh from "./zh.js";
import zhCauses from "./zh_causes.js";

const LANGUAGES = { en, zh };
const KEY = "wxbot-language";

function chosen() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function preferred() {
  const of = (navigator.languages ?? [navigator.language]).map((name) =>
    String(name).slice(0, 2).toLowerCase());
  return of.find((name) => name in LANGUAGES) ?? "en";
}

let language = LANGUAGES[chosen()] ? chosen() : preferred();

export const current = () => language;
export const other = () => language === "zh" ? "en" : "zh";
/** For what the browser formats: numbers, times. */
export const locale = () => language === "zh" ? "zh-CN" : "en-GB";

/** Speaks another language from now on. */
export function choose(name) {
  language = name;
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // It lasts as long as the page.
  }
}

function fill(text, values) {
  return text.replace(/\{([a-z0-9_]+)\}/g, (all, name) =>
    values && name in values ? String(values[name]) : all);
}

/** A text of the page; {name} stands for a value. */
export function t(key, values) {
  const text = LANGUAGES[language][key] ?? en[key];
  return text === undefined ? key : fill(text, values);
}

/** What the page calls a word of the emulator, or the word itself. */
export function word(group, name) {
  const key = `${group}.${name}`;
  return key in en ? t(key) : String(name);
}

const places = ({ values }) => ({ ...["", ...(values ?? [])] });

/**
 * Cause and cure of a refusal { cause_id, cause, cure, values }: the emulator
 * says them in English. {1} is the first of the values.
 */
export function explained(record) {
  const texts = language === "zh" && zhCauses.causes[record.cause_id];
  if (!texts) return { cause: record.cause, cure: record.cure };
  const values = places(record);
  return { cause: fill(texts[0], values), cure: fill(texts[1], values) };
}

/** What a warning { id, text, values } says. */
export function warning({ id, text, values }) {
  const chinese = language === "zh" && zhCauses.warnings[id];
  return chinese ? fill(chinese, places({ values })) : text;
}

export function time(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString(locale());
}

export function dateAndTime(seconds) {
  return new Date(seconds * 1000).toLocaleString(locale());
}
