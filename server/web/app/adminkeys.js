import { el, iconButton } from "./dom.js";

const scopes = ["search", "ask", "ingest", "admin"];

// keysView lists, makes, rotates and removes keys.
export async function keysView(app, view, signal) {
  const { text, api } = app;
  const list = el("div");
  const made = el("div");
  const overlap = el("select", { name: "overlap" }, ...[1, 7, 30, 0].map((n) => el("option", { value: n }, n ? text("overlapDays", { n }) : text("overlapNone"))));
  const field = (name, label, help, props) => el("label", {}, text(label), el("input", { name, autocomplete: "off", ...props }), help ? el("span", { class: "faint" }, text(help)) : null);
  const form = el("form", { class: "column" }, field("name", "keyName", null, { required: true, maxLength: 64 }),
    el("fieldset", {}, el("legend", {}, text("scopes")), el("div", { class: "checks" }, ...scopes.map((s) => el("label", { class: "check" }, el("input", { type: "checkbox", name: "scopes", value: s, defaultChecked: s === "search" || s === "ask" }), s)))),
    el("label", {}, text("origins"), el("textarea", { name: "origins", rows: 2 }), el("span", { class: "faint" }, text("originsHelp"))),
    field("limits", "limits", "limitsHelp", {}), field("days", "days", "daysHelp", { type: "number", min: 0, max: 3650 }),
    el("button", { class: "primary" }, text("makeKey")));
  view.append(el("section", {}, el("h2", {}, text("view_keys")), list, el("form", { onsubmit: (event) => event.preventDefault() }, el("label", {}, text("overlap"), overlap)), made), el("section", {}, el("h2", {}, text("newKey")), form));

  const show = async () => {
    const { keys, allowed_origins } = await api.json("admin/keys", null, signal);
    const names = new Set();
    const actions = (k) => {
      const newest = !names.has(k.name); // a name has two secrets after a rotation, the newer one first
      names.add(k.name);
      return el("span", { class: "choices" }, newest ? app.sure("rotateKey", k.name) : "", app.sure("removeKey", k.id));
    };
    const rows = keys.map((k) => [k.name, k.id, k.scopes.join(", "), (k.origins || []).join(", "), k.limits || "", app.moment(k.created), app.moment(k.expires), k.today.requests, k.today.tokens, actions(k)]);
    const heads = ["keyName", "keyID", "scopes", "origins", "limits", "created", "expires", "questionsToday", "tokensToday", "actions"];
    list.replaceChildren(rows.length ? app.table(text("view_keys"), heads.map((h) => text(h)), rows) : el("p", { class: "faint" }, text("noKeys")),
      el("p", {}, allowed_origins.length ? text("allowedOrigins", { origins: allowed_origins.join(", ") }) : text("noAllowedOrigins")));
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const data = new FormData(form);
    const lines = data.get("origins").split(/\s+/).filter(Boolean);
    const key = { name: data.get("name").trim(), scopes: data.getAll("scopes"), origins: lines, limits: data.get("limits").trim(), days: Number(data.get("days")) };
    app.try(made, async () => {
      reveal(await api.json("admin/keys", key, signal));
      form.reset();
      await show();
    });
  });
  // reveal shows a secret, which can't be read again.
  const reveal = ({ name, secret }) => {
    const copy = iconButton("copy", text("copySecret"), () => navigator.clipboard.writeText(secret).then(() => app.say(text("copied")), () => app.say(text("notCopied"))));
    made.replaceChildren(el("div", { class: "secret", role: "status" }, el("p", {}, text("secretOnce", { name })), el("code", {}, secret), copy));
    made.scrollIntoView({ block: "nearest" });
  };
  list.addEventListener("click", ({ target }) => {
    if (!["removeKey", "rotateKey"].includes(target.name) || !app.pressed(target)) return;
    app.try(list, async () => {
      if (target.name === "rotateKey") {
        reveal(await api.json("admin/rotate", { name: target.value, days: Number(overlap.value) }, signal));
        // A session ends with the secret that it was made with: what is shown must stay.
        if (target.value !== app.who.key || overlap.value !== "0") await show();
        return;
      }
      await api.json("admin/keys/" + encodeURIComponent(target.value), null, signal, "DELETE");
      app.say(text("removed"));
      await show();
    });
  });
  await show();
}

// logView shows the audit log, newest first.
export async function logView(app, view, signal) {
  const { text, api } = app;
  const body = el("div");
  const heads = ["when", "actor", "action", "object", "detail"].map((h) => text(h));
  const rows = [];
  const told = (action) => {
    const name = "action_" + action.replaceAll(/\W/g, "_");
    return text(name) === name ? action : text(name); // a newer server may do more
  };
  const more = el("button", { type: "button", class: "second" }, text("olderEntries"));
  let after = "";
  const show = async () => {
    const { actions, next } = await api.json("admin/log?after=" + encodeURIComponent(after), null, signal);
    rows.push(...actions.map((a) => [app.moment(a.at), a.actor, told(a.action), el("span", { dir: "auto" }, a.object), el("span", { dir: "auto" }, a.detail || "")]));
    body.replaceChildren(app.table(text("view_log"), heads, rows));
    more.hidden = !next;
    after = next;
  };
  more.addEventListener("click", () => app.try(view, show));
  view.append(el("section", {}, el("h2", {}, text("view_log")), el("p", { class: "faint" }, text("logHelp")), body, more));
  await show();
}
