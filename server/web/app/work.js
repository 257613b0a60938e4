// A proof of work, as package proof of the server describes it.
import { Failure } from "./failure.js";

// prove returns the proof of a challenge. The browser computes it beside the page, which
// goes on; it offers that to pages over https and of the own machine alone.
export async function prove(challenge, signal) {
  if (!window.crypto?.subtle) throw new Failure("needsHTTPS");
  const [parts, zeroBits, iterations] = challenge.split(".").map(Number);
  const bytes = (text) => new TextEncoder().encode(text);
  const key = await crypto.subtle.importKey("raw", bytes(challenge), "PBKDF2", false, ["deriveBits"]);
  const find = async (part) => {
    for (let n = 0; ; n++) {
      if (signal.aborted) throw new DOMException("stopped", "AbortError");
      const hash = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: bytes(part + "." + n), iterations }, key, 32);
      if (new Uint8Array(hash)[0] >> (8 - zeroBits) === 0) return n;
    }
  };
  const numbers = await Promise.all(Array.from({ length: parts }, (_, part) => find(part)));
  return [challenge, ...numbers].join(".");
}
