import { el, icon, link, markWords } from "./dom.js";
import { headingOf, plain } from "./text.js";

const pauseMS = 180; // after a key, before searching
const minLetters = 3;
const maxPages = 6;
const maxParts = 3; // of a page
const snippetRunes = 160;

// A Search shows what the pages hold while a question is typed. No service is told of
// that.
export class Search extends HTMLElement {
  connectedCallback() {
    this.hidden = true;
    this.addEventListener("keydown", (event) => this.move(event));
  }

  // typed searches for what was typed, a moment later.
  typed(query, filter) {
    clearTimeout(this.timer);
    this.running?.abort();
    query = query.trim();
    if (query.length < minLetters) return this.hide();
    this.timer = setTimeout(() => this.search(query.slice(0, 500), filter), pauseMS);
  }

  hide() {
    clearTimeout(this.timer);
    this.running?.abort();
    this.hidden = true;
    this.replaceChildren();
  }

  async search(query, filter) {
    this.running = new AbortController();
    const { signal } = this.running;
    try {
      const found = await this.app.api.search(query, filter, signal);
      if (!signal.aborted) this.show(query, found);
    } catch {
      // the answer will tell what is wrong, if the reader asks
      if (!signal.aborted) this.hide();
    }
  }

  show(query, found) {
    const { text } = this.app;
    const pages = new Map();
    for (const hit of found.hits || []) {
      const parts = pages.get(hit.url) || [];
      if (parts.length < maxParts && (parts.length > 0 || pages.size < maxPages)) pages.set(hit.url, [...parts, hit]);
    }
    const asking = el("button", { type: "button", class: "ask-this", onclick: () => this.app.submit() }, icon("chat"), el("span", {}, text("askAboutThis")), el("kbd", {}, "Enter"));
    const groups = [...pages.values()].map((hits) =>
      el("li", {}, el("span", { class: "page", dir: "auto" }, el("bdi", {}, ...markWords(hits[0].title || hits[0].url, query)), hits[0].version ? el("span", { class: "faint" }, " " + hits[0].version) : null),
        el("ul", {}, ...hits.map((hit) => el("li", {}, this.part(hit, query))))));
    this.replaceChildren(asking, groups.length ? el("ul", { class: "pages", "aria-label": text("results") }, ...groups) : el("p", { class: "faint" }, text("noResults")));
    this.hidden = false;
    this.app.say(text("found", { n: pages.size }));
  }

  // part links to a section of a page.
  part(hit, query) {
    const [, ...section] = headingOf(hit);
    const address = hit.anchor ? hit.url + "#" + hit.anchor : hit.url;
    return link(address, el("span", { class: "section", dir: "auto" }, ...markWords(section.join(" › ") || hit.title || hit.url, query)), el("span", { class: "snippet", dir: "auto" }, ...markWords(snippet(hit.text, query), query)));
  }

  // move moves the focus through the results by the arrow keys.
  move(event) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [...this.querySelectorAll("a, button")];
    const to = stops.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    if (to < 0) this.app.box.focus();
    else stops[Math.min(to, stops.length - 1)]?.focus();
  }
}

// snippet returns the part of a text that holds most words of a search.
function snippet(markdown, query) {
  const text = plain(markdown);
  if (text.length <= snippetRunes) return text;
  const words = query.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) || [];
  let best = 0;
  let most = -1;
  for (let at = 0; at < text.length; at += 40) {
    const part = text.slice(at, at + snippetRunes).toLowerCase();
    const n = words.filter((w) => part.includes(w)).length;
    if (n > most) [best, most] = [at, n];
  }
  const begin = best === 0 ? 0 : text.indexOf(" ", best) + 1;
  return (begin > 0 ? "… " : "") + text.slice(begin, begin + snippetRunes).replace(/\s\S*$/, "") + " …";
}

customElements.get("citewell-search") ?? customElements.define("citewell-search", Search);
