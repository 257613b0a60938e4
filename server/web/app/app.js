import { el, icon, iconButton, link } from "./dom.js";
import { texts } from "./text.js";
import { Thread, maxTurns } from "./thread.js";
import "./passage.js";
import "./search.js";
import "./turn.js";

const maxQuestion = 8000; // characters, as the server takes them

// An App is the whole of it: the box, what is found while typing, the answers and the
// passages. Before it is put into a document, it needs
//
//   - api, an API;
//   - settings, what GET /v1/page returns;
//   - scope, the filter of every question;
//   - pageAddress, the address of the page to ask, for links that readers share;
//   - pageOnly: null, or whether only the page around the widget is searched.
export class App extends HTMLElement {
  connectedCallback() {
    if (this.box) return;
    const { settings } = this;
    this.language = settings.lang;
    this.text = texts(settings.text, settings.lang);
    this.thread = new Thread("citewell " + this.api.base + " " + (this.scope.source || ""));
    this.filter = { ...this.scope };
    this.lang = settings.lang;
    this.build();
    for (const turn of this.thread.turns) this.show(turn);
    this.classList.toggle("empty", this.thread.turns.length === 0);
    this.addEventListener("keydown", (event) => this.key(event));
  }

  build() {
    const { text, settings } = this;
    this.live = el("p", { role: "status", class: "unseen" });
    this.turns = el("div", { class: "turns", part: "answers" });
    this.passage = Object.assign(document.createElement("citewell-passage"), { app: this });
    this.results = Object.assign(document.createElement("citewell-search"), { app: this });
    this.box = el("textarea", { rows: 1, maxLength: maxQuestion, "aria-label": text("question"), placeholder: text("placeholder"), dir: "auto", enterKeyHint: "send", part: "question",
      oninput: () => this.results.typed(this.box.value, this.activeFilter()), onpaste: (event) => this.pasted(event), onkeypress: (event) => event.key === "Enter" && !event.shiftKey && event.preventDefault() });
    this.send = el("button", { type: "submit", class: "send", part: "send", "aria-label": text("ask") }, icon("ask"));
    this.editing = el("p", { class: "editing", hidden: true }, text("editing"), " ", el("button", { type: "button", class: "plain", onclick: () => this.edit(null) }, text("cancel")));
    const form = el("form", { class: "ask", role: this.getRootNode() === document ? "search" : null, onsubmit: (event) => (event.preventDefault(), this.submit()) },
      this.editing, el("div", { class: "field" }, this.box, this.send),
      el("div", { class: "tools" }, ...this.filters(), el("button", { type: "button", class: "second new", onclick: () => this.fresh() }, icon("plus"), text("newThread"))),
      this.results);
    const starters = (settings.starters || []).map((q) => el("li", {}, el("button", { type: "button", class: "second", dir: "auto", onclick: () => this.ask(q) }, q)));
    this.append(
      el("p", { class: "greeting", dir: "auto" }, settings.greeting || text("greeting")),
      this.turns, form,
      el("div", { class: "start" }, starters.length ? el("ul", { class: "starters", "aria-label": text("starters") }, ...starters) : ""),
      el("p", { class: "faint foot" }, text(settings.sent_to?.length ? "privacySent" : "privacy", { to: new Intl.ListFormat(this.language).format((settings.sent_to || []).map((name) => (name === "own" ? text("ownServer") : name))) }),
        ...(settings.links || []).flatMap((l) => [" · ", link(l.url, l.text)])),
      this.passage, this.live);
  }

  // filters returns what lets the reader choose where there are several sources, versions or languages.
  filters() {
    const { text, settings } = this;
    const names = new Intl.DisplayNames([this.language], { type: "language" });
    const shown = (name, value) => {
      try {
        return name === "lang" ? names.of(value) : value;
      } catch {
        return value;
      }
    };
    const selects = ["source", "version", "lang"].map((name) => {
      const values = settings.filters?.[name] || [];
      if (values.length < 2) return null;
      return el("label", {}, el("span", {}, text("filter_" + name)), el("select", { onchange: (event) => {
        this.filter[name] = event.target.value;
        this.results.typed(this.box.value, this.activeFilter());
      } }, el("option", { value: "" }, text("all")), ...values.map((v) => el("option", { value: v, selected: v === this.filter[name] }, shown(name, v)))));
    });
    if (typeof this.pageOnly === "boolean") {
      selects.push(el("label", {}, el("input", { type: "checkbox", checked: this.pageOnly, onchange: (event) => (this.pageOnly = event.target.checked) }), el("span", {}, text("thisPage"))));
    }
    return selects.filter(Boolean);
  }

  // activeFilter returns the filter to send, or nothing.
  activeFilter() {
    // Some sites change their address without loading a page.
    const here = this.pageOnly ? location.origin + location.pathname : "";
    const set = Object.entries({ ...this.filter, url_prefix: here }).filter(([, value]) => value);
    return set.length ? Object.fromEntries(set) : undefined;
  }

  say(text) {
    this.live.textContent = text;
  }

