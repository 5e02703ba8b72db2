// Runs before the first paint: the chosen theme, if there is one.
try {
  const chosen = localStorage.getItem("outrider-theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
} catch {
  // storage is switched off: follow the system
}
document.documentElement.classList.add("js");
