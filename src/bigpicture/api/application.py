"""The application: every door of the node, in the order in which a request meets them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bigpicture import __version__
from bigpicture.api import (
    about,
    agreements,
    algorithms,
    application_documents,
    applications,
    barred,
    cohort_versions,
    cohorts,
    committees,
    crawlers,
    dataset_reports,
    dataset_uses,
    datasets,
    deepzoom,
    dicomweb,
    drafts,
    duties,
    events,
    faces,
    file_bytes,
    files,
    grants,
    guidelines,
    handed,
    health,
    identity,
    iiif,
    image_lists,
    images,
    ledger,
    metrics,
    notices,
    overlays,
    passports,
    passwords,
    people,
    permissions,
    policies,
    policy_preview,
    preparations,
    questions,
    regions,
    results,
    reviews,
    runs,
    seals,
    second_factor,
    service_accounts,
    sessions,
    snapshot,
    standing,
    submissions,
    tiles,
    tokens,
    uploads,
    uses,
)
from bigpicture.api.described import PATHS, PROBLEM, PROBLEMS
from bigpicture.api.described_dicomweb import DICOMWEB
from bigpicture.api.enough import Enough
from bigpicture.api.guard import Guard
from bigpicture.api.landing_page import LandingPages
from bigpicture.api.memory_metrics import MemoryMetrics
from bigpicture.api.metrics import Metrics
from bigpicture.api.node import Node
from bigpicture.api.observe import Observe
from bigpicture.api.open_when_sealed import OpenWhenSealed
from bigpicture.api.portal import Portal
from bigpicture.api.problem import Problem, plain_problem, problem_of, problem_response
from bigpicture.api.tell import Tell, tell
from bigpicture.model.errors import BigpictureError

RESOURCES = (
    about,
    sessions,
    second_factor,
    identity,
    passports,
    passwords,
    permissions,
    tokens,
    people,
    service_accounts,
    datasets,
    dataset_reports,
    dataset_uses,
    barred,
    policies,
    policy_preview,
    guidelines,
    standing,
    faces,
    questions,
    image_lists,
    snapshot,
    images,
    cohorts,
    cohort_versions,
    algorithms,
    runs,
    results,
    overlays,
    files,
    submissions,
    reviews,
    preparations,
    drafts,
    handed,
    uploads,
    grants,
    duties,
    seals,
    committees,
    applications,
    application_documents,
    agreements,
    uses,
    notices,
    events,
    ledger,
    crawlers,
    health,
    metrics,
)
"""One file per resource, each with its `router`."""

_UNDER = ("/api/", "/ledger/", "/permissions/")
_PROGRAMS = frozenset(
    {
        "/openapi.json",
        "/healthz",
        "/metrics",
        "/sitemap.xml",
        "/robots.txt",
        "/jwks",
        "/.well-known/jwks.json",
    }
)
"""Beside what lies under those."""

FLUSH_SECONDS = 30.0


def build(node: Node) -> ASGIApp:
    """Build the ASGI application of one process."""
    counted = Metrics(node.records, node.settings.slot)
    bare = {
        tiles.PREFIX: tiles.TileDoor(node, counted),
        iiif.ROOT: iiif.IiifDoor(node, counted),
        regions.PREFIX: regions.RegionDoor(node, counted),
        deepzoom.PREFIX: deepzoom.DeepZoomDoor(node, counted),
        dicomweb.PREFIX: dicomweb.DicomWebDoor(node, counted),
        file_bytes.PREFIX: file_bytes.FileDoor(node),
    }
    portal = Portal(landing=LandingPages(node))
    doors = _Doors(programs=_build_programs(node, counted), bare=bare, portal=portal)
    counted.registry.register(MemoryMetrics(node))
    return Observe(
        Guard(
            Tell(Enough(OpenWhenSealed(doors, node.seals), node.settings.requests_at_once)),
            is_https=node.settings.public_url.startswith("https:"),
        ),
        counted,
    )


class _Doors:
    """Sends a request to its door by the first part of its path."""

    def __init__(self, *, programs: FastAPI, bare: Mapping[str, ASGIApp], portal: Portal) -> None:
        self._programs = programs
        self._bare = bare
        self._portal = portal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._programs(scope, receive, send)
            return
        path: str = scope["path"]
        first = path[: path.find("/", 1) + 1]
        if first in self._bare:
            scope["bigpicture.door"] = first.strip("/")
            await self._bare[first](scope, receive, send)
        elif path.startswith(_UNDER) or path in _PROGRAMS:
            await self._programs(scope, receive, send)
        else:
            await self._portal(scope, receive, send)


def _build_programs(node: Node, counted: Metrics) -> FastAPI:
    programs = FastAPI(
        docs_url=None,  # its pages load scripts from elsewhere
        redoc_url=None,
        lifespan=_lifespan(node),
    )
    programs.state.node = node
    programs.state.metrics = counted
    programs.router.routes.extend(_resources().routes)
    for kind in _ANSWERED:
        programs.add_exception_handler(kind, _answer)
    programs.openapi = _document
    return programs


@cache
def _resources() -> FastAPI:
    """The doors of every node of this process: FastAPI works out once what each of them takes."""
    resources = FastAPI(
        title="Bigpicture node",
        version=__version__,
        openapi_url=None,  # the node's own program has that door
        responses={
            status: {
                "description": description,
                "content": {"application/problem+json": {"schema": PROBLEM}},
            }
            for status, description in PROBLEMS.items()
        },
    )
    for resource in RESOURCES:
        resources.include_router(resource.router)
    return resources


@cache
def _document() -> dict[str, object]:
    document = _resources().openapi()
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    document["paths"].update({**PATHS, **DICOMWEB})
    return document


_ANSWERED = (
    BigpictureError,
    RequestValidationError,
    HTTPException,
    DataError,
    ClientDisconnect,
    Exception,
)


async def _answer(_: Request, error: Exception) -> Response:
    """The answer to an error."""
    if isinstance(error, RequestValidationError):
        return problem_response(_of_validation(error))
    if isinstance(error, ClientDisconnect):
        return Response(status_code=499)  # for the count: nobody is there to read it
    if isinstance(error, HTTPException) and not isinstance(error.__cause__, BigpictureError):
        details = {404: "There is nothing here.", 405: "This cannot be done here."}
        detail = details.get(error.status_code, "This cannot be read.")
        return problem_response(plain_problem(error.status_code, detail))
    if isinstance(error, HTTPException) and isinstance(error.__cause__, BigpictureError):
        error = error.__cause__  # what interrupted the reading of a body, such as its limit
    if isinstance(error, BigpictureError):
        tell(error)  # anything else is raised again behind this answer, and told there
    return problem_response(problem_of(error))


def _of_validation(error: RequestValidationError) -> Problem:
    """Name what is wrong and where; never repeat the value, which may be a password."""
    wrong = [
        f"{'.'.join(str(part) for part in each['loc'][1:]) or each['loc'][0]}: {each['msg']}"
        for each in error.errors()[:10]
    ]
    place = error.errors()[0]["loc"]
    problem = plain_problem(422, "; ".join(wrong), remedy="See /openapi.json.")
    return problem.model_copy(update={"place": ".".join(map(str, place))})


def _lifespan(node: Node) -> Callable[[FastAPI], contextlib.AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncGenerator[None]:
        counting = asyncio.create_task(_count_reads(node))
        # made ready beside: the first question finds it so, and none waits for a start
        ready = asyncio.create_task(asyncio.to_thread(_prepare, node))
        yield
        await ready
        counting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await counting
        await asyncio.to_thread(node.reads.flush)

    return living


def _prepare(node: Node) -> None:
    """A failure shows at the first question, to whoever asks it."""
    with contextlib.suppress(BigpictureError):
        node.catalogue.prepare()


async def _count_reads(node: Node) -> None:
    """Record the counts of reads now and then; a failure is told and tried again."""
    while True:
        await asyncio.sleep(FLUSH_SECONDS)
        try:
            await asyncio.to_thread(node.reads.flush)
        except BigpictureError as error:
            structlog.get_logger("bigpicture.http").error("reads not counted", exc_info=error)
