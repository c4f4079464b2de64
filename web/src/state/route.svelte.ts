// Where the reader is: a tiny router over the browser's history.

interface Place {
  path: string;
  search: string;
}

let place = $state<Place>({ path: location.pathname, search: location.search });

export const route = {
  get path() {
    return place.path;
  },
  get query() {
    return new URLSearchParams(place.search);
  },
};

function look(): void {
  // What the node wrote into the head is of the page that was loaded, not of where one goes from it.
  if (location.pathname !== place.path) document.head.querySelectorAll("[data-landing]").forEach((one) => one.remove());
  place = { path: location.pathname, search: location.search };
}

/** Go to an address of the portal; `replace` leaves no step in the history. */
export function go(address: string, options: { replace?: boolean; keepScroll?: boolean } = {}): void {
  const before = location.pathname;
  history[options.replace ? "replaceState" : "pushState"](null, "", address);
  look();
  if (!options.keepScroll && before !== location.pathname) {
    window.scrollTo(0, 0);
    // A screen reader hears of the new page as it would after a full load.
    requestAnimationFrame(() => document.querySelector<HTMLElement>("main")?.focus({ preventScroll: true }));
  }
}

/** Follow plain clicks on links of the portal without loading the page anew. */
export function followLinks(): () => void {
  const click = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest("a");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.pathname === location.pathname && link.search === location.search && link.hash) return;
    if (/^\/(api|tiles|dicomweb|iiif|ga4gh|openapi\.json|docs|healthz|metrics)/.test(link.pathname)) return;
    event.preventDefault();
    go(link.pathname + link.search + link.hash);
  };
  document.addEventListener("click", click);
  window.addEventListener("popstate", look);
  return () => {
    document.removeEventListener("click", click);
    window.removeEventListener("popstate", look);
  };
}

/** The parts of `path` named by a pattern such as `/images/:accession`, or null. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.replace(/\/+$/, "").split("/");
  if (wanted.length !== given.length && !(pattern === "/" && path === "/")) return null;
  const parts: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const found = given[index] ?? "";
    if (part.startsWith(":")) parts[part.slice(1)] = decodeURIComponent(found);
    else if (part !== found) return null;
  }
  return parts;
}
