// The element <citewell-ask>, for pages of other sites. Until it is opened, it loads
// nothing but this script.
import { el, icon, iconButton } from "./dom.js";
import { API } from "./api.js";
import { Failure } from "./failure.js";
import { sentence } from "./text.js";
import "./app.js";
import { ownTexts, style } from "./made.js";

const script = document.currentScript;
let sheet;

// An Ask is a button that opens the page to ask in a dialog, or with mode="inline" the
// page itself. Its attributes are those that docs/page.md lists.
class Ask extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(style);
    }
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    this.heading = this.getAttribute("title") || "";
    this.removeAttribute("title"); // it would be a hint on everything inside
    this.lang = [this.languageTag(), this.languageTag().split("-")[0], "en"].find((tag) => ownTexts[tag]);
    this.words = ownTexts[this.lang];
    const mode = this.getAttribute("mode") || "button";
    this.content = el("div", { class: "content" });
    // What is typed here is no shortcut of the page, which sees only this element as its target.
    for (const name of ["keydown", "keypress", "keyup"]) {
      this.content.addEventListener(name, (event) => event.target.closest("textarea, input, select") && (event.altKey || !(event.ctrlKey || event.metaKey)) && event.stopPropagation());
    }
    if (mode === "inline") {
      this.shadowRoot.append(this.content);
      this.load();
      return;
    }
    this.dialog = el("dialog", { class: "ask-dialog", part: "dialog", "aria-label": this.heading || this.words.askTheDocs },
      el("div", { class: "bar" }, el("strong", { part: "title" }, this.heading || this.words.askTheDocs), el("span", { class: "space" }), iconButton("close", this.words.close, () => this.close())), this.content);
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.close());
    if (mode === "button") {
      this.shadowRoot.append(el("button", { type: "button", class: "opener", part: "button", "aria-haspopup": "dialog", onclick: () => this.open() }, icon("chat"), el("span", {}, this.heading || this.words.askTheDocs)));
    }
    this.shadowRoot.append(this.dialog);
    const key = this.getAttribute("hotkey") ?? "k";
    this.hotkey = (event) => {
      if (!key || event.key.toLowerCase() !== key || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.defaultPrevented) return;
      event.preventDefault();
      if (this.dialog.open) this.close();
      else this.open();
    };
    document.addEventListener("keydown", this.hotkey);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.hotkey);
  }

  languageTag() {
    return this.getAttribute("language") || document.documentElement.lang || navigator.language || "en";
  }

  // open opens the dialog; with a question, it asks it.
  async open(question) {
    if (this.dialog && !this.dialog.open) this.dialog.showModal();
    await this.load();
    if (question) return this.app?.ask(question);
    this.app?.turns.lastElementChild?.scrollIntoView();
    this.app?.box.focus({ preventScroll: true });
  }

  close() {
    this.dialog?.close();
  }

  // load asks the server what to show, once.
  async load() {
    if (this.app || this.loading) return;
    this.loading = true;
    this.content.replaceChildren(el("p", { class: "faint" }, this.words.loading));
    const base = new URL(this.getAttribute("server") || (script ? new URL(".", script.src) : "."), document.baseURI).href.replace(/\/?$/, "/");
    const api = new API(base, this.getAttribute("key") || "");
    try {
      const settings = await api.page(this.languageTag());
      const starters = this.getAttribute("starters");
      if (starters) settings.starters = starters.split("|").map((s) => s.trim()).filter(Boolean);
      const scope = Object.fromEntries(["source", "version", "lang"].map((name) => [name, this.getAttribute(name === "lang" ? "pages-language" : name) || ""]));
      this.app = Object.assign(document.createElement("citewell-app"), { api, settings, scope, pageAddress: base, pageOnly: this.hasAttribute("page-only") || null });
      this.content.replaceChildren(this.app);
    } catch (err) {
      const told = err instanceof Failure && err.reason;
      this.content.replaceChildren(el("p", { role: "alert", lang: told ? "en" : null }, told ? sentence(told) : this.words.unreachable), el("button", { type: "button", class: "second", onclick: () => this.load() }, this.words.tryAgain));
    }
    this.loading = false;
  }
}

if (!customElements.get("citewell-ask")) customElements.define("citewell-ask", Ask);

// A script with a mode makes the element by itself. Its attributes are the data attributes
// of the script and the query of its address, for generators that write no attributes.
const attributesOf = "mode server source version pages-language page-only language theme title starters hotkey key".split(" ");
const given = new Map(script ? new URL(script.src, document.baseURI).searchParams : []);
for (const { name, value } of script?.attributes || []) if (name.startsWith("data-")) given.set(name.slice(5), value);
if (given.get("mode")) {
  const add = () => {
    const ask = document.createElement("citewell-ask");
    for (const name of attributesOf) if (given.has(name)) ask.setAttribute(name, given.get(name));
    ask.toggleAttribute("floating", given.get("mode") === "button"); // nothing else places it
    document.body.append(ask);
  };
  if (document.body) add();
  else document.addEventListener("DOMContentLoaded", add);
}
