// The element <citewell-ask>, for pages of other sites. Until it is opened, it loads
// nothing but this script.
import { el, icon, iconButton } from "./dom.js";
import { API, Failure } from "./api.js";
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
      const message = err instanceof Failure && err.reason ? err.reason : this.words.unreachable;
      this.content.replaceChildren(el("p", { role: "alert" }, message), el("button", { type: "button", class: "second", onclick: () => this.load() }, this.words.tryAgain));
    }
    this.loading = false;
  }
}

if (!customElements.get("citewell-ask")) customElements.define("citewell-ask", Ask);

// A script with data-mode makes the element by itself, from its other data attributes.
if (script?.dataset.mode) {
  const add = () => {
    const ask = document.createElement("citewell-ask");
    for (const { name, value } of script.attributes) if (name.startsWith("data-")) ask.setAttribute(name.slice(5), value);
    document.body.append(ask);
  };
  if (document.body) add();
  else document.addEventListener("DOMContentLoaded", add);
}
