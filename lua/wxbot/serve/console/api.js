// What the emulator is asked over HTTP, and what it says by itself.

const PLACE = "/_wxbot/";

/** Why a request was refused, or did not arrive (status 0). */
export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function send(method, path, body) {
  let response;
  try {
    response = await fetch(PLACE + "api/" + path, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
    });
  } catch {
    throw new Refused("", 0);
  }
  const text = await response.text();
  let value;
  try {
    value = text === "" ? {} : JSON.parse(text);
  } catch {
    throw new Refused(text.slice(0, 200), response.status);
  }
  if (!response.ok) {
    throw new Refused(value.error ?? text.slice(0, 200), response.status);
  }
  return value;
}

/** Reads: a path, and parameters that are left out where they are empty. */
export function get(path, parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters ?? {})) {
    if (value !== undefined && value !== "" && value !== false) {
      query.set(name, value === true ? "1" : value);
    }
  }
  const text = query.toString();
  return send("GET", text ? `${path}?${text}` : path);
}

export const post = (path, body) => send("POST", path, body ?? {});
export const remove = (path) => send("DELETE", path);

const KINDS = ["request", "message", "state", "push"];

function connect(onEvent, onOpen) {
  const source = new EventSource(PLACE + "events");
  source.addEventListener("open", () => onOpen(true));
  source.addEventListener("error", () => onOpen(false));
  for (const kind of KINDS) {
    source.addEventListener(kind, () => onEvent(kind));
  }
  return source;
}

/**
 * Listens: onEvent(kind), whose details views ask for, and onOpen(isOpen). The
 * browser connects again by itself. It has six connections for all pages of one
 * server, so a page that nobody sees takes none of them.
 */
export function listen(onEvent, onOpen) {
  let source = null;
  function follow() {
    if (!document.hidden) {
      source ??= connect(onEvent, onOpen);
    } else {
      source?.close();
      source = null;
    }
  }
  document.addEventListener("visibilitychange", follow);
  follow();
}
