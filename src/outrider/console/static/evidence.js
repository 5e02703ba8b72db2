// Passages on hover, tap and click. Without scripts the same buttons open the same cards (`popovertarget`).

const QUIET = 180;
let timer, pinned;

const card = (button) => document.getElementById(button.getAttribute("popovertarget"));
const narrow = matchMedia("(max-width: 860px)");

/** Below the button if there is room, above it if not. */
function place(button, shown) {
  if (narrow.matches) { shown.style.removeProperty("left"); shown.style.removeProperty("top"); shown.style.removeProperty("margin"); return; }
  const at = button.getBoundingClientRect(), size = shown.getBoundingClientRect();
  const below = at.bottom + 8, above = at.top - size.height - 8;
  shown.style.margin = "0";
  shown.style.left = `${Math.max(12, Math.min(at.left, innerWidth - size.width - 12))}px`;
  shown.style.top = `${below + size.height < innerHeight || above < 8 ? below : above}px`;
}

function show(button) {
  const wanted = card(button);
  if (!wanted || wanted.matches(":popover-open")) return;
  wanted.showPopover();
  place(button, wanted);
}

document.addEventListener("pointerover", (event) => {
  const button = event.pointerType === "mouse" && event.target.closest?.("[popovertarget].ev, [popovertarget].cite");
  if (!button) return;
  clearTimeout(timer);
  timer = setTimeout(() => show(button), QUIET);
});

document.addEventListener("pointerout", (event) => {
  if (event.pointerType !== "mouse" || !event.target.closest?.("[popovertarget], .ev-card")) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    const open = document.querySelector(".ev-card:popover-open");
    if (open && open !== pinned && !open.matches(":hover") && !document.querySelector(`[popovertarget="${open.id}"]:hover`)) open.hidePopover();
  }, QUIET * 2);
});

// A click keeps the card open until something else is clicked.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[popovertarget].ev, [popovertarget].cite");
  if (button) {
    event.preventDefault();
    clearTimeout(timer);
    const wanted = card(button);
    if (pinned === wanted && wanted?.matches(":popover-open")) { wanted.hidePopover(); return; }
    show(button);
    pinned = wanted;
    return;
  }
  const close = event.target.closest?.("[data-close]");
  if (close) close.closest("[popover]")?.hidePopover();
});

document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.(".ev-card")) return;
  for (const button of document.querySelectorAll(`[popovertarget="${event.target.id}"]`)) button.setAttribute("aria-expanded", event.newState === "open");
  const number = event.target.id.split("-").pop();
  for (const mark of document.querySelectorAll(`.told mark[data-passages~="${number}"]`)) mark.classList.toggle("now", event.newState === "open");
  if (event.newState === "closed" && pinned === event.target) pinned = null;
}, true);

addEventListener("scroll", () => { if (!narrow.matches) document.querySelector(".ev-card:popover-open")?.hidePopover(); }, { passive: true });

// <or-ask src>: a streamed answer, sentence by sentence; the pieces are rendered by the server. Without scripts the form
// leads to a page with the whole answer.
customElements.define("or-ask", class extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.ask(); });
    addEventListener("pagehide", () => this.source?.close());
    addEventListener("popstate", () => location.reload());
  }

  disconnectedCallback() { this.source?.close(); }

  ask() {
    const words = new URLSearchParams(new FormData(this.form));
    const address = `${this.form.getAttribute("action")}?${words}`, part = this.querySelector("[data-part=answer]");
    this.source?.close();
    history.pushState(null, "", address);
    this.querySelector(".examples")?.remove();
    const panel = Object.assign(document.createElement("section"), { className: "panel" });
    const text = Object.assign(document.createElement("div"), { className: "busy" });
    const answer = Object.assign(document.createElement("div"), { className: "answer" });
    answer.append(text);
    panel.append(answer);
    panel.setAttribute("aria-busy", "true");
    part.replaceChildren(panel);
    const source = this.source = new EventSource(`${this.getAttribute("src")}?${words}`);
    source.addEventListener("sentence", (event) => { text.insertAdjacentHTML("beforeend", `${event.data} `); });
    source.addEventListener("whole", (event) => { source.close(); part.innerHTML = event.data; });
    source.onerror = () => { source.close(); if (text.isConnected) location.assign(address); };
  }
});
