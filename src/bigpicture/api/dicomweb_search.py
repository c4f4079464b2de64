"""DICOMweb search (QIDO-RS): studies, series and instances by their attributes."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping

from bigpicture.access.decide import Purpose
from bigpicture.api.dicomweb_metadata import JSON
from bigpicture.api.dicomweb_request import DicomRequest
from bigpicture.api.media import choose
from bigpicture.api.problem import MalformedError
from bigpicture.catalogue.dicom_match import split_list
from bigpicture.catalogue.dicom_query import MATCHED, SERIES_UID, STUDY_UID, DicomQuery, Kind, Match
from bigpicture.catalogue.dicom_search import Found, FoundPage, list_published, search_dicom
from bigpicture.dicom.attributes import keyword_of, tell_all
from bigpicture.model.errors import InputError
from bigpicture.model.person import Person
from bigpicture.viewing.named import Names

MOST, USUAL = 1000, 200
"""Answers in one, at most and where no limit is given."""
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_KNOWN = frozenset({"accept", "limit", "offset", "includefield", "fuzzymatching",
                    "emptyvaluematching", "multiplevaluematching", "charset"})  # fmt: skip
_LITERAL = "The fuzzymatching parameter is not supported. Only literal matching has been performed."


def is_search(names: Names, rest: str) -> bool:
    """Whether a path asks for a search (PS3.18 table 10.6.1-1)."""
    if not names.study:
        return rest in set(Kind)
    if names.series is None:
        return rest in (Kind.SERIES, Kind.INSTANCES)
    return names.instance is None and rest == Kind.INSTANCES


async def answer(asked: DicomRequest) -> None:
    """Send what answers the query, within the datasets that the one asking may look into."""
    chosen = choose(JSON, asked.accepted)
    query = _read(asked)
    found = await asyncio.to_thread(_search, asked, await asked.who(), query)
    warnings: list[str] = []
    if asked.query.get("fuzzymatching") == "true":
        warnings.append(_LITERAL)
    if found.has_more:
        warnings.append("There are additional results that can be requested.")
    told = [_shown(asked, each) for each in found.items]
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() if told else b""
    await asked.answer(
        200 if told else 204, chosen.type if told else "", body, warning=" ".join(warnings)
    )


def _search(asked: DicomRequest, person: Person | None, query: DicomQuery) -> FoundPage:
    node = asked.node
    with node.records.read() as connection:
        published = list_published(connection)
    listed = node.decisions.listed(person, published)
    decisions = node.decisions.decide_each(person, listed, Purpose.VIEW)
    opened = [dataset for dataset in listed if decisions[dataset].allowed]
    try:
        with node.records.read() as connection:
            return search_dicom(connection, query, opened)
    except InputError as error:
        raise MalformedError(error.what, place=error.place, rule=error.rule) from error


def _shown(asked: DicomRequest, found: Found) -> Mapping[str, object]:
    told = tell_all({**found.attributes, "InstanceAvailability": "ONLINE"})
    told["00081190"] = {"vr": "UR", "Value": [asked.address(*found.names)]}
    return dict(sorted(told.items()))


def _read(asked: DicomRequest) -> DicomQuery:
    """Raises `MalformedError` naming the parameter that is wrong."""
    kind = Kind(asked.rest)
    within = [(STUDY_UID, asked.names.study), (SERIES_UID, asked.names.series)]
    fixed = tuple(Match(keyword, (name,)) for keyword, name in within if name)
    limit = min(_number(asked.query, "limit", USUAL), MOST)
    return DicomQuery(
        kind=kind,
        matches=(*fixed, *_matches(asked.query, kind)),
        limit=limit,
        offset=_number(asked.query, "offset", 0),
    )


def _matches(query: Mapping[str, str], kind: Kind) -> Iterator[Match]:
    for name, text in query.items():
        if name in _KNOWN:
            continue
        keyword = keyword_of(name)
        if keyword not in MATCHED[kind]:  # left out, it would find what was not asked for
            raise MalformedError(
                "this attribute cannot be searched for.",
                place="query",
                rule=", ".join(sorted(MATCHED[kind])),
            )
        yield Match(keyword, tuple(split_list(keyword, text.replace("+", " "))))


def _number(query: Mapping[str, str], name: str, usual: int) -> int:
    text = query.get(name)
    if text is None:
        return usual
    if not _NUMBER.fullmatch(text):
        raise MalformedError(f"{name} cannot be read.", place=name, rule="a number from 0")
    return int(text)
