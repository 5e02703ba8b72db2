// Small custom elements: a time in the reader's zone, a copy button, a link that submits. Pages work without them.

const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

customElements.define("or-time", class extends HTMLElement {
  connectedCallback() {
    const at = new Date(this.getAttribute("datetime"));
    if (Number.isNaN(at.getTime())) return;
    this.textContent = `${day.format(at)} ${clock.format(at)}`;
    this.title = full.format(at);
  }
});

customElements.define("or-copy", class extends HTMLElement {
  connectedCallback() {
    if (this.querySelector(":scope > button")) return;
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy" });
    button.addEventListener("click", async () => {
      const text = this.dataset.text ?? this.querySelector("code")?.textContent ?? "";
      try {
        await navigator.clipboard.writeText(text.trim());
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(this.querySelector("code") ?? this);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1600);
    });
    this.append(button);
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// An address carries only the filters that are set.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.filters, form.period")) return;
  for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
});

document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]")?.dataset.act;
  if (act === "help") document.getElementById("help").showModal();
  if (act === "theme") {
    const root = document.documentElement;
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const order = dark ? ["", "light", "dark"] : ["", "dark", "light"];
    const next = order[(order.indexOf(root.dataset.theme ?? "") + 1) % 3];
    if (next) root.dataset.theme = next; else delete root.dataset.theme;
    try { localStorage.setItem("outrider-theme", next); } catch { /* not kept, then */ }
    document.dispatchEvent(new CustomEvent("or-theme"));
  }
});

// On a phone the pages' bar is wider than the screen: it begins where one is.
const bar = document.querySelector(".rail nav"), here = bar?.querySelector("[aria-current]");
if (here && bar.scrollWidth > bar.clientWidth) bar.scrollLeft = here.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;
