import { el, icon, iconButton, link, markText, morph, safe } from "./dom.js";
import { dateOf, headingOf, sentence } from "./text.js";
import { factsOf, verdict } from "./passage.js";

let count = 0;

// A Turn shows a question and what became of it: turn.data is the answer, turn.failure
// why there is none, turn.html what has arrived of it.
export class Turn extends HTMLElement {
  connectedCallback() {
    if (this.body) return;
    const { text } = this.app;
    this.ids = "cw" + ++count + "-";
    this.status = el("p", { class: "status" });
    this.body = el("div", { class: "rendered", dir: "auto" });
    this.rest = el("div", { class: "rest" });
    const id = this.ids + "question";
    this.setAttribute("role", "article");
    this.setAttribute("aria-labelledby", id);
    this.append(
      el("div", { class: "asked" }, el("h2", { id, dir: "auto", tabIndex: -1 }, this.turn.question),
        iconButton("edit", text("edit"), () => this.app.edit(this.turn))),
      this.status, this.body, this.rest);
    this.addEventListener("click", (event) => this.clicked(event));
    for (const name of ["pointerover", "focusin"]) this.addEventListener(name, (event) => this.preview(event.target));
    for (const name of ["pointerleave", "focusout"]) this.addEventListener(name, () => this.preview(null));
    this.render();
  }

  // sources tells which pages are being read.
  sources(sources) {
    const titles = [...new Set(sources.map((s) => s.title || s.url))];
    this.say(titles.length ? this.app.text("reading", { titles: titles.slice(0, 4).join(" · ") }) : this.app.text("writing"));
  }

  say(status) {
    this.status.textContent = status;
  }

