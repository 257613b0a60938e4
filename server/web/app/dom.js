// What all parts need to build elements. Text is inserted as text; the HTML of the
// server is copied element by element, and only what the lists below name.

// el creates an element. Keys of props that begin with "on" are listeners, class and
// those with a dash are attributes, others are properties. Strings become text nodes.
export function el(tag, props = {}, ...children) {
  const e = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined) continue;
    if (key.startsWith("on")) e.addEventListener(key.slice(2), value);
    else if (key.includes("-") || key === "class" || key === "role" || key === "part") e.setAttribute(key, value);
    else e[key] = value;
  }
  e.append(...children.filter((c) => c !== null && c !== undefined && c !== ""));
  return e;
}

// icons are paths in a box of 24 by 24.
const icons = {
  up: "M3.5 10.5h4v9h-4zM7.5 11l4-7.5c1.5 0 2.4 1.2 2.1 2.6L12.8 10h5.4c1.3 0 2.2 1.2 1.9 2.4l-1.4 5.6c-.2.9-1 1.5-1.9 1.5H7.5",
  down: "M20.5 13.5h-4v-9h4zM16.5 13l-4 7.5c-1.5 0-2.4-1.2-2.1-2.6l.8-3.9H5.8c-1.3 0-2.2-1.2-1.9-2.4l1.4-5.6c.2-.9 1-1.5 1.9-1.5h9.3",
  copy: "M9 9h10v11H9zM5 15V4h10",
  share: "M12 15V4M8 7.5 12 3.5l4 4M5 12v8h14v-8",
  edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  again: "M19 12a7 7 0 1 1-2-5M19 3v5h-5",
  close: "M6 6l12 12M18 6 6 18",
  plus: "M12 5v14M5 12h14",
  ask: "M5 12h13M12 6l6 6-6 6",
  stop: "M7 7h10v10H7z",
  back: "M14 6l-6 6 6 6",
  next: "M10 6l6 6-6 6",
  chat: "M4 5h16v11H10l-4 4v-4H4z",
};

