// The page at "/".
import { API } from "./api.js";
import "./app.js";
import { visible } from "./text.js";

const settings = JSON.parse(document.getElementById("settings").textContent);
const title = document.title;
const asked = new URLSearchParams(location.search);
const scope = Object.fromEntries(["source", "version", "lang"].map((name) => [name, asked.get(name) || ""]));
const app = Object.assign(document.createElement("citewell-app"), { api: new API(new URL(".", location.href).href, ""), settings, scope, pageAddress: location.origin + location.pathname });

const entitle = (question) => (document.title = question ? visible(question).slice(0, 80) + " – " + title : title);

// The address has the last question, so that it can be kept and sent to others.
app.addEventListener("citewell-asked", ({ detail: question }) => {
  const url = new URL(location.href);
  if (question) url.searchParams.set("q", question);
  else url.searchParams.delete("q");
  url.hash = "";
  history.replaceState(null, "", url.href.length < 8000 ? url : location.pathname);
  entitle(question);
});
document.querySelector("main").replaceChildren(app);

const question = (asked.get("q") || "").trim().slice(0, 8000);
entitle(question);
if (question && app.thread.turns.at(-1)?.question !== question) app.ask(question);
else {
  app.turns.lastElementChild?.scrollIntoView();
  app.box.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof Element && event.target.closest("input, textarea, select");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  app.box.focus();
  app.box.select();
});
