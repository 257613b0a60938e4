import { el, link } from "./dom.js";
import { headingOf } from "./text.js";

// period adds a choice of days to a view, and calls show with it now and at each change.
function period(app, view, show) {
  const { text } = app;
  const days = el("select", { name: "days" }, ...[7, 30, 90, 0].map((n) => el("option", { value: n, selected: n === 30 }, n ? text("lastDays", { n }) : text("allDays"))));
  const body = el("div");
  let turn = 0;
  const update = async () => {
    const mine = ++turn;
    body.replaceChildren(el("p", { class: "faint", role: "status" }, text("loading")));
    await app.try(body, async () => {
      const nodes = await show(Number(days.value));
      if (mine === turn) body.replaceChildren(...nodes);
    });
    if (mine === turn) body.querySelector("[role=status]")?.remove();
  };
  days.addEventListener("change", update);
  view.append(el("form", { onsubmit: (event) => event.preventDefault() }, el("label", {}, text("period"), days)), body);
  return update();
}

// gapsView shows what readers asked and the pages do not answer.
export function gapsView(app, view, signal) {
  const { text, api } = app;
  view.append(el("h2", {}, text("view_gaps")));
  return period(app, view, async (days) => {
    const found = await api.json("admin/gaps?days=" + days, null, signal);
    if (!found.gaps.length) return [el("p", { class: "faint" }, text("noGaps"))];
    const done = el("details", {}, el("summary", {}, text("gapsDone", { n: 0 })));
    const count = () => {
      done.hidden = done.children.length < 2;
      done.firstChild.textContent = text("gapsDone", { n: done.children.length - 1 });
    };
    const groups = el("div");
    // mark marks a group, and puts it where it then belongs.
    const mark = (g, node, button) => app.try(node, async () => {
      g.done = (await api.json("admin/gaps", { questions: g.examples, done: !g.done }, signal)).done;
      button.textContent = text(g.done ? "gapOpen" : "gapDone");
      (g.done ? done : groups).append(node);
      count();
      app.say(text(g.done ? "gapIsDone" : "gapIsOpen"));
      (g.done ? done.firstChild : button).focus();
    });
    for (const g of found.gaps) (g.done ? done : groups).append(gap(app, g, mark));
    count();
    const file = (format, name) => el("a", { href: `${api.base}admin/gaps?days=${days}&format=${format}`, download: "gaps." + format }, name);
    return [el("p", {}, text("download"), " ", file("md", "Markdown"), " · ", file("csv", "CSV")), groups, done,
      found.left ? el("p", { class: "faint" }, text("gapsLeft", { n: found.left })) : "", found.unread ? el("p", { class: "faint" }, text("gapsUnread", { n: found.unread })) : ""];
  });
}

// gap is a group of questions; mark is called when its button is pressed.
function gap(app, g, mark) {
  const { text } = app;
  const why = Object.entries(g.reasons).sort().map(([reason, n]) => `${n} ${text("gap_" + reason.replaceAll(/\W/g, "_"))}`).join(", ");
  const [first, ...others] = g.examples;
  const button = el("button", { type: "button", class: "second", onclick: () => mark(g, node, button) }, text(g.done ? "gapOpen" : "gapDone"));
  const node = el("div", { class: "gap" }, el("h3", { dir: "auto" }, first), el("p", { class: "faint" }, text("gapAsked", { n: g.size, last: app.moment(g.last_asked), why })),
    g.answered_now ? el("p", { class: "good" }, text("answeredNow")) : null,
    others.length ? el("ul", {}, ...others.map((o) => el("li", { dir: "auto" }, o))) : null,
    g.nearest ? el("p", {}, text("nearestPage"), " ", link(g.nearest.url, headingOf(g.nearest).join(" › "))) : null, el("p", {}, button));
  return node;
}

// staleView shows answers that cite text that has changed.
export function staleView(app, view, signal) {
  const { text, api } = app;
  view.append(el("h2", {}, text("view_stale")));
  return period(app, view, async (days) => {
    const { questions } = await api.json("admin/stale?days=" + days, null, signal);
    if (!questions.length) return [el("p", { class: "faint" }, text("noStale"))];
    return questions.map((q) => el("div", { class: "gap" }, el("h3", { dir: "auto" }, q.question || text("notLogged")), el("p", { class: "faint" }, text("staleAsked", { n: q.times, last: app.moment(q.asked_at) })),
      el("ul", {}, ...q.citations.map((c) => el("li", {}, text("stale_" + c.reason.replaceAll(/\W/g, "_")) + ": ", link(c.url, c.url), el("br"), el("q", { class: "faint" }, c.quote))))));
  });
}

