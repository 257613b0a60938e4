// The page for asking. Text from the API is inserted only as text nodes.
"use strict";

const $ = (id) => document.getElementById(id);

// el creates an element with properties and children. Strings become text nodes.
function el(tag, props, ...children) {
  const e = Object.assign(document.createElement(tag), props);
  e.append(...children.filter((c) => c !== null && c !== ""));
  return e;
}

let running = null; // the AbortController of the current question

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  if (running) {
    running.abort();
    return;
  }
  const question = $("question").value.trim();
  if (question === "") {
    $("question").value = "";
    $("question").reportValidity();
    return;
  }
  ask(question, $("k").valueAsNumber);
});

$("question").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !running) {
    event.preventDefault();
    $("ask").requestSubmit();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && running) running.abort();
  const typing = event.target instanceof Element && event.target.closest("input, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    $("question").focus();
    $("question").select();
  }
});

async function ask(question, k) {
  running = new AbortController();
  const started = Date.now();
  const tick = () => {
    const searching = $("result").ariaBusy !== "true" && Date.now() - started < 2000;
    $("status").textContent = searching ? "Searching the pages …" : "Working on the answer … (a reasoning model may take minutes)";
  };
  const timer = setInterval(tick, 1000);
  tick();
  $("send").textContent = "Stop";
  $("error").hidden = true;
  $("result").classList.add("stale");
  document.body.classList.add("busy");
  let done = "";
  try {
    const data = await request(question, k, running.signal, tick);
    if (data.error) {
      showError(data.error, data.request_id);
    } else {
      showAnswer(question, data);
      done = data.answered ? "Answered." : "The pages do not answer this.";
    }
  } catch (err) {
    if (err.name === "AbortError") {
      done = "Stopped.";
      markIncomplete();
    } else {
      showError({ message: "Citewell could not be reached.", fix: "check that citewell serve is still running" });
    }
  } finally {
    clearInterval(timer);
    running = null;
    $("status").textContent = done;
    $("send").textContent = "Ask";
    $("result").classList.remove("stale");
    document.body.classList.remove("busy");
  }
}

// filter is what the address of the page limits the search to: ?lang=de&version=2.0.
// It is not sent if that is nothing.
const limits = [...new URLSearchParams(location.search)].filter(([name, value]) => ["lang", "version"].includes(name) && value);
const filter = limits.length > 0 ? Object.fromEntries(limits) : undefined;

// request asks, shows parts of the answer as they arrive, and returns the whole
// answer or the error. If the browser can't read streams, the answer comes at once.
async function request(question, k, signal, found) {
  const streams = "body" in Response.prototype && typeof TextDecoderStream === "function";
  const headers = { "Content-Type": "application/json", Accept: streams ? "text/event-stream" : "application/json" };
  const res = await fetch("v1/ask", { method: "POST", headers, body: JSON.stringify({ question, k, filter }), signal });
  if (!(res.headers.get("Content-Type") || "").startsWith("text/event-stream")) {
    const data = await res.json();
    return res.ok ? data : { error: {}, ...data };
  }
  let text = "";
  for await (const event of events(res.body)) {
    if (event.name === "sources") {
      showSources(question, event.data);
      found();
    }
    if (event.name === "delta") showText((text += event.data.text));
    if (event.name === "done" || event.name === "error") return event.data;
  }
  return { error: { message: "The connection was lost before the answer was complete.", fix: "ask again" } };
}

// events reads server-sent events with JSON data.
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const fields = new Map(part.split("\n").map((line) => line.split(/: ?(.*)/s, 2)));
      if (fields.has("data")) yield { name: fields.get("event"), data: JSON.parse(fields.get("data")) };
    }
  }
}

// showSources shows the sources and clears the previous answer.
function showSources(question, sources) {
  const titles = [...new Set(sources.map((s) => s.title || s.url))];
  setText("asked", question);
  setText("mode", titles.length > 0 ? "Reading: " + titles.join(" · ") : "");
  setText("warning", "");
  setText("facts", "");
  $("answer").replaceChildren();
  $("cited").hidden = true;
  $("near").hidden = true;
  $("close").hidden = true;
  setText("corrected", "");
  $("feedback").hidden = true;
  $("result").classList.remove("stale");
  $("result").ariaBusy = "true";
  $("result").hidden = false;
}

// showText shows the text of the answer that has arrived.
function showText(text) {
  $("answer").replaceChildren(...blocks(text, new Map()));
}

// markIncomplete keeps the text that has arrived and marks it as incomplete.
function markIncomplete() {
  if ($("result").ariaBusy !== "true") return;
  $("result").ariaBusy = "false";
  setText("mode", "This answer is not complete, and its quotes are not checked.");
  $("result").hidden = $("answer").textContent === "";
}

function showError(error, requestID) {
  if ($("result").ariaBusy === "true") markIncomplete();
  else $("result").hidden = true;
  setText("error-message", error.message || "The server gave no reason.");
  setText("error-fix", error.fix ? "To fix it: " + error.fix : "");
  setText("error-id", requestID ? "Request " + requestID : "");
  $("error").hidden = false;
}

