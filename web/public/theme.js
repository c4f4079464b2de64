// Applies the chosen theme before the first paint; without a choice the system decides.
try {
  const chosen = localStorage.getItem("bigpicture-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage may be forbidden: the system's theme then stands.
}
