// The search of the documentation: every word of the query begins a word of a part.
// Words in headings count most. Nothing leaves the browser.
const form = document.querySelector('.search');
const input = form.querySelector('input');
const list = form.querySelector('ul');
const shown = 10;
let parts;

const wordsOf = (text) => text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];

async function load() {
  parts ??= fetch(form.dataset.index)
    .then((response) => response.json())
    .then((all) => all.map((part) => ({ ...part, names: wordsOf(part.title + ' ' + part.page), words: wordsOf(part.text) })));
  return parts;
}

// scoreOf returns 0 if the part lacks a word of the query.
function scoreOf(part, query) {
  let sum = 0;
  for (const word of query) {
    const names = part.names.filter((name) => name.startsWith(word)).length;
    const words = part.words.filter((other) => other.startsWith(word)).length;
    if (names + words === 0) return 0;
    sum += 5 * names + Math.log2(1 + words);
  }
  return sum;
}

function item(part, query) {
  const link = document.createElement('a');
  link.href = part.url;
  link.textContent = part.title === part.page ? part.title : part.page + ' › ' + part.title;
  const at = Math.max(0, part.text.toLowerCase().indexOf(query[0]) - 40);
  const excerpt = document.createElement('small');
  excerpt.textContent = (at > 0 ? '…' : '') + part.text.slice(at, at + 140);
  link.append(excerpt);
  const line = document.createElement('li');
  line.append(link);
  return line;
}

async function search() {
  const text = input.value;
  const query = wordsOf(text);
  const found = query.length === 0 ? [] : (await load())
    .map((part) => ({ part, score: scoreOf(part, query) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, shown);
  if (text !== input.value) return; // A later search shows its own results.
  list.replaceChildren(...found.map(({ part }) => item(part, query)));
  if (query.length > 0 && found.length === 0) {
    const line = document.createElement('li');
    line.textContent = 'Nothing found.';
    list.append(line);
  }
  list.hidden = query.length === 0;
}

form.hidden = false;
input.addEventListener('input', search);
form.addEventListener('submit', (event) => {
  event.preventDefault();
  list.querySelector('a')?.click();
});
form.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    input.value = '';
    list.hidden = true;
  }
});
