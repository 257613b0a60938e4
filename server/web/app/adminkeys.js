import { el, iconButton } from "./dom.js";

const scopes = ["search", "ask", "ingest", "admin"];

// keysView lists, makes and removes keys.
export async function keysView(app, view, signal) {
  const { text, api } = app;
  const list = el("div");
  const made = el("div");
  const field = (name, label, help, props) => el("label", {}, text(label), el("input", { name, autocomplete: "off", ...props }), help ? el("span", { class: "faint" }, text(help)) : null);
  const form = el("form", { class: "column" }, field("name", "keyName", null, { required: true, maxLength: 64 }),
    el("fieldset", {}, el("legend", {}, text("scopes")), el("div", { class: "checks" }, ...scopes.map((s) => el("label", { class: "check" }, el("input", { type: "checkbox", name: "scopes", value: s, defaultChecked: s === "search" || s === "ask" }), s)))),
    el("label", {}, text("origins"), el("textarea", { name: "origins", rows: 2 }), el("span", { class: "faint" }, text("originsHelp"))),
    field("limits", "limits", "limitsHelp", {}), field("days", "days", "daysHelp", { type: "number", min: 0, max: 3650 }),
    el("button", { class: "primary" }, text("makeKey")));
  view.append(el("section", {}, el("h2", {}, text("view_keys")), list), el("section", {}, el("h2", {}, text("newKey")), form, made));

  const show = async () => {
    const { keys, allowed_origins } = await api.json("admin/keys", null, signal);
    const rows = keys.map((k) => [k.name, k.id, k.scopes.join(", "), (k.origins || []).join(", "), k.limits || "", app.moment(k.created), app.moment(k.expires), k.today.requests, k.today.tokens, app.sure("removeKey", k.id)]);
    const heads = ["keyName", "keyID", "scopes", "origins", "limits", "created", "expires", "questionsToday", "tokensToday", "remove"];
    list.replaceChildren(rows.length ? app.table(text("view_keys"), heads.map((h) => text(h)), rows) : el("p", { class: "faint" }, text("noKeys")),
      el("p", {}, allowed_origins.length ? text("allowedOrigins", { origins: allowed_origins.join(", ") }) : text("noAllowedOrigins")));
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const data = new FormData(form);
    const lines = data.get("origins").split(/\s+/).filter(Boolean);
    const key = { name: data.get("name").trim(), scopes: data.getAll("scopes"), origins: lines, limits: data.get("limits").trim(), days: Number(data.get("days")) };
    app.try(made, async () => {
      made.replaceChildren();
      const { name, secret } = await api.json("admin/keys", key, signal);
      const copy = iconButton("copy", text("copySecret"), () => navigator.clipboard.writeText(secret).then(() => app.say(text("copied")), () => app.say(text("notCopied"))));
      made.replaceChildren(el("div", { class: "secret", role: "status" }, el("p", {}, text("secretOnce", { name })), el("code", {}, secret), copy));
      form.reset();
      await show();
    });
  });
  list.addEventListener("click", ({ target }) => {
    if (target.name !== "removeKey" || !app.pressed(target)) return;
    app.try(list, async () => {
      await api.json("admin/keys/" + encodeURIComponent(target.value), null, signal, "DELETE");
      app.say(text("removed"));
      await show();
    });
  });
  await show();
}
