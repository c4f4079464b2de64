// Light or dark: the system's choice until the reader makes one.

type Theme = "light" | "dark";
const KEY = "bigpicture-theme";

const system = matchMedia("(prefers-color-scheme: dark)");
let isSystemDark = $state(system.matches);
let chosen = $state<Theme | null>(read());

system.addEventListener("change", (event) => (isSystemDark = event.matches));

export const theme = {
  get now(): Theme {
    return chosen ?? (isSystemDark ? "dark" : "light");
  },
};

export function toggleTheme(): void {
  chosen = theme.now === "dark" ? "light" : "dark";
  document.documentElement.dataset["theme"] = chosen;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // Storage may be forbidden: the choice then lasts as long as the page.
  }
}

function read(): Theme | null {
  const kept = document.documentElement.dataset["theme"];
  return kept === "light" || kept === "dark" ? kept : null;
}
