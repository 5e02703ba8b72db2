// Keys for every page; the help dialog in base.html lists them.

const go = { a: "/casebook", n: "/knowledge", r: "/runs", q: "/quality", e: "/experiments", t: "/datasets", v: "/reviews", j: "/judges", c: "/costs", b: "/budgets", d: "/deployments", i: "/approvals", s: "/sessions", o: "/policy", p: "/playground", k: "/keys" };
let prefix = false;

const stops = () => [...document.querySelectorAll("[data-row] .what, .step > summary")].filter((e) => e.checkVisibility());

function step(by) {
  const all = stops();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
  next.focus({ focusVisible: true });
  next.scrollIntoView({ block: "nearest" });
}

const keys = {
  "/": () => { const field = document.querySelector("[data-search]"); if (field) { field.focus(); field.select(); } else location.assign("/runs"); },
  "?": () => document.getElementById("help").showModal(),
  j: () => step(1),
  k: () => step(-1),
  u: () => document.querySelector("[data-up]")?.click(),
  l: () => document.querySelector(".live")?.click(),
  g: () => { prefix = true; setTimeout(() => { prefix = false; }, 1200); },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, dialog[open]")) {
    if (event.key === "Escape" && event.target.matches("input")) event.target.blur();
    return;
  }
  if (prefix && go[event.key]) { event.preventDefault(); location.assign(go[event.key]); return; }
  const act = keys[event.key];
  if (act) { event.preventDefault(); act(); }
});
