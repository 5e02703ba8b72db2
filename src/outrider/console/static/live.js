// <or-live>: follows the journal and puts new rows on top. The browser reconnects with Last-Event-ID by itself.

const MOST = 1000;

customElements.define("or-live", class extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.last = Number(this.getAttribute("after"));
    this.button = Object.assign(document.createElement("button"), { type: "button", className: "live" });
    this.dot = Object.assign(document.createElement("span"), { className: "dot" });
    this.word = document.createElement("span");
    this.button.append(this.dot, this.word);
    this.button.addEventListener("click", () => (this.source ? this.stop() : this.start()));
    this.append(this.button);
    this.start();
    addEventListener("pagehide", () => this.source?.close());
    addEventListener("pageshow", (event) => { if (event.persisted && this.source) this.start(); });
  }

  disconnectedCallback() { this.source?.close(); }

  start() {
    const address = new URL(this.getAttribute("src"), location);
    address.searchParams.set("after", this.last);
    this.source?.close();
    this.source = new EventSource(address);
    this.source.onopen = () => this.say(true, "Live");
    this.source.onerror = () => {
      this.button.classList.add("away");
      this.word.textContent = "Reconnecting";
      if (this.source?.readyState === EventSource.CLOSED) this.again(address);
    };
    this.source.addEventListener("run", (event) => this.add(event));
    this.say(true, "Live");
  }

  /** The browser gave up. If that is because the session ended, the page says so; else try on. */
  async again(address) {
    const answer = await fetch(address, { method: "HEAD" }).catch(() => null);
    if (answer?.redirected) location.reload();
    else setTimeout(() => this.source && this.start(), 3000);
  }

  stop() {
    this.source.close();
    this.source = null;
    this.say(false, "Paused");
  }

  say(on, word) {
    this.button.classList.remove("away");
    this.button.setAttribute("aria-pressed", on);
    this.word.textContent = word;
  }

  add(event) {
    this.last = Number(event.lastEventId) || this.last;
    const list = document.querySelector(this.getAttribute("target"));
    const piece = document.createRange().createContextualFragment(event.data);
    const row = piece.querySelector("[data-row]");
    if (!list || !row) return;
    const empty = document.querySelector("section.empty");
    if (empty) { location.reload(); return; }
    const old = document.getElementById(row.id);
    if (old) { old.replaceWith(row); return; }
    row.classList.add("new");
    list.prepend(row);
    if (list.children.length > MOST) location.reload(); // bounded, and the link to older runs stays right
  }
});
