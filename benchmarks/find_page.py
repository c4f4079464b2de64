"""From a click to its paint on the page of questions, where 25 facets tell 100 values each.

Usage: python -m benchmarks.find_page [DATA]

A mock node answers with prepared bytes, so that the browser's work is what is measured: from the
click to the frame in which it is seen, and from the answer's last byte to the frame that shows it.
With a folder that `benchmarks.catalogue` keeps (`BENCH_CATALOGUE_DATA`), the node of three million
slides in it answers instead: then also from the click to the frame that shows its answer.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.catalogue_node import VISIBLE, node_settings, people, running
from bigpicture.api.asking import COOKIE
from bigpicture.storage.records import open_records

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser import mock_find, mock_node  # noqa: E402 - the folder of tests was put in the path above
from chromium import ARGUMENTS  # noqa: E402 - likewise

ROUNDS = 20
MEASURE = """
const painted = () => new Promise((done) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => done(performance.now());
  channel.port2.postMessage(null);
}));
const settled = () => new Promise((done) => {
  const results = document.querySelector(".results");
  const look = () => {
    if (results.getAttribute("aria-busy") !== "false") return;
    watch.disconnect();
    done();
  };
  const watch = new MutationObserver(look);
  watch.observe(results, { attributes: true, attributeFilter: ["aria-busy"] });
});
async ([selector, index, isAsking]) => {
  performance.clearResourceTimings();
  const all_ = document.querySelectorAll(selector);
  const one = all_[index % all_.length];
  const before = performance.now();
  const answer = isAsking ? settled() : null;
  one.click();
  const click = (await painted()) - before;
  if (!isAsking) return { click };
  await answer;
  const shown = await painted();
  const all = performance.getEntriesByType("resource");
  const asked = all.findLast((one) => one.name.includes("/images?"));
  return { click, answer: shown - asked.responseEnd, all: shown - before };
}
"""


def main() -> None:
    """Print the figures: by the clock, and in processor time of the page's own thread.

    On a busy machine only the latter says what the page costs.
    """
    with sync_playwright() as playwright, ExitStack() as stack:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        if len(sys.argv) > 1:
            address, cookie = stack.enter_context(_real(Path(sys.argv[1])))
            page.context.add_cookies([cookie])
            page.goto(f"{address}/find")
            page.wait_for_selector(".facet-value")
            page.wait_for_load_state("networkidle")
        else:
            address, world, stop = mock_node.start(ROOT / "src/bigpicture/api/portal")
            stack.callback(stop)
            world.corpus = mock_find.large()
            _prepare(page, address)
        print(f"elements in the page: {_elements(page)}")
        print(f"{'':<46} {'p50':>8} {'p95':>8}  {'p50 of its own time':>20}   (ms)")
        for name, told, own in _measured(_Page(page), is_mock=len(sys.argv) == 1):
            p50, p95 = statistics.median(told), sorted(told)[int(0.95 * len(told))]
            print(f"{name:<46} {p50:8.1f} {p95:8.1f}  {statistics.median(own):20.1f}")
        print(f"elements in the page at the end: {_elements(page)}")
        browser.close()


@contextmanager
def _real(data: Path) -> Iterator[tuple[str, Any]]:
    """The node of a kept benchmark, and the cookie of one who may open all of it."""
    settings = node_settings(data)
    records = open_records(settings.records_url)
    tokens, _ = people(records)
    records.close()
    with running(settings, tokens) as ours:
        address = str(ours.client.base_url).rstrip("/")
        yield address, {"name": COOKIE, "value": tokens[VISIBLE[-1]], "url": address}


def _prepare(page: Any, address: str) -> None:
    """Open the page once with true answers; from then on two of them take turns."""
    bodies: list[str] = []
    page.on("response", lambda told: bodies.append(told.text()) if "/images?" in told.url else None)
    page.goto(f"{address}/find")
    page.wait_for_selector(".facet-value")
    page.wait_for_load_state("networkidle")
    first = json.loads(bodies[0])
    second = json.loads(bodies[0])
    for values in second["facets"].values():
        for value in values:
            value["count"] += 3
        values.reverse()
    second["items"].reverse()
    turns = cycle([second, first])

    def answer(route: Any) -> None:
        told = {**next(turns), "question_json": {"and": []}}
        route.fulfill(body=json.dumps(told), content_type="application/json")

    page.route("**/api/v1/images?*", answer)


class _Page:
    """The page, and the processor time of its main thread."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def run(self, selector: str, index: int, *, asks: bool) -> dict[str, float]:
        before = self._spent()
        told = self._page.evaluate(_script(), [selector, index, asks])
        return {**told, "own": self._spent() - before}

    def _spent(self) -> float:
        told = self._session.send("Performance.getMetrics")["metrics"]
        return 1000 * next(one["value"] for one in told if one["name"] == "TaskDuration")


def _measured(page: _Page, *, is_mock: bool) -> Iterator[tuple[str, list[float], list[float]]]:
    places = [6 * (number // 2) for number in range(ROUNDS)]  # ticked, and let go again
    asked = [page.run(".facet-value", place, asks=True) for place in places]
    yield "click on a value, to its tick", *_of(asked, "click")
    yield "answer, to its paint", *_of(asked, "answer")
    yield "click on a value, to the paint of its answer", *_of(asked, "all")
    yield from _of_the_mock(page) if is_mock else ()
    views = [page.run(".views button", 1 - number % 2, asks=False) for number in range(ROUNDS)]
    yield "grid to table and back", *_of(views, "click")


def _of_the_mock(page: _Page) -> Iterator[tuple[str, list[float], list[float]]]:
    """Twenty facets of a hundred values, all opened."""
    opened = [page.run(".facet-more", number, asks=False) for number in range(ROUNDS)]
    yield "“94 more” of a facet", *_of(opened, "click")
    asked = [page.run(".facet-value", number, asks=True) for number in range(ROUNDS)]
    yield "click, with 20 facets opened further", *_of(asked, "click")
    yield "answer, with 20 facets opened further", *_of(asked, "answer")


def _of(all_: list[dict[str, float]], name: str) -> tuple[list[float], list[float]]:
    return [one[name] for one in all_], [one["own"] for one in all_]


def _script() -> str:
    head, _, body = MEASURE.rpartition("async (")
    return f"(given) => {{ {head} return (async ({body.rstrip()})(given); }}"


def _elements(page: Any) -> int:
    return page.evaluate("document.querySelectorAll('*').length")


def _chromium() -> str | None:
    found = Path("/usr/bin/chromium")
    return str(found) if found.exists() else None


if __name__ == "__main__":
    main()
