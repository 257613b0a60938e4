// The page for operators, at "/admin/".
import { API } from "./api.js";
import { Failure } from "./failure.js";
import { keysView, logView } from "./adminkeys.js";
import { pagesView, testView } from "./adminpages.js";
import { gapsView, staleView, usageView, votesView } from "./adminreports.js";
import { sourcesView } from "./adminsources.js";
import { el } from "./dom.js";
import { sentence, texts } from "./text.js";

// views are what the page shows, by the fragment of its address. Each takes an element
// and fills it; signal tells when another view takes its place.
const views = { sources: sourcesView, pages: pagesView, gaps: gapsView, stale: staleView, votes: votesView, usage: usageView, test: testView, keys: keysView, log: logView };

// An Admin is the page: a form to sign in, or one of the views.
class Admin extends HTMLElement {
  connectedCallback() {
    this.lang = this.settings.lang;
    this.text = texts({ ...this.settings.text, ...this.settings.text.admin }, this.lang);
    document.title = this.text("admin") + " – " + document.title;
    this.status = el("p", { class: "unseen", role: "status" });
    this.body = el("div");
    this.replaceChildren(this.status, this.body);
    window.addEventListener("hashchange", () => this.who && this.show());
    this.start();
  }

  // start shows a view if the browser has a session.
  async start() {
    try {
      this.who = await this.api.json("admin/session");
    } catch (err) {
      if (err.status !== 401) return this.body.replaceChildren(this.failure(err));
      return this.signIn();
    }
    this.show();
  }

  // signIn asks for a key; note says why, if the session has ended.
  signIn(note) {
    this.leave();
    this.who = null;
    const key = el("input", { type: "password", name: "key", autocomplete: "off", required: true, maxLength: 256 });
    const wrong = el("div");
    const form = el("form", { class: "column", onsubmit: (event) => {
      event.preventDefault();
      this.try(wrong, async () => {
        this.who = await this.api.json("admin/login", { key: key.value.trim() });
        this.show(true);
      });
    } }, note ? el("p", { class: "note warn" }, note) : null, el("label", {}, this.text("adminKey"), key), el("p", { class: "faint" }, this.text("adminKeyHelp")),
      el("button", { class: "primary" }, this.text("signIn")), wrong);
    this.body.replaceChildren(el("section", {}, el("h2", {}, this.text("admin")), form));
    key.focus();
  }

  leave() {
    this.shown?.abort();
    this.shown = new AbortController();
  }

  // show shows the view that the address names.
  show(focus) {
    this.leave();
    this.say("");
    const name = Object.hasOwn(views, location.hash.slice(1)) ? location.hash.slice(1) : "sources";
    const view = el("div");
    const out = el("button", { type: "button", class: "second", onclick: () => this.try(view, async () => {
      await this.api.json("admin/logout", {});
      this.signIn();
    }) }, this.text("signOut"));
    const links = Object.keys(views).map((v) => el("a", { href: "#" + v, "aria-current": v === name ? "page" : null }, this.text("view_" + v)));
    this.body.replaceChildren(el("nav", { "aria-label": this.text("admin") }, ...links, el("span", { class: "who" }, el("span", { class: "faint" }, this.text("signedInAs", { key: this.who.key })), out)), view);
    if (focus) links.find((a) => a.hasAttribute("aria-current")).focus();
    this.try(view, () => views[name](this, view, this.shown.signal));
  }

  // try runs what talks to the server, and shows an error at the end of an element.
  async try(where, run) {
    where.querySelector(":scope > .failure")?.remove();
    const { signal } = this.shown;
    try {
      return await run();
    } catch (err) {
      if (signal.aborted) return null;
      if (err.status === 401 && this.who) this.signIn(this.text("sessionOver"));
      else where.append(this.failure(err));
      return null;
    }
  }

  failure(err) {
    if (!(err instanceof Failure)) throw err;
    const told = err.status === 401 ? this.text("wrongKey") : this.settings.text.errors[err.code] || (err.reason ? sentence(err.reason) : this.text(err.kind, { n: err.seconds }));
    return el("div", { class: "failure", role: "alert" }, el("p", {}, told), err.fix ? el("p", { class: "faint" }, sentence(err.fix)) : null);
  }

  say(what) {
    this.status.textContent = what;
  }

  // table is a table that scrolls on its own. Cells are texts, numbers or nodes.
  table(label, heads, rows) {
    const cell = (c) => el("td", typeof c === "number" ? { class: "count" } : {}, typeof c === "number" ? c.toLocaleString(this.lang) : c);
    return el("div", { class: "table", tabIndex: 0, role: "group", "aria-label": label },
      el("table", {}, el("thead", {}, el("tr", {}, ...heads.map((h) => el("th", { scope: "col" }, h)))), el("tbody", {}, ...rows.map((r) => el("tr", {}, ...r.map(cell))))));
  }

  // moment formats a time of the server, or returns "" if there is none.
  moment(time) {
    return time ? new Date(time).toLocaleString(this.lang, { dateStyle: "medium", timeStyle: "short" }) : "";
  }

  // sure is a button to be pressed twice. A listener of its parent asks pressed.
  sure(name, value) {
    return el("button", { type: "button", class: "second", name, value }, this.text(name));
  }

  // pressed returns whether a button is pressed for the second time.
  pressed(button) {
    if (button.hasAttribute("data-sure")) return true;
    button.setAttribute("data-sure", "");
    button.textContent = this.text("reallyQ", { what: this.text(button.name) });
    return false;
  }
}

const settings = JSON.parse(document.getElementById("settings").textContent);
const admin = Object.assign(document.createElement("citewell-admin"), { settings, api: new API(new URL("..", location.href).href, "") });
customElements.define("citewell-admin", Admin);
customElements.upgrade(admin);
document.querySelector("main").replaceChildren(admin);