  submit() {
    if (this.running) return this.running.abort();
    const question = this.box.value.trim();
    if (question === "") return this.box.focus();
    const edited = this.edited;
    this.edit(null);
    this.box.value = "";
    if (edited) this.drop(edited);
    this.ask(question);
  }

  // ask asks a question and shows what comes.
  async ask(question) {
    if (this.running) this.running.abort();
    const running = (this.running = new AbortController());
    const turn = { question, running: true };
    this.results.hide();
    const history = this.thread.history();
    this.thread.add(turn);
    const view = this.show(turn);
    this.dispatchEvent(new CustomEvent("citewell-asked", { detail: question, bubbles: true }));
    this.classList.remove("empty");
    this.busy(true);
    view.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    this.say(this.text("searching"));
    let html = "";
    try {
      turn.data = await this.api.ask({ question, history: history.length ? history : undefined, filter: this.activeFilter() }, running.signal, (name, data) => {
        if (name === "sources") view.sources(data);
        if (name === "html") view.arrived((html = html.slice(0, data.keep) + data.html), data.done);
      });
      this.say(this.outcome(turn.data));
    } catch (err) {
      if (err.name === "AbortError") turn.stopped = true;
      else turn.failure = err.kind ? { ...err } : { kind: "broken" }; // a second copy of the script has a class of its own
      this.say(turn.stopped ? this.text("stopped") : "");
    }
    delete turn.running;
    if (turn.data) delete turn.html;
    view.render();
    this.thread.save();
    if (this.running === running) {
      this.running = null;
      this.busy(false);
    }
  }

  outcome(data) {
    const { text } = this;
    return data.answered ? text("ready") + " " + text("sourceCount", { n: (data.citations || []).length }) : text("unanswered");
  }

  busy(is) {
    this.send.replaceChildren(icon(is ? "stop" : "ask"));
    this.send.ariaLabel = this.text(is ? "stop" : "ask");
    this.send.classList.toggle("stop", is);
  }

  show(turn) {
    const view = Object.assign(document.createElement("citewell-turn"), { app: this, turn });
    this.turns.append(view);
    if (this.turns.children.length > maxTurns) this.turns.firstChild.remove();
    return view;
  }

  // drop removes a turn and those behind it.
  drop(turn) {
    this.running?.abort();
    const i = this.thread.turns.indexOf(turn);
    for (const view of [...this.turns.children].slice(i)) view.remove();
    this.thread.cut(turn);
  }

  again(turn) {
    this.drop(turn);
    this.ask(turn.question);
  }

  // edit puts the question of a turn into the box; the answer to the new one replaces
  // the turn. Without a turn, it ends that.
  edit(turn) {
    this.edited = turn;
    this.editing.hidden = !turn;
    const at = this.thread.turns.indexOf(turn);
    [...this.turns.children].forEach((view, i) => view.classList.toggle("edited", at >= 0 && i >= at));
    if (!turn) return;
    this.box.value = turn.question;
    this.box.focus();
    this.box.select();
  }

  // fresh begins a new thread.
  fresh() {
    this.running?.abort();
    this.edit(null);
    for (const t of [...this.thread.turns]) this.thread.cut(t);
    this.turns.replaceChildren();
    this.passage.dialog.close();
    this.classList.add("empty");
    this.dispatchEvent(new CustomEvent("citewell-asked", { detail: "", bubbles: true }));
    this.box.focus();
  }

  pasted(event) {
    const length = event.clipboardData?.getData("text").length || 0;
    if (length > maxQuestion) this.say(this.text("shortened", { n: maxQuestion }));
  }

  key(event) {
    if (event.defaultPrevented || event.isComposing) return;
    const inBox = event.target === this.box;
    if (event.key === "Enter" && inBox && !event.shiftKey) {
      event.preventDefault();
      if (!this.running) this.submit();
    } else if (event.key === "ArrowDown" && inBox && !this.results.hidden) {
      event.preventDefault();
      this.results.querySelector("a, button")?.focus();
    } else if (event.key === "Escape") {
      if (!this.results.hidden) {
        this.results.hide();
        this.box.focus();
      } else if (this.running) this.running.abort();
      else if (this.edited) this.edit(null);
      else if (this.passage.dialog.open) this.passage.leave();
      else return;
      event.preventDefault();
      event.stopPropagation();
    }
  }

  // copy copies a text, and says so in a note or on the button.
  async copy(text, note, button) {
    let told = this.text("copied");
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      told = this.text("notCopied");
    }
    if (note) note.textContent = told;
    else this.say(told);
    button?.classList.add("pressed");
    setTimeout(() => button?.classList.remove("pressed"), 1500);
  }

  async share(turn, note) {
    const url = new URL(this.pageAddress);
    url.search = new URLSearchParams({ q: turn.question, ...Object.fromEntries(Object.entries(this.filter).filter(([name, value]) => ["lang", "version", "source"].includes(name) && value)) });
    if (!navigator.share) return this.copy(url.href, note);
    try {
      await navigator.share({ title: turn.question, url: url.href });
    } catch {
      // the reader has changed their mind
    }
  }
}

customElements.get("citewell-app") ?? customElements.define("citewell-app", App);
