// The view "requests": what came, what was answered and, where it was refused,
// why and what helps.

import { get, remove } from "./api.js";
import { dateAndTime, explained, t, time, warning } from "./i18n.js";
import { failure, latest } from "./parts.js";
import { breakable, h, visible } from "./text.js";

// As the emulator keeps them: so many, and of texts so many bytes.
const KEPT = 1000;
const LONGEST = 16 * 1024;
let failedOnly = false;

function isFailed(record) {
  return record.status >= 400 || Boolean(record.cause_id)
    || Boolean(record.code);
}

function outcome(record) {
  const words = record.code ? `${record.status} · ${record.code}`
    : `${record.status}`;
  return h("span", { class: `badge ${isFailed(record) ? "failed" : "good"}` },
    words);
}

function warned(record) {
  return (record.warnings ?? []).length > 0
    && h("span", { class: "badge warned" }, t("requests.warned"));
}

function row(record) {
  const { cause } = explained(record);
  return h("tr", { "data-id": record.id },
    h("td", {}, h("a", { href: `#/requests/${record.id}` },
      time(record.time))),
    h("td", { class: record.endpoint ? "endpoint" : "endpoint path" },
      h("b", {}, breakable(record.endpoint
        ?? `${record.method} ${record.url ?? ""}`))),
    h("td", {}, outcome(record), " ", warned(record)),
    h("td", { class: "number" }, t("ms", { ms: record.ms })),
    h("td", { class: "client" }, record.client),
    h("td", { class: "cause" }, cause ? visible(cause) : ""));
}

function block(name, text, note) {
  if (text === undefined || text === null || text === "") return null;
  return h("section", { class: "bytes" }, h("h4", {}, name, " ",
    note && h("small", { class: "muted" }, note)),
  h("pre", { tabIndex: 0, "aria-label": name }, visible(String(text))));
}

function headers(record) {
  const list = Object.entries(record.request_headers ?? {});
  return list.map(([name, value]) => `${name}: ${value}`).join("\n");
}

function explanation(record) {
  const { cause, cure } = explained(record);
  return [
    cause && h("div", { class: "note failed" },
      h("p", {}, h("b", {}, t("requests.cause")), " ",
        h("span", { class: "the-cause" }, visible(cause))),
      cure && h("p", {}, h("b", {}, t("requests.cure")), " ",
        h("span", { class: "the-cure" }, visible(cure)))),
    (record.warnings ?? []).map((one) => h("div", { class: "note warned" },
      h("p", {}, h("b", {}, t("requests.warning")), " ",
        visible(warning(one) ?? "")))),
  ];
}

function cutNote(bytes) {
  return bytes > LONGEST ? t("requests.cut", { bytes }) : null;
}

function detail(record) {
  return [
    h("dl", {},
      [["time", dateAndTime(record.time)], ["client", record.client],
        ["endpoint", record.endpoint], ["status", outcome(record)],
        ["took", t("ms", { ms: record.ms })]].map(([name, value]) => value
        && h("div", {}, h("dt", {}, t(`requests.${name}`)),
          h("dd", {}, value)))),
    explanation(record),
    block(t("requests.request"), [`${record.method} ${record.url}`,
      headers(record)].filter(Boolean).join("\n")),
    h("div", { class: "beside" },
      block(t("requests.body"), record.body, cutNote(record.body_bytes)),
      block(t("requests.decrypted"), record.decrypted)),
    h("div", { class: "beside" },
      block(t("requests.answer"), record.answer,
        cutNote(record.answer_bytes)),
      block(t("requests.answer_decrypted"), record.answer_decrypted)),
  ];
}

export function requests(root, argument) {
  let newest = 0;
  let secrets = false;
  let open = "";
  const body = h("tbody", {});
  const empty = h("p", { class: "muted" }, t("requests.none"));
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const count = h("p", { class: "muted", role: "status" });
  const panel = h("aside", { class: "detail", "aria-label":
    t("requests.detail") });

  function mark() {
    for (const line of body.children) {
      line.classList.toggle("chosen", line.dataset.id === open);
    }
    root.classList.toggle("has-detail", open !== "");
    empty.hidden = body.childElementCount > 0;
    count.textContent = t("requests.count", { n: body.childElementCount });
  }

  // The newest are first in the table; the answer may have either order.
  const read = latest(() => get("requests", { after: newest,
    failed: failedOnly, limit: KEPT }), (answer) => {
    const rows = answer.requests.filter((record) => record.id > newest)
      .sort((a, b) => b.id - a.id);
    body.prepend(...rows.map(row));
    newest = Math.max(newest, answer.newest ?? 0, rows[0]?.id ?? 0);
    while (body.childElementCount > KEPT) body.lastElementChild.remove();
    mark();
  });

  function readAll() {
    newest = 0;
    body.replaceChildren();
    read();
  }

  async function showDetail() {
    if (open === "") {
      panel.replaceChildren();
      return;
    }
    const asked = open;
    let record;
    try {
      record = await get(`requests/${encodeURIComponent(open)}`, { secrets });
    } catch (error) {
      const line = h("p", { class: "problem", role: "alert" });
      failure(line, error);
      panel.replaceChildren(back(), line);
      return;
    }
    if (asked !== open) return;
    const title = h("h3", { tabIndex: -1 }, t("requests.number",
      { id: record.id }));
    panel.replaceChildren(h("div", { class: "row" }, back(), title,
      h("button", { type: "button", "aria-pressed": String(secrets),
        onclick: () => {
          secrets = !secrets;
          showDetail();
        } }, t(secrets ? "requests.hide" : "requests.show"))),
    ...detail(record).flat(9).filter(Boolean));
    title.focus({ preventScroll: true });
  }

  const back = () => h("a", { class: "back", href: "#/requests" },
    t("requests.back"));

  function go(id) {
    if (id !== open) secrets = false;
    open = id;
    mark();
    showDetail();
  }

  async function clear() {
    try {
      await remove("requests");
      problem.hidden = true;
      location.hash = "#/requests";
      readAll();
    } catch (error) {
      failure(problem, error);
    }
  }

  root.append(h("section", { class: "list" },
    h("div", { class: "row" }, h("h2", {}, t("view.requests")),
      h("label", {}, h("input", { type: "checkbox", checked: failedOnly,
        onchange: (event) => {
          failedOnly = event.target.checked;
          readAll();
        } }), t("requests.failed")), count,
      h("button", { type: "button", onclick: clear }, t("requests.clear"))),
    problem, empty,
    h("table", { class: "requests" }, h("thead", {}, h("tr", {},
      ["time", "endpoint", "status", "took", "client", "cause"].map((name) =>
        h("th", { scope: "col", class: name }, t(`requests.${name}`))))),
    body)), panel);
  go(argument);
  read();

  return {
    go,
    refresh: readAll,
    on(kind) {
      if (kind === "request") read();
      if (kind === "state") read();
    },
  };
}
