// Reviewing by keyboard: 1 to 9 answer, j and k move between fields, Enter sends, s passes, u takes the last one back.
// Without this file the form itself works.

const form = document.getElementById("review");
const fields = form ? [...form.querySelectorAll("[data-field]")] : [];
let here = Math.max(0, fields.findIndex((one) => !one.querySelector("input:checked, input[type=number], textarea")));
let going = false; // after g the next key leads to another page
let sent = false;

function show() {
  fields.forEach((one, at) => one.toggleAttribute("data-here", at === here));
}

function move(by) {
  if (!fields.length) return;
  here = Math.min(fields.length - 1, Math.max(0, here + by));
  show();
  const field = fields[here].querySelector("textarea, input[type=number]") ?? fields[here].querySelector("input:checked, input");
  field?.focus({ preventScroll: true });
  if (field?.matches("textarea") && by) field.blur();
  fields[here].scrollIntoView({ block: "nearest" });
}

function choose(number) {
  const word = fields[here]?.querySelectorAll("input[type=radio]")[number - 1];
  if (!word) return;
  word.checked = true;
  if (here < fields.length - 1) move(1);
}

function press(act) {
  const button = form?.querySelector(`button[name="act"][value="${act}"]`);
  if (button) form.requestSubmit(button);
}

form?.addEventListener("submit", (event) => { // one answer, however often a key is pressed
  if (sent) event.preventDefault();
  sent = true;
});
addEventListener("pageshow", () => { sent = false; });
form?.addEventListener("focusin", (event) => {
  const at = fields.indexOf(event.target.closest("[data-field]"));
  if (at >= 0) { here = at; show(); }
});

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.repeat || event.target.closest("dialog[open]")) return;
  const writes = event.target.closest("textarea, input:not([type=radio]), select");
  if (writes) {
    if (event.key === "Escape") writes.blur();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); press("give"); }
    return;
  }
  if (event.ctrlKey || event.metaKey) return;
  if (going) { going = false; return; }
  if (event.key === "g") { going = true; setTimeout(() => { going = false; }, 1200); return; }
  if (/^[1-9]$/.test(event.key)) { event.preventDefault(); choose(Number(event.key)); return; }
  const act = {
    j: () => move(1),
    k: () => move(-1),
    i: () => fields[here]?.querySelector("textarea, input[type=number]")?.focus(),
    s: () => press("skip"),
    u: () => press("undo"),
    Enter: () => press("give"),
  }[event.key];
  if (act && !(event.key === "Enter" && event.target.closest("a, button, summary"))) { event.preventDefault(); act(); }
});
show();
