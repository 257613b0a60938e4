import { el, icon, iconButton, isWeb, link, markText, safe } from "./dom.js";
import { dateOf, headingOf } from "./text.js";

const wide = matchMedia("(min-width: 64rem)");

// factsOf returns the nodes of what is known about the page of a citation.
export function factsOf(c, app) {
  const facts = [];
  if (c.version) facts.push(app.text("version", { version: c.version }));
  const dated = dateOf(c.modified, app.language);
  const fetched = dateOf(c.crawled_at, app.language);
  if (dated) facts.push(app.text("dated", { date: dated }));
  if (fetched) facts.push(app.text("fetched", { date: fetched }));
  return facts.join(" · ");
}

// verdict tells whether the quote stands on its page.
export function verdict(c, app) {
  return el("span", { class: c.verified ? "good" : "bad" }, c.verified ? "✓ " + app.text("verified") : app.text("notVerified"));
}

// A Passage is the panel that shows a citation in the text around it: beside the answers
// where there is room, else above them.
export class Passage extends HTMLElement {
  connectedCallback() {
    if (this.dialog) return;
    this.dialog = el("dialog", { class: "panel", part: "passage", "aria-label": this.app.text("passage"), onclose: () => this.closed() });
    this.dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.preventDefault();
      event.stopPropagation();
      this.dialog.close();
    });
    this.append(this.dialog);
  }

  // show shows one of the citations of an answer. from gets the focus back.
  show(citations, c, from) {
    this.from = from;
    const { text } = this.app;
    const i = citations.indexOf(c);
    const step = (name, label, to) => (to ? iconButton(name, label, () => this.show(citations, to, from)) : null);
    const [title, ...section] = headingOf(c);
    const passage = el("div", { class: "rendered", dir: "auto", lang: c.lang || "" }, ...(c.passage ? safe(c.passage, "passage-", text) : [el("p", {}, c.sentence || c.quote || "")]));
    const mark = c.quote && c.verified ? (markText(passage, c.quote) ?? markText(passage, c.sentence || "")) : null;
    const parts = [
      el("div", { class: "bar" }, el("span", { class: "number" }, String(c.n)), verdict(c, this.app), el("span", { class: "space" }),
        step("back", text("previousSource"), citations[i - 1]), step("next", text("nextSource"), citations[i + 1]),
        iconButton("close", text("close"), () => this.dialog.close())),
      el("h2", { tabIndex: -1, dir: "auto" }, el("bdi", {}, title)),
      section.length ? el("p", { class: "faint", dir: "auto" }, section.join(" › ")) : null,
      el("p", { class: "faint" }, factsOf(c, this.app)),
      !c.verified && c.quote ? el("p", { class: "claimed" }, text("claimed"), " ", el("q", { dir: "auto" }, c.quote)) : null,
      el("div", { class: "scroll", tabIndex: 0, role: "group", "aria-label": text("passage") }, passage),
      el("p", { class: "open" }, isWeb(c.link || c.url) ? link(c.link || c.url, text(c.verified ? "openAtSentence" : "openPage"), icon("ask")) : null, el("span", { class: "faint address" }, c.url || "")),
    ];
    this.dialog.replaceChildren(...parts.filter(Boolean));
    if (!this.dialog.open) {
      if (wide.matches && !this.app.closest("dialog")) this.dialog.show();
      else this.dialog.showModal();
    }
    this.app.classList.add("with-panel");
    this.dialog.querySelector("h2").focus({ preventScroll: true });
    const scroll = this.dialog.querySelector(".scroll");
    if (mark) scroll.scrollTop = mark.getBoundingClientRect().top - scroll.getBoundingClientRect().top - scroll.clientHeight / 3;
  }

  closed() {
    this.app.classList.remove("with-panel");
    if (this.from?.isConnected) this.from.focus({ preventScroll: true });
  }

  // leave closes the panel and leaves the focus where it is.
  leave() {
    this.from = null;
    this.dialog.close();
  }
}

customElements.get("citewell-passage") ?? customElements.define("citewell-passage", Passage);