  // arrived shows the HTML that has arrived, at most once a frame. The first done of it
  // are complete blocks, which are rendered once.
  arrived(html, done) {
    this.turn.html = html;
    this.done = done;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (this.turn.data) return;
      const { at, count } = (this.complete ??= { at: 0, count: 0 });
      const nodes = (end) => safe(this.turn.html.slice(at, end), this.ids, this.app.text);
      morph(this.body, nodes(), count);
      if (this.done > at) this.complete = { at: this.done, count: count + nodes(this.done).length };
    });
  }

  renderHTML(html, citations) {
    const fresh = document.createElement("div");
    fresh.append(...safe(html, this.ids, this.app.text));
    const known = new Map(citations.map((c) => [String(c.n), c]));
    for (const a of fresh.querySelectorAll(".ref")) {
      const c = known.get(a.textContent);
      a.ariaLabel = this.app.text("source", { n: a.textContent }) + (c ? ": " + headingOf(c).join(" › ") : "");
    }
    if (this.turn.data?.mode === "extractive") {
      for (const c of citations) {
        const whole = fresh.textContent.replace(/\s/g, "").length;
        if (c.quote && c.quote.replace(/\s/g, "").length < 0.7 * whole) markText(fresh, c.quote);
      }
    }
    morph(this.body, [...fresh.childNodes]);
  }

  // render shows the turn as it is.
  render() {
    const { turn } = this;
    const { text } = this.app;
    this.classList.toggle("running", Boolean(turn.running));
    if (turn.data) return this.renderAnswer(turn.data);
    if (turn.html) this.renderHTML(turn.html, []);
    if (turn.running) return this.say(text("searching"));
    this.say(turn.html ? text("incomplete") : "");
    if (turn.failure) this.rest.replaceChildren(this.failure(turn.failure));
    else if (turn.stopped) this.rest.replaceChildren(el("p", { class: "note" }, text("stopped")), this.again());
  }

  renderAnswer(data) {
    const { text } = this.app;
    const citations = data.citations || [];
    if (!data.answered) return this.renderUnanswered(data);
    this.say(modeOf(data, this.app));
    this.renderHTML(data.html || "", citations);
    this.rest.replaceChildren(
      ...this.notes(data),
      citations.length ? el("ol", { class: "sources", "aria-label": text("sources") }, ...citations.map((c) => this.source(c, citations, !holds(data, c)))) : "",
      this.actions(data));
  }

  renderUnanswered(data) {
    const { text } = this.app;
    const closest = data.closest || [];
    const nearest = (data.nearest || []).filter((n) => !closest.some((c) => c.url === n.url));
    this.say(text("unanswered"));
    this.body.replaceChildren(el("p", {}, data.reason ? text("reason", { reason: data.reason.replace(/[.\s]+$/, "") }) : text("noReason")));
    this.rest.replaceChildren(
      ...this.notes(data),
      closest.length ? el("h3", {}, text("closest")) : "",
      closest.length ? el("ol", { class: "sources" }, ...closest.map((c) => this.source(c, closest, true))) : "",
      nearest.length ? el("h3", {}, text("nearest")) : "",
      nearest.length ? el("ul", { class: "nearest" }, ...nearest.map((n) => el("li", {}, link(n.url, el("bdi", {}, n.title || n.url))))) : "",
      this.missing(data), this.actions(data));
  }

  // missing lets the reader tell that the pages lack something.
  missing(data) {
    const { text, api, settings } = this.app;
    if (!settings.feedback || !data.request_id) return "";
    const note = el("span", { role: "status" }, this.turn.told ? text("toldMissing") : "");
    const button = el("button", { type: "button", class: "second", hidden: Boolean(this.turn.told), onclick: async () => {
      button.disabled = true;
      try {
        await api.vote(data.request_id, "down", "missing");
        this.turn.told = true;
        this.app.thread.save();
        button.hidden = true;
        note.textContent = text("toldMissing");
      } catch {
        button.disabled = false;
        note.textContent = text("notKept");
      }
    } }, text("tellMissing"));
    return el("p", { class: "missing" }, button, note);
  }

  // notes tell what a reader should know about an answer.
  notes(data) {
    const { text, settings } = this.app;
    const notes = [];
    const asked = data.standalone_question;
    if (asked && asked !== this.turn.question) notes.push(["", text("understood", { question: asked })]);
    const words = (of) => data.corrections.map((c) => text("quoted", { text: c[of] })).join(", ");
    if (data.corrections?.length) notes.push(["", text("corrected", { to: words("to"), from: words("from") })]);
    if (data.editions) notes.push(["", sentence(data.editions), "en"]);
    if (data.truncated) notes.push(["warn", text("truncated")]);
    if (data.warning) notes.push(["warn", sentence(data.warning), "en"]);
    if (data.answered && data.grounded === false && data.mode !== "extractive" && (data.total > 0 || data.mode === "generated")) notes.push(["warn", text("ungrounded")]);
    if (settings.updated_at && Date.parse(data.asked || "") < Date.parse(settings.updated_at)) notes.push(["warn", text("stale", { date: dateOf(data.asked, this.app.language) })]);
    return notes.map(([kind, note, lang]) => el("p", { class: "note " + kind, dir: "auto", lang }, note));
  }

  // source is a citation in the list below an answer.
  source(c, citations, withQuote) {
    const [title, ...section] = headingOf(c);
    const facts = factsOf(c, this.app);
    return el("li", { value: c.n },
      el("button", { type: "button", class: "source", onclick: (event) => this.app.passage.show(citations, c, event.currentTarget) },
        el("span", { class: "number", "aria-hidden": "true" }, String(c.n)),
        el("span", { class: "where", dir: "auto" }, el("bdi", {}, title), section.length ? el("span", { class: "faint" }, " › " + section.join(" › ")) : null,
          withQuote && c.quote ? el("q", { class: "quote" }, c.quote) : null,
          el("span", { class: "facts" }, verdict(c, this.app), facts ? " · " + facts : null))));
  }

  actions(data) {
    const { text, settings } = this.app;
    const note = el("span", { class: "faint", role: "status" });
    const votes = settings.feedback && data.request_id && data.answered ? this.votes(data, note) : "";
    return el("div", { class: "actions" }, votes,
      data.answered ? iconButton("copy", text("copyAnswer"), () => this.app.copy(markdownOf(this.turn, data), note)) : "",
      iconButton("share", text("share"), () => this.app.share(this.turn, note)),
      iconButton("again", text("again"), () => this.app.again(this.turn)), note,
      el("span", { class: "faint measure" }, [data.total > 0 ? text("quotes", { n: data.total, verified: data.verified }) : "", data.cost ? text("cost", { amount: data.cost.amount.toLocaleString(this.app.language, { maximumSignificantDigits: 3 }), currency: data.cost.currency }) : ""].filter(Boolean).join(" · ")));
  }

  votes(data, note) {
    const { text, api } = this.app;
    const buttons = {};
    const send = async (vote, comment) => {
      try {
        await api.vote(data.request_id, vote, comment);
      } catch {
        note.textContent = text("notKept");
        return;
      }
      this.turn.vote = vote;
      this.app.thread.save();
      for (const [name, b] of Object.entries(buttons)) b.ariaPressed = String(name === vote);
      note.textContent = text("thanks");
      reason.hidden = vote !== "down" || Boolean(comment);
      if (reason.hidden) return;
      note.textContent = "";
      reason.scrollIntoView({ block: "nearest" });
    };
    for (const [vote, label] of [["up", "helped"], ["down", "helpedNot"]]) {
      buttons[vote] = iconButton(vote, text(label), () => send(vote), { "aria-pressed": String(this.turn.vote === vote), class: "icon vote" });
    }
    const own = el("input", { type: "text", maxLength: 500, "aria-label": text("whyOther"), placeholder: text("whyOther") });
    const reason = el("form", { class: "why", hidden: true, onsubmit: (event) => {
      event.preventDefault();
      if (own.value.trim()) send("down", own.value.trim());
    } },
      el("span", {}, text("why")),
      ...["Wrong", "Outdated", "Incomplete", "OffTopic"].map((name) => el("button", { type: "button", class: "second", onclick: () => send("down", name) }, text("why" + name))),
      own, el("button", { class: "second" }, text("send")));
    return el("div", { class: "votes", role: "group", "aria-label": text("helpful") }, buttons.up, buttons.down, reason);
  }

  // failure tells why there is no answer, and what to do. What the server says is in
  // English; a language may have its own words for some of its codes.
  failure(failure) {
    const { text, settings } = this.app;
    const kind = failure.kind === "refused" && !failure.reason ? "broken" : failure.kind;
    const own = kind === "refused" ? settings.text.errors[failure.code] : text(kind, { n: failure.seconds });
    const button = this.again();
    const told = el("p", own ? {} : { lang: "en" }, own || sentence(failure.reason));
    if (failure.kind === "tooMany") this.wait(failure, told, button.firstChild);
    if (failure.kind === "offline") addEventListener("online", () => (told.textContent = text("onlineAgain")), { once: true });
    return el("div", { class: "failure", role: "alert" }, told,
      failure.fix && !own ? el("p", { class: "faint", lang: "en" }, sentence(failure.fix)) : "",
      failure.id ? el("p", { class: "faint" }, text("request", { id: failure.id })) : "", button);
  }

  // wait counts down the seconds after which the server takes questions again.
  wait(failure, told, button) {
    let left = failure.seconds;
    button.disabled = true;
    const timer = setInterval(() => {
      if (--left > 0 && this.isConnected) return void (told.textContent = this.app.text("tooMany", { n: left }));
      clearInterval(timer);
      button.disabled = false;
      told.textContent = this.app.text("waited");
    }, 1000);
  }

  again() {
    return el("p", {}, el("button", { type: "button", class: "second", onclick: () => this.app.again(this.turn) }, icon("again"), this.app.text("again")));
  }

  // citation returns the citation that a number leads to.
  citation(target) {
    const ref = target?.closest?.(".ref");
    return ref && (this.turn.data?.citations || []).find((c) => String(c.n) === ref.textContent);
  }

  clicked(event) {
    const copy = event.target.closest("button.copy");
    if (copy) return this.app.copy(copy.parentElement.querySelector("pre").textContent, null, copy);
    const to = event.target.closest("[data-to]");
    const c = this.citation(to);
    this.preview(null);
    if (c) return this.app.passage.show(this.turn.data.citations, c, to);
    const footnote = to && this.querySelector("#" + CSS.escape(to.dataset.to));
    footnote?.scrollIntoView({ block: "nearest" });
    footnote?.querySelector("button")?.focus({ preventScroll: true });
  }

  // preview shows a citation above its number.
  preview(target) {
    const c = this.citation(target);
    if (!c) {
      this.hint?.remove();
      return;
    }
    const ref = target.closest(".ref");
    const [title, ...section] = headingOf(c);
    this.hint ??= el("div", { class: "hint", role: "tooltip", id: this.ids + "hint" });
    this.hint.replaceChildren(el("strong", {}, el("bdi", {}, title)), section.length ? el("span", { class: "faint" }, section.join(" › ")) : "", c.quote ? el("q", { dir: "auto" }, c.quote) : "", verdict(c, this.app));
    this.append(this.hint);
    const around = this.getBoundingClientRect();
    const at = ref.getBoundingClientRect();
    this.hint.style.left = Math.max(0, Math.min(at.left - around.left, around.width - this.hint.offsetWidth)) + "px";
    const above = at.top - around.top - this.hint.offsetHeight - 6;
    this.hint.style.top = (at.top - this.hint.offsetHeight - 6 > 0 ? above : at.bottom - around.top + 6) + "px";
    ref.setAttribute("aria-describedby", this.hint.id);
  }
}

