// A Thread is the list of questions and answers. It is kept in the browser only.

export const maxTurns = 40;
const maxHistory = 20; // turns; the server takes 40 messages
const maxMessage = 4000; // characters
const maxMessages = 40000;

// isWhole reports whether a kept turn has what is needed to show it.
function isWhole(t) {
  const list = (all) => all === undefined || all === null || (Array.isArray(all) && all.every((c) => c && typeof c === "object"));
  return typeof t?.question === "string" && (!t.data || (typeof t.data === "object" && ["citations", "closest", "nearest", "corrections"].every((name) => list(t.data[name]))));
}

export class Thread {
  constructor(key) {
    this.key = key;
    this.turns = [];
    try {
      const kept = JSON.parse(localStorage.getItem(key) || "[]");
      if (Array.isArray(kept)) this.turns = kept.filter(isWhole).slice(-maxTurns).map((t) => (t.data || t.failure ? t : { ...t, stopped: true }));
    } catch {
      // no storage, or what is in it is not ours
    }
  }

  add(turn) {
    this.turns.push(turn);
    this.turns.splice(0, this.turns.length - maxTurns);
  }

  // cut removes a turn and those behind it.
  cut(turn) {
    const i = this.turns.indexOf(turn);
    if (i >= 0) this.turns.splice(i);
    this.save();
  }

  // save keeps as many of the newest turns as the browser has room for.
  save() {
    for (let turns = this.turns; ; turns = turns.slice(Math.ceil(turns.length / 2))) {
      try {
        if (turns.length === 0) localStorage.removeItem(this.key);
        else localStorage.setItem(this.key, JSON.stringify(turns));
        return;
      } catch {
        if (turns.length === 0) return;
      }
    }
  }

  // history returns what was said before a turn, as the server takes it: the newest, oldest
  // first.
  history(before) {
    const out = [];
    let room = maxMessages;
    const end = this.turns.indexOf(before);
    for (const t of this.turns.slice(0, end < 0 ? undefined : end).reverse().slice(0, maxHistory)) {
      if (!t.data?.answered || !t.data.answer) continue;
      const pair = [t.question, t.data.answer].map((s) => s.slice(0, maxMessage));
      room -= pair[0].length + pair[1].length;
      if (room < 0) break;
      out.unshift({ role: "user", content: pair[0] }, { role: "assistant", content: pair[1] });
    }
    return out;
  }
}
