// Approvals by keyboard: a and d ask once more before anything is sent. Without this file the form itself works.

const form = document.getElementById("decide");
const sure = document.getElementById("sure");
let button = null;

function ask(which) {
  button = form.querySelector(`button[value="${which}"]`);
  const approves = which === "approve";
  const ticked = [...form.elements].filter((one) => one.name.startsWith("call-") && one.checked).length;
  const checked = form.elements.checked;
  if (approves && checked?.required && !checked.checked) {
    checked.focus();
    checked.reportValidity();
    return;
  }
  const what = ticked ? `${form.dataset.call} and ${ticked} more` : form.dataset.call;
  sure.querySelector("h2").textContent = approves ? "Approve it?" : "Refuse it?";
  document.getElementById("sure-text").textContent = approves
    ? `${what} may then be done once, exactly as shown.`
    : `${what} will not be done. The agent is told so.`;
  const yes = document.getElementById("sure-yes");
  yes.textContent = approves ? "Approve" : "Refuse";
  yes.className = approves ? "primary" : "danger";
  sure.showModal();
  (approves ? document.getElementById("sure-no") : yes).focus();
}

if (form && sure) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sure) return;
    event.preventDefault();
    ask(event.submitter?.value === "deny" ? "deny" : "approve");
  });
  document.getElementById("sure-no").addEventListener("click", () => sure.close());
  document.getElementById("sure-yes").addEventListener("click", () => {
    form.dataset.sure = "yes";
    sure.close();
    form.requestSubmit(button);
    for (const one of form.querySelectorAll("button")) one.setAttribute("aria-disabled", "true");
  });
  const wanted = location.hash.slice(1);
  if (wanted === "approve" || wanted === "deny") {
    history.replaceState(null, "", location.pathname);
    ask(wanted);
  }
}

let going = false; // after g the next key leads to another page

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest("input, textarea, select, dialog[open]")) return;
  if (going) { going = false; return; }
  if (event.key === "g") { going = true; setTimeout(() => { going = false; }, 1200); return; }
  const which = { a: "approve", d: "deny" }[event.key];
  if (which && form) { event.preventDefault(); ask(which); return; }
  if (which) {
    const row = document.activeElement?.closest("[data-row]");
    const link = row?.querySelector("a.what");
    if (link && row.closest(".inbox")) { event.preventDefault(); location.assign(`${link.href}#${which}`); }
    return;
  }
  if (event.key === "j") document.querySelector("[data-next]")?.click();
  if (event.key === "k") document.querySelector("[data-previous]")?.click();
});
