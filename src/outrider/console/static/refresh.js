// <or-refresh src target>: keeps a piece of the page up to date while it is seen. Forms stand outside of the piece.

const EVERY = 2000;

customElements.define("or-refresh", class extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.button = Object.assign(document.createElement("button"), { type: "button", className: "live" });
    this.dot = Object.assign(document.createElement("span"), { className: "dot" });
    this.word = document.createElement("span");
    this.button.append(this.dot, this.word);
    this.button.addEventListener("click", () => this.say(this.button.getAttribute("aria-pressed") !== "true"));
    this.append(this.button);
    this.say(true);
    this.timer = setInterval(() => this.look(), EVERY);
  }

  disconnectedCallback() { clearInterval(this.timer); }

  say(on, word = on ? "Live" : "Paused") {
    this.button.classList.toggle("away", word === "Reconnecting");
    this.button.setAttribute("aria-pressed", on);
    this.word.textContent = word;
  }

  async look() {
    if (this.asking || document.hidden || this.button.getAttribute("aria-pressed") !== "true") return;
    this.asking = true;
    try {
      const headers = { "hx-request": "true", "hx-current-url": location.href };
      const answer = await fetch(this.getAttribute("src"), { headers });
      const elsewhere = answer.headers.get("hx-redirect");
      if (elsewhere) { location.assign(elsewhere); return; }
      if (answer.status === 404) { location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      this.show(await answer.text());
      this.say(true);
    } catch {
      this.say(true, "Reconnecting");
    } finally {
      this.asking = false;
    }
  }

  /** Only what has changed is replaced, and not under a reader who has the focus there. */
  show(text) {
    const target = document.querySelector(this.getAttribute("target"));
    if (!target || text === this.last || target.contains(document.activeElement)) return;
    if (this.last !== undefined || target.innerHTML !== text) target.innerHTML = text;
    this.last = text;
  }
});
