"""A node that is not one: the HTTP contract with invented data, to judge the portal alone."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlsplit

import cv2
import numpy as np

from browser import (
    mock_access,
    mock_describe,
    mock_find,
    mock_images,
    mock_policy,
    mock_record,
    mock_results,
)
from browser import mock_catalogue as catalogue
from browser.mock_tissue import Picture, cut, glow, ruler, tissue

POLICY = "default-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
"""As strict as it gets: what the portal needs beyond `self` would show on the console."""
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".png": "image/png",
}


DRAWING = threading.Lock()
"""Held while a picture is drawn, so that it is drawn once."""


@dataclass
class World:
    """What the mock knows and what a test may bend."""

    portal: Path
    address: str = ""
    sessions: dict[str, str] = field(default_factory=dict)
    tokens: list[dict[str, Any]] = field(default_factory=list)
    grants: list[dict[str, Any]] = field(default_factory=list)
    submissions: list[dict[str, Any]] = field(default_factory=catalogue.submissions)
    reviews: dict[str, dict[str, Any]] = field(default_factory=dict)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=catalogue.events)
    intake: str = "deidentified"
    checked: list[dict[str, Any]] = field(default_factory=list)
    previewed: list[dict[str, Any]] = field(default_factory=list)
    drafts: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    saves: int = 0
    described: list[dict[str, Any]] = field(default_factory=list)
    announced: dict[str, Any] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    pieces: int = 0
    corpus: mock_find.Corpus = field(default_factory=mock_images.corpus)
    cohorts: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    desk: mock_access.Desk = field(default_factory=mock_access.Desk)
    is_sealed: bool = False
    entries: list[Any] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)
    waiting: int = 0
    forged: bool = False
    gate: threading.Event | None = None
    tiles_fail: bool = False
    results: str = "some"
    overlays_fail: bool = False
    views: list[list[float]] = field(default_factory=list)
    streams_fail: bool = False
    changes: threading.Condition = field(default_factory=threading.Condition)

    def may_open(self, person: str | None, dataset: dict[str, Any]) -> bool:
        held = {(one["person"], one["dataset"]) for one in self.grants if not one["revoked"]}
        return dataset["tier"] == "open" or (person, dataset["accession"]) in held

    def move(self, accession: str, **change: Any) -> None:
        """Change a submission and wake those who watch it."""
        with self.changes:
            one = next(one for one in self.submissions if one["accession"] == accession)
            one.update(change)
            self.changes.notify_all()


@cache
def level_picture(image: str, level: int, layers: str = "") -> Picture:
    """Pixels of a whole level; the finest is drawn, the rest are reduced from it."""
    known = catalogue.image(image)
    size = known["levels"][level]
    if level:
        finest = level_picture(image, 0, layers)
        return cv2.resize(finest, (size["columns"], size["rows"]), interpolation=cv2.INTER_AREA)
    if known["alias"].startswith("ruler"):
        return ruler(size["columns"], size["rows"])
    if "channels" in known:
        return _glowing(known, layers)
    stain = "H&E" if known["stain"] == "H&E" else "IHC"
    section = drawn(size["columns"], size["rows"], known["seed"] % 2, stain)
    flips = known["seed"] // 2
    return np.ascontiguousarray(section[:: -1 if flips & 1 else 1, :: -1 if flips & 2 else 1])


def _glowing(known: dict[str, Any], layers: str) -> Picture:
    """`layers` is the query of a tile, in the words of the contract."""
    asked = dict(parse_qsl(layers))
    colours = [one["colour"] for one in known["channels"]]
    chosen = asked.get("channels", ",".join(map(str, range(len(colours)))))
    middle = known["focal_planes"] // 2
    return glow(
        known["columns"],
        known["rows"],
        {int(one): colours[int(one)] for one in chosen.split(",")},
        off_focus=abs(int(asked.get("plane", middle)) - middle),
    )


@cache
def drawn(columns: int, rows: int, seed: int, stain: str) -> Picture:
    """A few sections serve all slides, mirrored: drawing takes a second each."""
    return tissue(columns, rows, seed=seed, stain=stain)


@cache
def frame(image: str, level: int, column: int, row: int, layers: str) -> bytes:
    with DRAWING:
        return _frame(image, level, column, row, layers)


def _frame(image: str, level: int, column: int, row: int, layers: str) -> bytes:
    size = catalogue.image(image)["levels"][level]
    part = cut(
        level_picture(image, level, layers),
        column,
        row,
        width=size["tile_columns"],
        height=size["tile_rows"],
    )
    suffix = ".png" if size["media_type"] == "image/png" else ".jpg"
    return _encoded(part, suffix)


@cache
def thumbnail(image: str, zoomed: bool = False) -> bytes:
    with DRAWING:
        return _thumbnail(image, zoomed)


def _thumbnail(image: str, zoomed: bool) -> bytes:
    finest = level_picture(image, 0)
    rows, columns = finest.shape[:2]
    if zoomed:
        side = min(rows, columns) // 3
        finest = finest[rows // 3 : rows // 3 + side * 3 // 4, columns // 3 : columns // 3 + side]
    scale = 640 / max(finest.shape[:2])
    small = cv2.resize(finest, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return _encoded(small, ".jpg")


def _encoded(picture: Picture, suffix: str) -> bytes:
    done, data = cv2.imencode(suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    assert done
    return data.tobytes()


class Door(
    BaseHTTPRequestHandler,
    mock_access.Access,
    mock_describe.Describing,
    mock_find.Finding,
    mock_policy.Policies,
    mock_record.Recorded,
    mock_results.Results,
):
    """One request: the routes below, then the portal's files, then its index."""

    protocol_version = "HTTP/1.1"
    world: World
    routes: ClassVar[list[tuple[str, re.Pattern[str], str]]] = []

    def handle_one(self) -> None:
        split = urlsplit(self.path)
        self.asked = parse_qs(split.query)
        self.query = {name: values[-1] for name, values in self.asked.items()}
        for method, pattern, name in self.routes:
            found = pattern.fullmatch(split.path)
            if method == self.command and found:
                return getattr(self, name)(*found.groups())
        if self.command == "GET" and not split.path.startswith(("/api", "/tiles")):
            return self.portal(split.path)
        return self.problem(404, "Nothing is known under this address.")

    do_GET = do_POST = do_PUT = do_PATCH = do_HEAD = do_DELETE = handle_one  # noqa: N815 - the names http.server calls

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    # answers

    def give(self, body: bytes, kind: str, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        # A browser that has moved on closes the line: that is its right.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.end_headers()
            self.wfile.write(body)

    def json(self, body: Any, status: int = 200, **headers: str) -> None:
        self.give(json.dumps(body).encode(), "application/json", status, **headers)

    def problem(self, status: int, detail: str, **more: Any) -> None:
        body = {"type": "about:blank", "title": detail, "status": status, "detail": detail, **more}
        self.give(json.dumps(body).encode(), "application/problem+json", status)

    def body(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")

    def page(self, items: list[Any], **more: Any) -> None:
        limit = int(self.query.get("limit", 50))
        start = int(self.query.get("after", 0))
        following = str(start + limit) if start + limit < len(items) else None
        self.json({"items": items[start : start + limit], "next": following, **more})

    @property
    def person(self) -> str | None:
        cookie = re.search(r"bigpicture_session=(\w+)", self.headers.get("Cookie", ""))
        return self.world.sessions.get(cookie[1]) if cookie else None

    def portal(self, path: str) -> None:
        file = self.world.portal / path.lstrip("/")
        if not file.is_file():
            file = self.world.portal / "index.html"
        self.give(file.read_bytes(), TYPES.get(file.suffix, "application/octet-stream"))

    # node, sessions, tokens, people

    def get_node(self) -> None:
        counts = {"datasets": len(catalogue.DATASETS), "images": len(catalogue.IMAGES)}
        facts = {
            "name": "Northern node",
            "version": "0.1.0",
            "center": "bb",
            "intake": self.world.intake,
            "is_sealed": self.world.is_sealed,
        }
        self.json({**facts, "counts": counts})

    def post_session(self) -> None:
        given = self.body()
        person = next((one for one in catalogue.PEOPLE if one["name"] == given["name"]), None)
        if not person or given["password"] != "demo":
            return self.problem(
                401, "Name or password is wrong.", remedy="Try again, or ask a steward."
            )
        key = f"s{len(self.world.sessions)}"
        self.world.sessions[key] = person["id"]
        cookie = f"bigpicture_session={key}; HttpOnly; SameSite=Strict; Path=/"
        return self.json(
            {"person": person, "expires": "2030-01-01T00:00:00Z"}, 201, Set_Cookie=cookie
        )

    def get_session(self) -> None:
        self.json(
            {"person": next((one for one in catalogue.PEOPLE if one["id"] == self.person), None)}
        )

    def get_sessions(self) -> None:
        one = {
            "id": "s-0",
            "created": "2026-05-30T08:00:00Z",
            "expires": "2026-05-30T20:00:00Z",
            "last_used": None,
            "is_strong": True,
            "issuer": None,
            "is_this": True,
        }
        self.page([one])

    def delete_session(self) -> None:
        self.world.sessions.clear()
        self.give(b"", "text/plain", 204)

    def get_tokens(self) -> None:
        self.page(self.world.tokens)

    def post_token(self) -> None:
        given = self.body()
        end = (datetime.now(UTC) + timedelta(days=given["days"])).isoformat()
        token = {"id": f"t{len(self.world.tokens)}", "label": given["label"], "expires": end}
        self.world.tokens.append(token)
        self.json({"id": token["id"], "token": "bp_" + "k7m2x9q4" * 4, "expires": end}, 201)

    def delete_token(self, name: str) -> None:
        self.world.tokens[:] = [one for one in self.world.tokens if one["id"] != name]
        self.give(b"", "text/plain", 204)

    def get_people(self) -> None:
        self.page(catalogue.PEOPLE)

    def get_grants(self) -> None:
        asked = self.query
        self.page(
            [
                one
                for one in self.world.grants
                if asked.get("person", one["person"]) == one["person"]
                and asked.get("state", one.get("state")) == one.get("state")
            ]
        )

    def post_grant(self) -> None:
        grant = {"id": f"g{len(self.world.grants)}", "revoked": None, **self.body()}
        titles = {each["accession"]: each["title"] for each in catalogue.DATASETS}
        grant["dataset_title"] = titles[grant["dataset"]]
        for one in self.world.grants:
            same = (one["person"], one["dataset"]) == (grant["person"], grant["dataset"])
            if same and not one["revoked"]:
                return self.problem(
                    409, "This person has a grant already.", remedy="Revoke it first."
                )
        self.world.grants.append(grant)
        return self.json(grant, 201)

    def delete_grant(self, name: str) -> None:
        self.desk.commands.append({"of": name, **self.body()})
        grant = next(one for one in self.world.grants if one["id"] == name)
        grant["revoked"] = datetime.now(UTC).isoformat()
        if "state" in grant:
            grant["state"] = "revoked"
        self.give(b"", "text/plain", 204)

    # catalogue

    def card(self, dataset: dict[str, Any]) -> dict[str, Any]:
        may = self.world.may_open(self.person, dataset)
        return {**dataset, "access": catalogue.access(dataset, may_open=may, person=self.person)}

    def get_datasets(self) -> None:
        found, facets = catalogue.search(catalogue.DATASETS, self.asked, catalogue.DATASET_FACETS)
        self.page([self.card(one) for one in found], total=len(found), facets=facets)

    def get_dataset(self, accession: str) -> None:
        dataset = catalogue.dataset(accession)
        if not dataset:
            return self.problem(404, "No dataset is known under this accession.")
        return self.json({**self.card(dataset), **catalogue.landing(dataset)})

    def get_images(self, accession: str) -> None:
        dataset = catalogue.dataset(accession)
        if not dataset or not self.admit(dataset):
            return
        mine = [one for one in catalogue.IMAGES if one["dataset"] == accession]
        found, facets = catalogue.search(mine, self.asked, catalogue.IMAGE_FACETS)
        kept, companion = catalogue.graded(found, self.query.get("companion", ""))
        cards = [catalogue.image_card(one) for one in kept]
        self.page(cards, total=len(kept), facets=facets, companion=companion)

    def get_image(self, accession: str) -> None:
        image = catalogue.image(accession)
        if not image:
            return self.problem(404, "No image is known under this accession.")
        dataset = catalogue.dataset(image["dataset"])
        assert dataset
        if not self.admit(dataset):
            return None
        access = catalogue.access(dataset, may_open=True, person=self.person)
        return self.json({**catalogue.whole_image(image, dataset), "access": access})

    def admit(self, dataset: dict[str, Any]) -> bool:
        if self.world.may_open(self.person, dataset):
            return True
        access = catalogue.access(dataset, may_open=False, person=self.person)
        status = 403 if self.person else 401
        self.problem(status, access["text"], reason=access["reason"], apply=access["apply"])
        return False

    def get_tile(self, image: str, level: str, column: str, row: str) -> None:
        known = catalogue.image(image)
        if self.world.tiles_fail or not known:
            return self.problem(503, "The store does not answer.")
        kind = known["levels"][int(level)]["media_type"]
        layers = urlsplit(self.path).query
        return self.give(frame(image, int(level), int(column), int(row), layers), kind)

    def get_thumbnail(self, image: str) -> None:
        self.give(thumbnail(image), "image/jpeg", Cache_Control="private, max-age=600")

    def get_bibtex(self, accession: str) -> None:
        known = catalogue.dataset(accession)
        assert known
        self.give(catalogue.bibtex(known).encode(), "application/x-bibtex")

    def get_dataset_thumbnail(self, accession: str, number: str) -> None:
        mine = [one for one in catalogue.IMAGES if one["dataset"] == accession]
        chosen = mine[int(number) % len(mine)]
        self.give(
            thumbnail(chosen["accession"], zoomed=number != "1"),
            "image/jpeg",
            Cache_Control="max-age=600",
        )

    # submissions

    def get_submissions(self) -> None:
        if not self.person:
            return self.problem(401, "Sign in to see submissions.")
        wanted = self.query.get("state")
        found = [one for one in self.world.submissions if wanted in (None, one["state"])]
        return self.page([catalogue.summed(one) for one in found])

    def get_review(self, accession: str) -> None:
        if self.person != "p-ste":
            return self.problem(403, "Reports are read by the stewards of this node.")
        return self.json(self.world.reviews[accession])

    def post_review(self, accession: str) -> None:
        given = self.body()
        review = self.world.reviews[accession]
        self.world.decisions.append(given)
        if given["decision"] == "refuse":
            review["state"] = "refused"
            self.world.move(accession, state="refused")
        else:
            now = "2026-11-23T10:00:00Z"
            review["releases"].append({"person": self.person, "name": "Noor Haddad", "time": now})
            review["may_decide"] = False
        self.json({"state": review["state"], "released": len(review["releases"]), "needed": 2})

    def get_submission(self, accession: str) -> None:
        found = [one for one in self.world.submissions if one["accession"] == accession]
        if not self.person or not found:
            return self.problem(404, "No submission is known under this accession.")
        return self.json(found[0])

    def post_complete(self, accession: str) -> None:
        self.world.move(accession, state="checking", problem=None)
        self.json({}, 202)

    def get_events(self, accession: str) -> None:
        if self.world.streams_fail:
            return self.problem(503, "No stream.")
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        said = ""
        while True:
            one = next(one for one in self.world.submissions if one["accession"] == accession)
            now = json.dumps(catalogue.event(one))
            if now != said:
                self.wfile.write(f"data: {now}\n\n".encode())
                self.wfile.flush()
                said = now
            if one["state"] in {"published", "refused", "failed"}:
                return None
            with self.world.changes:
                self.world.changes.wait(timeout=5)


def _route(method: str, path: str, name: str) -> tuple[str, re.Pattern[str], str]:
    return method, re.compile(re.sub(r"\{\w+\}", r"([^/_]+)", path)), name


Door.routes = [
    *(
        _route(*each)
        for module in (mock_access, mock_find, mock_policy, mock_record, mock_results)
        for each in module.ROUTES
    ),
    _route("GET", "/api/v1/node", "get_node"),
    _route("POST", "/api/v1/sessions", "post_session"),
    _route("GET", "/api/v1/sessions/current", "get_session"),
    _route("DELETE", "/api/v1/sessions/current", "delete_session"),
    _route("GET", "/api/v1/sessions", "get_sessions"),
    _route("GET", "/api/v1/tokens", "get_tokens"),
    _route("POST", "/api/v1/tokens", "post_token"),
    _route("DELETE", "/api/v1/tokens/{id}", "delete_token"),
    _route("GET", "/api/v1/people", "get_people"),
    _route("GET", "/api/v1/grants", "get_grants"),
    _route("POST", "/api/v1/grants", "post_grant"),
    _route("DELETE", "/api/v1/grants/{id}", "delete_grant"),
    _route("GET", "/api/v1/datasets", "get_datasets"),
    _route("GET", "/api/v1/datasets/{accession}", "get_dataset"),
    _route("GET", "/api/v1/datasets/{accession}/images", "get_images"),
    _route("GET", "/api/v1/datasets/{accession}/metadata.bib", "get_bibtex"),
    _route("GET", "/api/v1/datasets/{accession}/thumbnails/{n}", "get_dataset_thumbnail"),
    _route("GET", "/api/v1/images/{accession}", "get_image"),
    _route("GET", "/api/v1/images/{accession}/thumbnail", "get_thumbnail"),
    _route("GET", "/tiles/{image}/{level}/{column}_{row}", "get_tile"),
    _route("GET", "/api/v1/submissions", "get_submissions"),
    _route("GET", "/api/v1/submissions/{accession}", "get_submission"),
    _route("GET", "/api/v1/submissions/{accession}/review", "get_review"),
    _route("POST", "/api/v1/submissions/{accession}/review", "post_review"),
    _route("POST", "/api/v1/submissions/{accession}/complete", "post_complete"),
    _route("GET", "/api/v1/submissions/{accession}/events", "get_events"),
    *(_route(*each) for each in mock_describe.ROUTES),
]


def start(portal: Path, port: int = 0) -> tuple[str, World, Callable[[], None]]:
    """Serve until the returned function is called; answers with the address and its world.

    The sections are drawn before: on a starved machine that takes longer than a test waits.
    """
    for image in catalogue.IMAGES:
        thumbnail(image["accession"])
    world = World(portal)
    server = ThreadingHTTPServer(("127.0.0.1", port), type("Bound", (Door,), {"world": world}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()

    def stop() -> None:
        server.shutdown()
        server.server_close()

    return f"http://127.0.0.1:{server.server_port}", world, stop


if __name__ == "__main__":
    here = Path(__file__).resolve().parents[2]
    address, _, _ = start(here / "src/bigpicture/api/portal", 8090)
    print(address)
    while True:
        time.sleep(3600)
