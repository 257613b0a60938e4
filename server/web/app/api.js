// The server's side: requests, streams of events, and errors in one form.
import { Failure } from "./failure.js";
import { prove } from "./work.js";

// maxProofs is how often a question is asked again with a proof of work: the server may
// have begun anew meanwhile, or the address of the reader may have changed.
const maxProofs = 3;

// silenceMS is how long a stream may be silent; the server sends a comment more often.
const silenceMS = 60000;

export class API {
  // base is the address of the server with "/" at its end; key is a key for readers.
  constructor(base, key) {
    this.base = base;
    this.key = key;
  }

  // request posts a body, or gets without one, and returns the response.
  async request(path, body, signal, accept = "application/json", method = body ? "POST" : "GET", more = {}) {
    const headers = { Accept: accept, ...more };
    if (body) headers["Content-Type"] = "application/json";
    if (this.key) headers.Authorization = "Bearer " + this.key;
    let res;
    try {
      res = await fetch(this.base + path, { method, headers, signal, body: body && JSON.stringify(body, wellFormed), credentials: this.key ? "omit" : "same-origin" });
    } catch (err) {
      if (err.name === "AbortError") throw err;
      throw new Failure(navigator.onLine ? "unreachable" : "offline");
    }
    if (!res.ok) throw await failureOf(res);
    return res;
  }

  // question posts a question, with a proof of work if the server asks for one.
  async question(body, signal, accept) {
    let proof = {};
    for (let left = maxProofs; ; left--) {
      try {
        return await this.request("v1/ask", body, signal, accept, "POST", proof);
      } catch (err) {
        if (!err.challenge || left === 0) throw err;
        proof = { "Citewell-Proof": await prove(err.challenge, signal) };
      }
    }
  }

  async json(path, body, signal, method) {
    const res = await this.request(path, body, signal, undefined, method);
    try {
      return await res.json();
    } catch (err) {
      throw err.name === "AbortError" ? err : new Failure("lost");
    }
  }

  page(language) {
    return this.json("v1/page?lang=" + encodeURIComponent(language));
  }

  search(query, filter, signal) {
    return this.json("v1/search", { query, k: 10, filter, typing: true }, signal);
  }

  vote(request_id, vote, comment) {
    return this.json("v1/feedback", { request_id, vote, comment: comment || undefined });
  }

  // ask asks and calls on(name, data) for each event. It returns the answer. A browser
  // that can't read streams gets the answer at once.
  async ask(question, signal, on) {
    const streams = "body" in Response.prototype && typeof TextDecoderStream === "function";
    const end = new AbortController();
    signal.addEventListener("abort", () => end.abort());
    let timer;
    const heard = () => {
      clearTimeout(timer);
      if (streams) timer = setTimeout(() => end.abort(), silenceMS);
    };
    try {
      heard();
      const res = await this.question({ ...question, html: true }, end.signal, streams ? "text/event-stream" : "application/json");
      const asked = res.headers.get("Date"); // the clock of the reader may be wrong
      if (!(res.headers.get("Content-Type") || "").startsWith("text/event-stream")) return { ...(await res.json()), asked };
      for await (const event of events(res.body, heard)) {
        if (event.name === "done") return { ...event.data, asked };
        if (event.name === "error") throw new Failure("refused", { ...event.data.error, id: event.data.request_id });
        on(event.name, event.data);
      }
    } catch (err) {
      if (signal.aborted || err instanceof Failure) throw err;
    } finally {
      clearTimeout(timer);
    }
    throw new Failure("lost");
  }
}

// wellFormed returns a text without halves of characters, which JSON can't carry. Other
// values stay as they are.
export function wellFormed(name, text) {
  if (typeof text !== "string") return text;
  return text.toWellFormed ? text.toWellFormed() : text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}

async function failureOf(res) {
  let data = {};
  try {
    data = await res.json();
  } catch {
    // a proxy answers with a page of its own
  }
  const details = { ...data.error, id: data.request_id, status: res.status, challenge: res.headers.get("Citewell-Challenge") };
  if (res.status === 429) return new Failure("tooMany", { ...details, seconds: Math.min(Number(res.headers.get("Retry-After")) || 10, 3600) });
  return new Failure(data.error?.message ? "refused" : "broken", details);
}

// events reads server-sent events with JSON data, and calls heard when something came.
async function* events(body, heard) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    const parts = (rest + value).split(/\r?\n\r?\n/);
    rest = parts.pop();
    for (const part of parts) {
      const fields = new Map(part.split(/\r?\n/).map((line) => line.split(/: ?(.*)/s, 2)));
      if (fields.has("data")) yield { name: fields.get("event"), data: JSON.parse(fields.get("data")) };
    }
  }
}
