"""DICOMweb store (STOW-RS): instances into a submission, which waits for its metadata."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence

from starlette.requests import Request

from bigpicture.api.asking import require
from bigpicture.api.dicomweb_metadata import JSON
from bigpicture.api.dicomweb_request import DicomRequest
from bigpicture.api.media import MULTIPART, choose, read_parameters
from bigpicture.api.multipart_read import MultipartReader
from bigpicture.api.problem import MalformedError, MediaTypeError
from bigpicture.model.errors import SignInError
from bigpicture.model.person import Permission, Person
from bigpicture.submission.arrive import Arrival, Outcome, Reason

MOST_INSTANCES = 10_000
"""In one request."""
_DICOM = "application/dicom"


async def answer(asked: DicomRequest) -> None:
    """Take the instances of a body, one by one; each is durable before the next is read.

    `?submission=` is the alias of the submission they go into; else each study is one of its own.
    """
    person = await _submitter(asked)
    chosen = choose(JSON, asked.accepted)
    boundary = _boundary(asked)
    arrival = Arrival(
        asked.node.stores,
        person,
        alias=asked.query.get("submission"),
        study=asked.names.study or None,
    )
    body = Request(asked.scope, asked.receive).stream()
    outcomes = [each async for each in _take(asked, arrival, MultipartReader(body, boundary))]
    if not outcomes:
        raise MalformedError("the body holds no instance.", rule=f'{MULTIPART}; type="{_DICOM}"')
    failed = sum(each.reason is not None for each in outcomes)
    status = 409 if failed == len(outcomes) else 202 if failed else 200
    told = json.dumps(_told(asked, outcomes), separators=(",", ":")).encode()
    await asked.answer(status, chosen.type, told)


async def _take(
    asked: DicomRequest, arrival: Arrival, reader: MultipartReader
) -> AsyncIterator[Outcome]:
    count = 0
    while (headers := await reader.next()) is not None:
        count += 1
        kind = headers.get("content-type", _DICOM).partition(";")[0].strip().lower()
        if kind != _DICOM or count > MOST_INSTANCES:
            raise MediaTypeError(
                "a part is no DICOM instance, or there are too many.",
                place=f"part {count}",
                rule=f"{_DICOM}, at most {MOST_INSTANCES}",
            )
        await _submitter(asked)  # a long body may outlive the right to send it
        yield await arrival.take(reader.pieces())


async def _submitter(asked: DicomRequest) -> Person:
    """Who sends, before a byte of it is read; raises `SignInError` or `ForbiddenError`."""
    person = await asked.who()
    if person is None:
        raise SignInError("this needs somebody signed in.", remedy="Sign in, then try again.")
    require(person, Permission.SUBMISSION_CREATE)
    return person


def _boundary(asked: DicomRequest) -> str:
    """Raises `MediaTypeError` where the body is no multipart of instances."""
    kind, given = read_parameters(asked.headers.get("content-type", ""))
    boundary = given.get("boundary")
    if kind != MULTIPART or given.get("type", _DICOM).lower() != _DICOM or not boundary:
        raise MediaTypeError(
            "the body is of another media type.",
            place="Content-Type",
            rule=f'{MULTIPART}; type="{_DICOM}"; boundary=…',
        )
    return boundary


def _told(asked: DicomRequest, outcomes: Sequence[Outcome]) -> dict[str, object]:
    """The Store Instances Response (PS3.18 annex I)."""
    told: dict[str, object] = {}
    if asked.names.study:
        told["00081190"] = _text("UR", asked.address(asked.names.study))
    stored = [_stored(asked, each) for each in outcomes if each.reason is None]
    failed = [_failed(each, each.reason) for each in outcomes if each.reason is not None]
    if failed:
        told["00081198"] = {"vr": "SQ", "Value": failed}
    if stored:
        told["00081199"] = {"vr": "SQ", "Value": stored}
    return told


def _stored(asked: DicomRequest, outcome: Outcome) -> dict[str, object]:
    names = outcome.names
    assert names is not None
    where = asked.address(names.study, names.series, names.instance)
    return {**_named(outcome), "00081190": _text("UR", where)}


def _failed(outcome: Outcome, reason: Reason) -> dict[str, object]:
    return {**_named(outcome), "00081197": {"vr": "US", "Value": [int(reason)]}}


def _named(outcome: Outcome) -> dict[str, object]:
    names = outcome.names
    return {
        "00081150": _text("UI", names.sop_class if names else ""),
        "00081155": _text("UI", names.instance if names else ""),
    }


def _text(vr: str, value: str) -> dict[str, object]:
    return {"vr": vr, "Value": [value]} if value else {"vr": vr}
