// Asks a server in browsers, as readers do: on its page in Firefox, and by the widget in
// the sites that documentation generators have built. The arguments are the server's base
// URL, the address that the sites are served at, a folder with one site a folder, and the
// browsers to use.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import puppeteer from "puppeteer-core";

const [base, sitesURL, folder, ...browsers] = process.argv.slice(2);
const question = "What happens when I ingest a page twice?";
// In words of its own for each browser: an answer that is there comes in one piece.
const questions = { chrome: "What happens if a page is ingested twice?", firefox: "What happens when I ingest one page twice?" };
const patience = { timeout: 60_000 };
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

// The sites name an address that is nobody's: here it is the server's.
let site = "";
const sites = createServer(async (req, res) => {
  const path = normalize(new URL(req.url, sitesURL).pathname).replace(/\/$/, "/index.html");
  try {
    const body = await readFile(join(folder, site, path));
    res.setHeader("Content-Type", types[extname(path)] ?? "application/octet-stream");
    res.end(extname(path) === ".html" ? body.toString().replaceAll("https://help.example.com", base) : body);
  } catch {
    res.writeHead(404).end();
  }
}).listen(new URL(sitesURL).port, "127.0.0.1");

for (const browser of browsers) {
  const executablePath = { firefox: "/usr/bin/firefox-esr", chrome: "/usr/bin/chromium" }[browser];
  if (!existsSync(executablePath)) {
    assert.ok(!process.env.CITEWELL_REQUIRE_BROWSER, executablePath + " does not exist");
    console.log(`SKIPPED ${browser}: ${executablePath} does not exist`);
    continue;
  }
  const running = await puppeteer.launch({ browser, executablePath, args: browser === "chrome" ? ["--no-sandbox"] : [] });
  try {
    const name = await running.version();
    await asks(running, questions[browser]);
    console.log(`${name}: search, answer, citation and passage: ok`);
    for (site of await readdir(folder)) {
      await embeds(running);
      console.log(`${name}: widget in ${site}: ok`);
    }
  } finally {
    await running.close();
  }
}
sites.close();

// open opens an address. The page's complaints about the server and its scripts are in
// page.complaints.
async function open(browser, address) {
  const page = await browser.newPage();
  page.complaints = [];
  const complain = (text) => text.includes(base) && page.complaints.push(text);
  page.on("pageerror", (err) => complain(err + " " + err.stack));
  page.on("console", (message) => message.type() === "error" && complain(message.text() + " " + message.location().url));
  await page.goto(address);
  return page;
}

// asks goes the way of a reader: search, ask, look at a citation, come back.
async function asks(browser, question) {
  const page = await open(browser, base + "/");
  await page.type("textarea", "ingest twice");
  await page.waitForSelector("citewell-search .pages mark", patience);
  await page.evaluate(() => {
    const { prototype } = customElements.get("citewell-turn");
    const { arrived } = prototype;
    window.pieces = 0; // of the answer
    prototype.arrived = function (...all) {
      window.pieces++;
      arrived.apply(this, all);
    };
    document.querySelector("textarea").value = "";
  });
  await page.type("textarea", question);
  await page.keyboard.press("Enter");
  await page.waitForSelector("citewell-turn .actions", patience);
  const pieces = await page.evaluate(() => window.pieces);
  assert.ok(pieces > 2, `the answer came in ${pieces} pieces`);
  await checkPassage(page, () => document);
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.querySelector("dialog").open && document.activeElement.classList.contains("ref"), patience);
  await page.reload();
  await page.waitForFunction((q) => document.querySelector("citewell-turn h2")?.textContent === q && document.querySelector("citewell-turn .ref"), patience, question);
  assert.deepEqual(page.complaints, []);
  await page.close();
}

// embeds asks by the widget of a site.
async function embeds(browser) {
  const page = await open(browser, sitesURL + "/");
  const opener = await page.waitForFunction(() => document.querySelector("citewell-ask")?.shadowRoot.querySelector(".opener"), patience);
  await opener.click();
  await page.waitForFunction(() => document.querySelector("citewell-ask").shadowRoot.activeElement?.tagName === "TEXTAREA", patience);
  await page.keyboard.type(question);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("citewell-ask").shadowRoot.querySelector(".actions"), patience);
  await checkPassage(page, () => document.querySelector("citewell-ask").shadowRoot);
  assert.deepEqual(page.complaints, []);
  await page.close();
}

// checkPassage opens the first citation, whose quote is marked in its passage. The root
// is where the elements are.
async function checkPassage(page, root) {
  const shown = await page.evaluate(`(() => {
    const root = (${root})();
    root.querySelector(".ref").click();
    const dialog = root.querySelector("citewell-passage dialog");
    const letters = (s) => s.replace(/[^\\p{L}\\p{N}]/gu, "");
    return { open: dialog.open, verdict: dialog.querySelector(".good")?.textContent, marked: [...dialog.querySelectorAll("mark")].map((m) => m.textContent).join("") };
  })()`);
  assert.equal(shown.open, true);
  assert.match(shown.verdict ?? "", /✓/);
  assert.ok(shown.marked.length > 10, "marked is " + shown.marked);
}
