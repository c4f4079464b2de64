"""DICOMweb (PS3.18): search, retrieve, rendered, for any viewer or program that speaks it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from bigpicture.api import (
    dicomweb_bulk,
    dicomweb_frames,
    dicomweb_instances,
    dicomweb_metadata,
    dicomweb_rendered,
    dicomweb_search,
    dicomweb_store,
)
from bigpicture.api.dicomweb_request import FOREIGN, ROOT, DicomRequest
from bigpicture.api.media import read_query
from bigpicture.api.metrics import Metrics
from bigpicture.api.node import Node
from bigpicture.api.picture_answer import HeaderList, send_whole
from bigpicture.model.errors import UnknownError
from bigpicture.viewing.named import Names

PREFIX = f"{ROOT}/"
_UID = r"[0-9.]{1,64}"
_NAMED = re.compile(
    rf"{ROOT}/studies/({_UID})(?:/series/({_UID})(?:/instances/({_UID}))?)?(?:/(.{{1,20000}}))?",
    re.ASCII,
)
_PREFLIGHT: HeaderList = [
    *FOREIGN,
    (b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"accept, authorization, content-type, if-none-match, if-range, range",
    ),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
]

Answer = Callable[[DicomRequest], Awaitable[None]]

_RESOURCES: Sequence[tuple[re.Pattern[str], Answer]] = [
    (re.compile(r"metadata"), dicomweb_metadata.answer),
    (re.compile(r"frames/[^/]{1,20000}"), dicomweb_frames.answer),
    (re.compile(r"pixeldata"), dicomweb_frames.answer),
    (re.compile(r"(?:frames/[^/]{1,20}/)?(?:rendered|thumbnail)"), dicomweb_rendered.answer),
    (re.compile(r"bulkdata/[0-9A-Fa-f/]{8,400}"), dicomweb_bulk.answer),
    (re.compile(r""), dicomweb_instances.answer),
]
"""What may be asked of a study, a series or an instance, by what follows their names."""
_OF_INSTANCES = ("frames/", "pixeldata", "bulkdata/")


class DicomWebDoor:
    """`/dicomweb/studies/{study}/series/{series}/instances/{instance}`, and what lies below.

    Every answer is within the datasets that the one asking may look into; whole instances are
    taken away, everything else is looked at. Errors are left to the door around it.
    """

    def __init__(self, node: Node, metrics: Metrics) -> None:
        self._node = node
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS":
            await send_whole(send, 204, _PREFLIGHT)
            return
        if scope["method"] not in ("GET", "HEAD", "POST"):
            raise UnknownError("this cannot be done here.", rule="GET, HEAD, POST or OPTIONS")
        names, rest = _read_path(scope["path"])
        asked = DicomRequest(
            node=self._node,
            metrics=self._metrics,
            scope=scope,
            receive=receive,
            send=send,
            headers=Headers(scope=scope),
            query=read_query(scope["query_string"]),
            names=names,
            rest=rest,
        )
        await _find(asked)(asked)


def _read_path(path: str) -> tuple[Names, str]:
    found = _NAMED.fullmatch(path.rstrip("/"))
    if found is None:
        return Names(""), path.removeprefix(PREFIX).rstrip("/")
    study, series, instance, rest = found.groups()
    return Names(study, series, instance), rest or ""


def _find(asked: DicomRequest) -> Answer:
    names, rest = asked.names, asked.rest
    if asked.scope["method"] == "POST":
        if names.series is None and rest == ("" if names.study else "studies"):
            return dicomweb_store.answer
        raise UnknownError("nothing is stored here.", rule=f"POST {ROOT}/studies")
    if dicomweb_search.is_search(names, rest):
        return dicomweb_search.answer
    is_instances = rest.startswith(_OF_INSTANCES)
    if names.study and (names.instance or not is_instances):
        for pattern, answer in _RESOURCES:
            if pattern.fullmatch(rest):
                return answer
    raise UnknownError(
        "there is no such resource.",
        rule=f"{ROOT}/studies/{{study}}/series/{{series}}/instances/{{instance}}",
    )
