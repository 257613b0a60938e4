import { el, morph } from "./dom.js";

const pollMS = 2000; // between two looks at the jobs
const over = new Set(["done", "failed", "canceled", "interrupted"]);

// sourcesView shows the sources of the index and the jobs that change it, as they go on.
export function sourcesView(app, view, signal) {
  const { text, api } = app;
  const address = el("input", { type: "url", name: "target", required: true, maxLength: 2048, placeholder: "https://docs.example.com/" });
  const sources = el("div");
  const problems = el("div");
  const jobs = el("div");
  const form = el("form", {}, el("label", { class: "wide" }, text("ingestAddress"), address), el("button", { class: "primary" }, text("ingest")));
  view.append(el("section", {}, el("h2", {}, text("view_sources")), sources, form, problems), el("section", {}, el("h2", {}, text("jobs")), jobs));

  let left = new Set(); // ids of jobs that were not over
  const showJobs = async () => {
    const list = (await api.json("admin/ingest?limit=20", null, signal)).jobs;
    const open = new Set(list.filter((j) => !over.has(j.state)).map((j) => j.id));
    const ended = list.filter((j) => left.has(j.id) && over.has(j.state));
    left = open;
    morph(jobs, [list.length ? jobTable(app, list) : el("p", { class: "faint" }, text("noJobs"))]);
    for (const j of ended) app.say(text("jobEnded", { what: subject(j), state: text("state_" + j.state) }));
    if (ended.length) await showSources();
  };
  const showSources = async () => {
    const { configured, sources: all } = await api.json("admin/sources", null, signal);
    const rows = all.map((s) => [s.source, Object.values(s.decisions).reduce((a, b) => a + b, 0), Object.entries(s.decisions).sort().map(([d, n]) => `${n} ${d}`).join(", "), s.chunks, app.moment(s.crawled_at)]);
    const again = configured.map((name) => el("button", { type: "button", class: "second", name: "configured", value: name }, text("ingestAgain", { name })));
    morph(sources, [rows.length ? app.table(text("view_sources"), [text("source_"), text("pages"), text("decisions"), text("chunks"), text("lastFetched")], rows) : el("p", { class: "faint" }, text("noSources")), el("div", { class: "tools" }, ...again)]);
  };
  const start = (request) => app.try(problems, async () => {
    await api.json("admin/ingest", request, signal);
    address.value = "";
    await showJobs();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    start({ targets: [address.value] });
  });
  sources.addEventListener("click", ({ target }) => target.name === "configured" && start({ configured: target.value }));
  jobs.addEventListener("click", ({ target }) => {
    if (target.name !== "cancelJob") return;
    app.try(problems, async () => {
      await api.json("admin/ingest/" + encodeURIComponent(target.value), null, signal, "DELETE");
      await showJobs();
    });
  });

  const watch = async () => {
    if (signal.aborted) return;
    if (!document.hidden) await app.try(jobs, showJobs);
    if (!signal.aborted) setTimeout(watch, pollMS);
  };
  app.try(problems, showSources);
  watch();
}

// subject names what a job reads.
function subject(job) {
  return job.configured || (job.request?.targets || []).join(", ") || job.id;
}

function jobTable(app, list) {
  const { text } = app;
  return app.table(text("jobs"), [text("job"), text("state"), text("progress"), text("started"), text("cancel")],
    list.map((j) => [subject(j), text(j.canceling ? "canceling" : "state_" + j.state), progress(app, j), app.moment(j.started || j.created), over.has(j.state) || j.canceling ? "" : el("button", { type: "button", class: "second", name: "cancelJob", value: j.id }, text("cancelJob"))]));
}

// progress shows how far a job has come, or what it did.
function progress(app, job) {
  const { text } = app;
  const { report: r, progress: p } = job;
  if (job.error) return el("span", { class: "bad" }, job.error);
  if (r) return text("jobReport", { indexed: r.indexed, unchanged: r.unchanged, skipped: r.skipped, failed: r.failed, pruned: r.pruned });
  if (!p) return "";
  const done = p.stored + p.unchanged + p.failed;
  const told = text("jobProgress", { done, found: p.found });
  return el("span", {}, el("progress", { value: done, max: Math.max(p.found, 1), "aria-label": told }), " " + told);
}