// setText sets the text of an element, and hides it if the text is empty.
function setText(id, text) {
  $(id).textContent = text;
  $(id).hidden = text === "";
}

// correctedLabel tells which words were searched for in place of misspelt ones.
function correctedLabel(corrections) {
  const words = (of) => corrections.map((c) => "“" + c[of] + "”").join(", ");
  return corrections.length > 0 ? "Showing results for " + words("to") + ": no page holds " + words("from") + "." : "";
}

function showAnswer(question, data) {
  const citations = data.citations || [];
  const nearest = data.nearest || [];
  const text = data.answered ? data.answer : "Not answered" + (data.reason ? ": " + data.reason : "") + ".";
  const closest = data.closest || [];
  setText("asked", question);
  setText("corrected", correctedLabel(data.corrections || []));
  setText("mode", data.answered ? [modeLabel(data), data.editions].filter(Boolean).join(". ") : "");
  setText("warning", [data.warning, ungrounded(data)].filter(Boolean).join(". "));
  $("answer").replaceChildren(...blocks(text || "", new Map(citations.map((c) => [c.n, c]))));
  if (data.mode === "extractive") for (const c of citations) markQuote($("answer"), c.quote);
  $("citations").replaceChildren(...citations.map(citation));
  $("cited").hidden = citations.length === 0;
  $("closest").replaceChildren(...closest.map(citation));
  $("close").hidden = closest.length === 0;
  $("nearest").replaceChildren(...nearest.map((n) => el("li", {}, pageLink(n.link || n.url, heading(n)))));
  $("near").hidden = nearest.length === 0;
  setText("facts", facts(data));
  showFeedback(data.request_id);
  $("result").ariaBusy = "false";
  $("result").hidden = false;
  $("result").focus({ preventScroll: true });
}

// showFeedback shows the vote buttons, if the server keeps feedback.
function showFeedback(requestID) {
  $("feedback").hidden = !requestID || !("feedback" in document.body.dataset);
  $("feedback").dataset.request = requestID || "";
  press("");
  $("feedback-note").textContent = "";
}

// press highlights the vote.
function press(vote) {
  for (const b of document.querySelectorAll(".vote")) b.ariaPressed = String(b.dataset.vote === vote);
}

for (const button of document.querySelectorAll(".vote")) {
  button.addEventListener("click", async () => {
    const request_id = $("feedback").dataset.request;
    const vote = button.dataset.vote;
    let kept = false;
    try {
      const res = await fetch("v1/feedback", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ request_id, vote }) });
      kept = res.ok;
    } catch {
      // the note below reports it
    }
    if ($("feedback").dataset.request !== request_id) return; // another answer is shown now
    if (kept) press(vote);
    $("feedback-note").textContent = kept ? "Thank you." : "The feedback could not be saved.";
  });
}

function modeLabel(data) {
  if (data.mode === "extractive") return "Extractive answer — sentences quoted from the pages";
  if (emulated(data)) return "Written by an emulation of " + data.model.replace(/ \(emulated\)$/, "") + ", not by a model, from the pages below";
  return data.model ? "Answered by " + data.model + " from the pages below" : "";
}

// emulated reports whether an emulation of a model wrote the answer.
function emulated(data) {
  return / \(emulated\)$/.test(data.model || "");
}

// ungrounded returns a warning if no quote of the answer was found on its page.
function ungrounded(data) {
  return data.answered && data.grounded === false && data.mode !== "extractive" ? "No quote supports this answer: read the pages before you rely on it" : "";
}

function facts(data) {
  const parts = [];
  if (data.total > 0) parts.push(data.verified + " of " + data.total + (data.total === 1 ? " quote" : " quotes") + " found on the page");
  if (emulated(data) && data.mode === "extractive") parts.push("asked first: " + data.model + ", no model");
  if (data.usage && data.usage.reasoning_tokens > 0) parts.push(data.usage.reasoning_tokens + " reasoning tokens");
  if (data.timings && data.timings.total_ms >= 0) parts.push((data.timings.total_ms / 1000).toFixed(1) + " s");
  if (data.cost) parts.push(data.cost.amount + " " + data.cost.currency);
  if (data.request_id) parts.push("request " + data.request_id);
  return parts.join(" · ");
}

// blocks renders an answer as paragraphs, lists, tables and code blocks. cited holds
// the citations by number.
function blocks(text, cited) {
  const out = [];
  const prose = (part) => out.push(...part.split(/\n{2,}/).filter((p) => p.trim()).map((p) => block(p.replace(/^\n+|\s+$/g, ""), cited)));
  let at = 0;
  for (const m of text.matchAll(/^[ >]*(`{3,})[^\n]*\n([\s\S]*?)(?:^[ >]*\1`*[ \t]*$|(?![\s\S]))/gm)) {
    prose(text.slice(at, m.index));
    out.push(el("pre", {}, el("code", {}, m[2].replace(/\s+$/, ""))));
    at = m.index + m[0].length;
  }
  prose(text.slice(at));
  return out;
}

