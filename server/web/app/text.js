// texts returns a function that gives the text of a name in the interface's language,
// with {name} replaced. A text with forms for numbers is an object by plural category.
export function texts(all, language) {
  const plural = new Intl.PluralRules(language);
  return (name, values = {}) => {
    let text = all[name] ?? name;
    if (typeof text === "object") text = text[plural.select(values.n)] ?? text.other;
    return text.replace(/\{(\w+)\}/g, (whole, key) => visible(String(values[key] ?? whole)));
  };
}

// visible returns a text without the marks that would turn the direction of what follows.
export function visible(text) {
  return text.replace(/[\u202a-\u202e\u2066-\u2069]/g, "");
}

// sentence returns a message of the server, which begins in lower case, as a sentence.
export function sentence(message) {
  return message[0].toUpperCase() + message.slice(1) + (/[.!?:…]$/.test(message) ? "" : ".");
}

// dateOf formats a date of the server, or returns "" if there is none.
export function dateOf(date, language) {
  const t = new Date(date || NaN);
  return isNaN(t) ? "" : t.toLocaleDateString(language, { dateStyle: "medium" });
}

// headingOf joins a page's title and its section, without the title twice.
export function headingOf(c) {
  const parts = c.section ? c.section.split(" > ") : [];
  if (parts[0] === c.title) parts.shift();
  return [c.title || c.url, ...parts];
}

// plain returns Markdown without its marks, for a line of a search result.
export function plain(markdown) {
  return markdown
    .replace(/!?\[([^\]\n]*)\]\([^)\s]*\)/g, "$1")
    .replace(/^\s*(```|~~~).*$|^[ |:-]+$/gm, " ")
    .replace(/^\s*(#{1,6}|>|[-*+]|\d+[.)])\s+|[*`|]|(?<!\w)_|_(?!\w)/gm, "")
    .replace(/\s+/g, " ")
    .trim();
}
