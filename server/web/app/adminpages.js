import { el, link } from "./dom.js";
import { headingOf } from "./text.js";

// Decisions on pages, as the server names them.
const decisions = ["indexed", "noindex", "duplicate", "no text", "needs script", "wrong type", "failed"];

// pagesView lists pages with what was decided of each.
export function pagesView(app, view, signal) {
  const { text, api } = app;
  const part = el("input", { type: "search", name: "text", maxLength: 200 });
  const decision = el("select", { name: "decision" }, el("option", { value: "" }, text("all")), ...decisions.map((d) => el("option", { value: d }, d)));
  const list = el("div");
  const show = () => app.try(list, async () => {
    const found = await api.json("admin/pages?" + new URLSearchParams({ text: part.value.trim(), decision: decision.value }), null, signal);
    const heads = ["page", "decision", "why_", "statusOfHTTP", "chunks", "lastFetched"].map((h) => text(h));
    const rows = found.pages.map((p) => [el("span", {}, p.title, p.title ? el("br") : null, link(p.url, p.url)), p.decision, p.reason || "", p.status || "", p.chunks, app.moment(p.crawled_at)]);
    list.replaceChildren(el("p", { class: "faint", role: "status" }, text("pagesFound", { n: found.total, shown: rows.length })), rows.length ? app.table(text("view_pages"), heads, rows) : "");
  });
  const form = el("form", { onsubmit: (event) => {
    event.preventDefault();
    show();
  } }, el("label", { class: "wide" }, text("partOfPage"), part), el("label", {}, text("decision"), decision), el("button", { class: "primary" }, text("showPages")));
  decision.addEventListener("change", show);
  view.append(el("h2", {}, text("view_pages")), form, list);
  return show();
}

// testView shows what a search considers for a question, and why it keeps or drops it.
export function testView(app, view, signal) {
  const { text, api } = app;
  const query = el("input", { name: "query", required: true, maxLength: 2000 });
  const found = el("div");
  const number = (n) => n.toLocaleString(app.lang, { maximumFractionDigits: 3 });
  view.append(el("h2", {}, text("view_test")), el("p", { class: "faint" }, text("testHelp")), el("form", { onsubmit: (event) => {
    event.preventDefault();
    app.try(found, async () => {
      const r = await api.json("admin/search", { query: query.value, debug: true }, signal);
      const heads = ["rank", "passage_", "meaning", "words", "both", "verdict"].map((h) => text(h));
      const rows = r.candidates.map((c) => [c.rank, el("span", {}, headingOf(c).join(" › "), el("br"), link(c.url, c.url)), number(c.dense), number(c.sparse), number(c.fused), `${text(c.kept ? "kept" : "dropped")}: ${c.why}`]);
      found.replaceChildren(el("p", { role: "status" }, text("evidence", { n: number(r.evidence), mode: r.mode })), r.signals.absent.length ? el("p", {}, text("absentWords", { words: r.signals.absent.join(", ") })) : "",
        rows.length ? app.table(text("candidates"), heads, rows) : el("p", {}, text("noResults")));
    });
  } }, el("label", { class: "wide" }, text("question"), query), el("button", { class: "primary" }, text("search"))), found);
}