function block(text, cited) {
  const lines = text.split("\n");
  for (const [tag, mark] of [["ul", /^\s*[-*+]\s+/], ["ol", /^\s*\d+[.)]\s+/]]) {
    if (lines.every((l) => mark.test(l))) return el(tag, {}, ...lines.map((l) => el("li", {}, ...inline(l.replace(mark, ""), cited))));
  }
  if (lines.every((l) => /^\|.*\|$/.test(l))) return table(lines, cited);
  return el("p", {}, ...inline(text.replace(/^#{1,6}\s+(.*)$/gm, "**$1**"), cited));
}

// markQuote marks the sentence that answers, if more than it is quoted.
function markQuote(root, quote) {
  const texts = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let all = "";
  for (let n; (n = walker.nextNode()); all += n.data) texts.push([all.length, n]);
  const from = quote ? all.indexOf(quote) : -1;
  if (from < 0 || all.replace(/\[\d+\]|\s/g, "").length === quote.replace(/\s/g, "").length) return;
  for (const [at, n] of texts) {
    const start = Math.max(0, from - at);
    const end = Math.min(n.data.length, from + quote.length - at);
    if (start >= end) continue;
    const part = n.splitText(start);
    part.splitText(end - start);
    const mark = el("mark", {});
    part.replaceWith(mark);
    mark.append(part);
  }
}

// table renders rows of cells between bars. The row above a line of dashes is a header.
function table(lines, cited) {
  const isRule = (l) => /^\|(\s*:?-+:?\s*\|)+$/.test(l);
  const rows = lines.map((l, i) => {
    const tag = isRule(lines[i + 1] || "") ? "th" : "td";
    const cells = l.slice(1, -1).split(/(?<!\\)\|/).map((c) => c.trim().replaceAll("\\|", "|"));
    return el("tr", {}, ...cells.map((c) => el(tag, {}, ...inline(c, cited))));
  });
  return el("table", {}, ...rows.filter((_, i) => !isRule(lines[i])));
}

// inline renders `code`, **strong** text, [n] as a link to a citation that exists,
// and links to cited pages.
function inline(text, cited) {
  return text.split(/(`[^`\n]+`|\*\*[^*\n]+\*\*|\[\d+\]|\[[^[\]\n]+\]\(https?:\/\/[^\s()]+\)|<https?:\/\/[^\s<>]+>)/).map((piece) => {
    if (/^`.+`$/.test(piece)) return el("code", {}, piece.slice(1, -1));
    if (/^\*\*.+\*\*$/.test(piece)) return el("strong", {}, ...inline(piece.slice(2, -2), cited));
    const n = Number((/^\[(\d+)\]$/.exec(piece) || [])[1]);
    if (cited.has(n)) return el("a", { href: "#cite-" + n, className: "ref" }, piece);
    const [, label, address] = /^\[(.+)\]\((.+)\)$/.exec(piece) || /^<((.+))>$/.exec(piece) || [];
    if (address) return isCited(address, cited) ? pageLink(address, label) : label;
    return piece.replace(/\\`/g, "`");
  });
}

// isCited reports whether an address is that of a cited page.
function isCited(address, cited) {
  const page = (a) => (a || "").split("#")[0];
  return [...cited.values()].some((c) => page(c.url) === page(address));
}

// heading joins a page's title and its section, "Title > Part" or "Part". It does
// not repeat the title.
function heading(c) {
  const parts = c.section ? c.section.split(" > ") : [];
  if (parts[0] === c.title) parts.shift();
  return [c.title || c.url, ...parts].join(" › ");
}

// pageLink links only to web pages. The address of a file is shown as text.
function pageLink(address, text) {
  if (!/^https?:\/\//i.test(address || "")) return el("span", {}, text);
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text);
}

function citation(c) {
  const mark = c.verified ? "✓ on the page" : "not found on the page";
  return el(
    "li",
    { id: "cite-" + c.n, value: c.n, tabIndex: -1 },
    pageLink(c.link || c.url, heading(c)),
    c.quote ? el("blockquote", {}, ...quote(c)) : null,
    el("p", { className: "faint" }, el("span", { className: c.verified ? "good" : "bad" }, mark), crawled(c), " · " + c.url),
  );
}

// quote shows the quote within its sentence.
function quote(c) {
  const at = (c.sentence || "").indexOf(c.quote);
  if (at < 0 || c.sentence === c.quote) return [c.quote];
  return [c.sentence.slice(0, at), el("mark", {}, c.quote), c.sentence.slice(at + c.quote.length)];
}

// crawled describes when the page was fetched, and the date on the page.
function crawled(c) {
  const say = (what, date) => {
    const t = new Date(date || NaN);
    return isNaN(t) ? "" : what + t.toLocaleDateString(document.documentElement.lang, { dateStyle: "medium" });
  };
  return say(" · fetched ", c.crawled_at) + say(" · page dated ", c.modified);
}