// votesView shows what readers said of answers.
export function votesView(app, view, signal) {
  const { text, api } = app;
  view.append(el("h2", {}, text("view_votes")));
  return period(app, view, async (days) => {
    const { votes } = await api.json("admin/votes?days=" + days, null, signal);
    if (!votes.length) return [el("p", { class: "faint" }, text("noVotes"))];
    const opinion = { 1: "helped", "-1": "helpedNot", 0: "commentAlone" };
    const heads = ["when", "opinion", "askedQuestion", "comment", "citedQuotes"].map((h) => text(h));
    const asked = (v) => el("span", {}, el("span", { dir: "auto" }, v.question || text("notLogged")), v.answered ? "" : el("span", { class: "faint" }, el("br"), v.reason ? text("reason", { reason: v.reason.replace(/[.\s]+$/, "") }) : text("unanswered")),
      v.question && !/^sha256:/.test(v.question) ? el("span", {}, el("br"), el("a", { href: api.base + "?" + new URLSearchParams({ q: v.question }), target: "_blank" }, text("again"))) : "");
    const quotes = (v) => el("span", {}, ...v.cited.map((c) => el("p", {}, `[${c.n}] `, c.quote ? el("q", { dir: "auto" }, c.quote) : "", c.quote && !c.verified ? " (" + text("notVerified") + ")" : "", " ", link(c.url, c.url))));
    const rows = votes.map((v) => [app.moment(v.at), text(opinion[v.vote]), asked(v), el("span", { dir: "auto" }, v.comment || ""), quotes(v)]);
    return [el("p", { class: "faint" }, text("votesHelp")), app.table(text("view_votes"), heads, rows)];
  });
}

// usageView plots what was asked on each day.
export function usageView(app, view, signal) {
  const { text, api } = app;
  view.append(el("h2", {}, text("view_usage")));
  return period(app, view, async (days) => {
    const all = (await api.json("admin/usage?days=" + days, null, signal)).days;
    if (!all.length) return [el("p", { class: "faint" }, text("noUsage"))];
    const heads = ["day", "questions", "unansweredCount", "tokens"].map((h) => text(h));
    const rows = all.filter((d) => d.questions).reverse().map((d) => [d.day, d.questions, d.unanswered, d.tokens]);
    return [plot(app, text("questions"), all, "questions", "unanswered"), plot(app, text("tokens"), all, "tokens"), app.table(text("view_usage"), heads, rows)];
  });
}

const plotWidth = 640;
const plotHeight = 160;

// plot draws a bar for each day: the value of a field, and inside it that of a part.
function plot(app, title, days, field, part) {
  const svg = (tag, attrs, ...children) => {
    const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attrs)) e.setAttribute(name, value);
    e.append(...children);
    return e;
  };
  const most = Math.max(1, ...days.map((d) => d[field]));
  const step = plotWidth / days.length;
  const bar = (d, i, name) => {
    const height = (d[name] / most) * plotHeight;
    return svg("rect", { class: name, x: i * step + step * 0.1, y: plotHeight - height, width: step * 0.8, height }, svg("title", {}, `${d.day}: ${d[name].toLocaleString(app.lang)}`));
  };
  const total = days.reduce((sum, d) => sum + d[field], 0).toLocaleString(app.lang);
  const names = part ? [field, part] : [field];
  return el("figure", { class: "plot" }, el("figcaption", {}, app.text("plotTitle", { title, total, most: most.toLocaleString(app.lang) })),
    svg("svg", { viewBox: `0 0 ${plotWidth} ${plotHeight}`, preserveAspectRatio: "none", role: "img", "aria-label": title }, ...names.flatMap((name) => days.map((d, i) => bar(d, i, name)))),
    el("div", { class: "axis faint" }, el("span", {}, days[0].day), part ? el("span", { class: "key" }, app.text("plotPart")) : "", el("span", {}, days.at(-1).day)));
}
