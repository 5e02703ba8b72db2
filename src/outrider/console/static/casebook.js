// <or-book>: search while typing, without a reload; the address always says what is shown. Works as plain links without.

const PAUSE = 140;

customElements.define("or-book", class extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.field = this.form.elements.q;
    this.found = this.querySelector("#found");
    this.form.addEventListener("submit", (event) => {
      if (event.submitter?.hasAttribute("formaction")) return;
      event.preventDefault();
      this.typed(true);
    });
    this.field.addEventListener("input", () => { clearTimeout(this.timer); this.timer = setTimeout(() => this.typed(false), PAUSE); });
    this.addEventListener("click", (event) => this.followed(event));
    this.addEventListener("keydown", (event) => this.pressed(event));
    addEventListener("popstate", () => this.load(location.href, "none"));
  }

  typed(whole) {
    clearTimeout(this.timer);
    const address = new URL(this.form.action);
    for (const field of this.form.elements) if (field.name && field.value.trim()) address.searchParams.set(field.name, field.value.trim());
    if (address.href !== location.href || whole) this.load(address.href, this.typing ? "replace" : "push", true);
    this.typing = !whole;
  }

  followed(event) {
    const link = event.target.closest("a[data-book]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    this.typing = false;
    this.load(link.href, "push");
  }

  /** Arrows lead from the field into the results and through them. */
  pressed(event) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const all = [...this.found.querySelectorAll(".case .what")];
    const at = all.indexOf(document.activeElement);
    if (event.target !== this.field && at < 0) return;
    event.preventDefault();
    const next = event.key === "ArrowDown" ? all[at + 1] ?? all[at] : all[at - 1] ?? this.field;
    next?.focus({ focusVisible: true });
    next?.scrollIntoView({ block: "nearest" });
  }

  async load(href, history_, typed = false) {
    this.asking?.abort();
    const asking = this.asking = new AbortController();
    try {
      const headers = { "hx-request": "true", "hx-current-url": location.href };
      const answer = await fetch(href, { headers, signal: asking.signal });
      const elsewhere = answer.headers.get("hx-redirect");
      if (elsewhere) { location.assign(elsewhere); return; }
      const text = await answer.text();
      if (!answer.ok) { location.assign(href); return; }
      const open = this.found.querySelector(".facets-fold")?.open;
      this.found.innerHTML = text;
      const fold = this.found.querySelector(".facets-fold");
      if (fold && open) fold.open = true;
      globalThis.htmx?.process(this.found);
      if (history_ !== "none") history[`${history_}State`](null, "", href);
      if (!typed) this.field.value = new URL(href).searchParams.get("q") ?? "";
    } catch (error) {
      if (error.name !== "AbortError") location.assign(href);
    }
  }
});