// modeOf tells who wrote an answer.
function modeOf(data, app) {
  const emulated = / \(emulated\)$/.test(data.model || "");
  if (data.mode === "extractive") {
    if (!(data.citations || []).length) return ""; // a courtesy
    return app.text(data.warning || emulated ? "modelDown" : "noModel");
  }
  if (emulated) return app.text("emulated", { model: data.model.replace(/ \(emulated\)$/, "") });
  return data.model ? app.text("answeredBy", { model: data.model }) : "";
}

// holds reports whether the answer has the words of a quote, which then need no second
// place.
function holds(data, c) {
  const letters = (s) => (s || "").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  return data.mode === "extractive" || letters(data.answer).includes(letters(c.quote));
}

// markdownOf returns an answer with the links of its citations.
function markdownOf(turn, data) {
  const target = (c) => (c.link || c.url).replace(/[<>\s]/g, encodeURIComponent);
  const title = (c) => headingOf(c).join(" › ").replace(/["\n]/g, "'");
  return ["**" + turn.question.replace(/\s+/g, " ") + "**", data.answer, (data.citations || []).map((c) => `[${c.n}]: <${target(c)}> "${title(c)}"`).join("\n")].filter(Boolean).join("\n\n") + "\n";
}

customElements.get("citewell-turn") ?? customElements.define("citewell-turn", Turn);