export function icon(name) {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  const path = document.createElementNS(ns, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", icons[name]);
  svg.append(path);
  return svg;
}

// iconButton is a button without words; its label is read out and shown as a hint.
export function iconButton(name, label, onclick, props = {}) {
  return el("button", { type: "button", class: "icon", "aria-label": label, title: label, onclick, ...props }, icon(name));
}

// isWeb reports whether an address is that of a web page.
export function isWeb(address) {
  return /^https?:\/\//i.test(address || "");
}

// link leads only to web pages. The address of a file is shown as text.
export function link(address, ...children) {
  if (!isWeb(address)) return el("span", {}, ...children);
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

const tags = new Set("P BR HR H3 H4 H5 H6 BLOCKQUOTE UL OL LI PRE CODE EM STRONG DEL TABLE THEAD TBODY TR TH TD SUP DIV SPAN A INPUT".split(" "));
const attributes = ["class", "start", "align", "checked", "disabled"];

const inert = (() => {
  const parser = new DOMParser();
  const parse = (html) => parser.parseFromString(html, "text/html").body;
  if (!window.trustedTypes) return parse;
  let policy;
  // Pages that require trusted types name the policies that they allow.
  return (html) => parse((policy ??= trustedTypes.createPolicy("citewell", { createHTML: (s) => s })).createHTML(html));
})();

// safe returns the nodes of HTML from the server. Ids get a prefix, since several answers
// are on one page, and links to them become buttons.
export function safe(html, prefix, text) {
  return [...inert(html).childNodes].flatMap((n) => copy(n, prefix, text));
}

function copy(node, prefix, text) {
  if (node.nodeType === Node.TEXT_NODE) return [document.createTextNode(node.data)];
  if (node.nodeType !== Node.ELEMENT_NODE || !tags.has(node.tagName)) return [];
  const href = node.getAttribute("href") || "";
  const inside = href.startsWith("#"); // a shadow tree has no fragments: the turn follows it
  const e = document.createElement(inside ? "button" : node.tagName);
  for (const name of attributes) if (node.hasAttribute(name)) e.setAttribute(name, node.getAttribute(name));
  if (node.id) e.id = prefix + node.id;
  if (inside) Object.assign(e, { type: "button" }).setAttribute("data-to", prefix + href.slice(1));
  else if (isWeb(href)) Object.assign(e, { href, target: "_blank", rel: "noopener noreferrer" });
  if (node.tagName === "INPUT") Object.assign(e, { type: "checkbox", disabled: true, ariaLabel: text(node.checked ? "done" : "notDone") });
  e.append(...[...node.childNodes].flatMap((n) => copy(n, prefix, text)));
  if (e.className === "footnote-ref") e.textContent = text("footnote", { n: e.textContent }); // a number alone is that of a citation
  if (e.className === "footnote-backref") e.ariaLabel = text("footnoteBack");
  if (node.tagName === "PRE") {
    e.tabIndex = 0; // it scrolls
    return [el("div", { class: "code" }, iconButton("copy", text("copyCode"), null, { class: "icon copy" }), e)];
  }
  if (node.tagName === "TABLE") return [el("div", { class: "table", tabIndex: 0, role: "group", "aria-label": text("table") }, e)];
  return [e];
}

// morph makes the children of an element, from one on, equal to nodes and keeps those
// that already are, so that a selection survives and nothing flickers.
export function morph(parent, nodes, from = 0) {
  const old = [...parent.childNodes].slice(from);
  nodes.forEach((n, i) => {
    const o = old[i];
    if (!o) parent.append(n);
    else if (o.nodeType !== n.nodeType || o.nodeName !== n.nodeName) o.replaceWith(n);
    else if (o.nodeType === Node.TEXT_NODE) {
      if (o.data !== n.data) o.data = n.data;
    } else {
      for (const a of [...o.attributes]) if (!n.hasAttribute(a.name)) o.removeAttribute(a.name);
      for (const a of n.attributes) if (o.getAttribute(a.name) !== a.value) o.setAttribute(a.name, a.value);
      if (o.nodeName !== "svg") morph(o, [...n.childNodes]);
    }
  });
  for (const o of old.slice(nodes.length)) o.remove();
}

// markText marks the first place of a text, whatever white space it has there. It
// returns the first mark, or null.
export function markText(root, wanted) {
  const want = wanted.replace(/\s/g, "");
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT, (n) => (n.parentElement.closest("button") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
  const nodes = [];
  let all = "";
  for (let n; (n = walker.nextNode()); ) {
    nodes.push([all.length, n]);
    all += n.data.replace(/\s/g, "");
  }
  const from = want ? all.indexOf(want) : -1;
  if (from < 0) return null;
  let first = null;
  for (const [at, n] of nodes) {
    const begin = offset(n.data, from - at);
    const end = offset(n.data, from + want.length - at, true);
    if (begin >= end || !n.data.slice(begin, end).trim()) continue;
    const part = n.splitText(begin);
    part.splitText(end - begin);
    const mark = el("mark");
    part.replaceWith(mark);
    mark.append(part);
    first ??= mark;
  }
  return first;
}

// offset returns where the nth character that is no white space stands in a text; with
// behind, the end of the one before.
function offset(text, n, behind = false) {
  if (n <= 0) return 0;
  for (let i = 0; i < text.length; i++) {
    if (/\s/.test(text[i])) continue;
    if (behind && --n === 0) return i + 1;
    if (!behind && n-- === 0) return i;
  }
  return text.length;
}

// markWords returns nodes of a text with the words of a search marked.
export function markWords(text, query) {
  const words = [...new Set((query.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) || []))].sort((a, b) => b.length - a.length).slice(0, 32);
  if (words.length === 0) return [text];
  const form = new RegExp("(?<![\\p{L}\\p{N}_])(" + words.join("|") + ")", "giu");
  return text.split(form).map((part, i) => (i % 2 ? el("mark", {}, part) : part));
}
