// The page to ask. What the API returns is put in as text nodes only.
"use strict";

const $ = (id) => document.getElementById(id);

// el makes an element with properties and children; strings become text.
function el(tag, props, ...children) {
  const e = Object.assign(document.createElement(tag), props);
  e.append(...children.filter((c) => c !== null && c !== ""));
  return e;
}

let running = null; // the AbortController of the question under way

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
    const s = Math.floor((Date.now() - started) / 1000);
    $("status").textContent = s < 2 ? "Searching the pages …" : "Working on the answer … (a reasoning model may take minutes)";
  };
  const timer = setInterval(tick, 1000);
  tick();
  $("send").textContent = "Stop";
  $("error").hidden = true;
  document.body.classList.add("busy");
  let done = "";
  try {
    const body = JSON.stringify({ question, k });
    const res = await fetch("v1/ask", { method: "POST", headers: { "Content-Type": "application/json" }, body, signal: running.signal });
    const data = await res.json();
    if (res.ok) {
      showAnswer(question, data);
      done = data.answered ? "Answered." : "The pages do not answer this.";
    } else {
      showError(data.error || {}, data.request_id);
    }
  } catch (err) {
    if (err.name === "AbortError") {
      done = "Stopped.";
    } else {
      showError({ message: "Citewell could not be reached.", fix: "check that citewell serve is still running" });
    }
  } finally {
    clearInterval(timer);
    running = null;
    $("status").textContent = done;
    $("send").textContent = "Ask";
    document.body.classList.remove("busy");
  }
}

function showError(error, requestID) {
  $("result").hidden = true;
  setText("error-message", error.message || "The server gave no reason.");
  setText("error-fix", error.fix ? "To mend it: " + error.fix : "");
  setText("error-id", requestID ? "Request " + requestID : "");
  $("error").hidden = false;
}

// setText sets an element's text and hides it when there is none.
function setText(id, text) {
  $(id).textContent = text;
  $(id).hidden = text === "";
}

function showAnswer(question, data) {
  const citations = data.citations || [];
  const nearest = data.nearest || [];
  const text = data.answered ? data.answer : "The pages do not answer this" + (data.reason ? ": " + data.reason : "") + ".";
  setText("asked", question);
  setText("mode", data.answered ? modeLabel(data) : "");
  setText("warning", data.warning || "");
  $("answer").replaceChildren(...blocks(text || "", new Set(citations.map((c) => c.n))));
  $("citations").replaceChildren(...citations.map(citation));
  $("cited").hidden = citations.length === 0;
  $("nearest").replaceChildren(...nearest.map((n) => el("li", {}, pageLink(n.link || n.url, heading(n)))));
  $("near").hidden = nearest.length === 0;
  setText("facts", facts(data));
  $("result").hidden = false;
  $("result").focus({ preventScroll: true });
}

function modeLabel(data) {
  if (data.mode === "extractive") return "Extractive answer — sentences quoted from the pages";
  if (emulated(data)) return "Written by an emulation of " + data.model.replace(/ \(emulated\)$/, "") + ", not by a model, from the pages below";
  return data.model ? "Answered by " + data.model + " from the pages below" : "";
}

// emulated says whether the demo's stand-in for a model was asked.
function emulated(data) {
  return / \(emulated\)$/.test(data.model || "");
}

function facts(data) {
  const parts = [];
  if (emulated(data) && data.mode === "extractive") parts.push("asked first: " + data.model + ", no model");
  if (data.usage && data.usage.reasoning_tokens > 0) parts.push(data.usage.reasoning_tokens + " reasoning tokens");
  if (data.timings && data.timings.total_ms >= 0) parts.push((data.timings.total_ms / 1000).toFixed(1) + " s");
  if (data.request_id) parts.push("request " + data.request_id);
  return parts.join(" · ");
}

// blocks turns an answer into paragraphs and code blocks.
function blocks(text, known) {
  const out = [];
  text.split(/^```[^\n]*$/m).forEach((part, i) => {
    const trimmed = part.replace(/^\n+|\s+$/g, "");
    if (trimmed === "") return;
    if (i % 2 === 1) {
      out.push(el("pre", {}, el("code", {}, trimmed)));
    } else {
      out.push(...trimmed.split(/\n{2,}/).map((p) => el("p", {}, ...inline(p, known))));
    }
  });
  return out;
}

// inline turns `code` into code and [n] into links to the citations there are.
function inline(text, known) {
  return text.split(/(`[^`\n]+`|\[\d+\])/).map((piece) => {
    if (/^`.+`$/.test(piece)) return el("code", {}, piece.slice(1, -1));
    const n = Number((/^\[(\d+)\]$/.exec(piece) || [])[1]);
    if (known.has(n)) return el("a", { href: "#cite-" + n, className: "ref" }, piece);
    return piece;
  });
}

// heading joins a page's title and its section, "Title > Part" or "Part", and
// says the title once.
function heading(c) {
  const parts = c.section ? c.section.split(" > ") : [];
  if (parts[0] === c.title) parts.shift();
  return [c.title || c.url, ...parts].join(" › ");
}

// pageLink links to web pages only: the address of a file is shown as text.
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
    c.quote ? el("blockquote", {}, c.quote) : null,
    el("p", { className: "faint" }, el("span", { className: c.verified ? "good" : "bad" }, mark), crawled(c), " · " + c.url),
  );
}

function crawled(c) {
  const t = new Date(c.crawled_at || NaN);
  return isNaN(t) ? "" : " · fetched " + t.toLocaleDateString(document.documentElement.lang, { dateStyle: "medium" });
}
