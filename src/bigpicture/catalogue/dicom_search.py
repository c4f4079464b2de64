"""DICOM search: studies, series and instances of the datasets that may be looked into."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from bigpicture.catalogue.dicom_match import matches
from bigpicture.catalogue.dicom_query import (
    INSTANCE_UID,
    MODALITIES,
    SERIES_UID,
    STUDY_UID,
    SYNTAX,
    DicomQuery,
    Kind,
    Match,
)
from bigpicture.dicom.searched import INSTANCE, SERIES, STUDY
from bigpicture.storage.records.tables import datasets, images, levels

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Found:
    """One answer: its names (those that it has), and its attributes as texts by keyword."""

    names: tuple[str, ...]
    """Study, series, instance."""
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FoundPage:
    items: tuple[Found, ...]
    has_more: bool


def search_dicom(connection: Connection, query: DicomQuery, opened: Sequence[str]) -> FoundPage:
    """What answers a query within the datasets `opened`, the last published first.

    The same study, series or instance in several of them is one answer. Raises `InputError` where
    an attribute cannot be matched so.
    """
    if not opened:
        return FoundPage((), has_more=False)
    found = connection.execute(_question(query, opened)).mappings().all()
    rows = found[: query.limit]
    shown = [_found(query.kind, dict(row)) for row in rows]
    counts = _counts(connection, query.kind, shown, opened)
    items = (Found(one.names, {**one.attributes, **counts.get(one.names, {})}) for one in shown)
    return FoundPage(tuple(items), has_more=len(found) > query.limit)


def _question(query: DicomQuery, opened: Sequence[str]) -> Select[Any]:
    """Of those that bear the same names, the first; then a page of them."""
    names = [images.c.study_uid, images.c.series_uid, levels.c.sop_instance_uid]
    depth = {Kind.STUDIES: 1, Kind.SERIES: 2, Kind.INSTANCES: 3}[query.kind]
    order = (datasets.c.seq.desc(), images.c.ordinal, images.c.accession)
    if query.kind is Kind.INSTANCES:
        order = (*order, levels.c.level)
    inner = (
        select(
            *names[:depth],
            images.c.searched.label("of_series"),
            *_of_level(query.kind),
            func.row_number().over(partition_by=names[:depth], order_by=order).label("copy"),
            func.row_number().over(order_by=order).label("place"),
        )
        .join(datasets, datasets.c.accession == images.c.dataset)
        .where(images.c.dataset.in_(opened), images.c.study_uid != "", *_conditions(query))
    )
    if query.kind is Kind.INSTANCES:
        inner = inner.join(levels, levels.c.image == images.c.accession)
    found = inner.subquery()
    return (
        select(found)
        .where(found.c.copy == 1)
        .order_by(found.c.place)
        .limit(query.limit + 1)
        .offset(query.offset)
    )


def _of_level(kind: Kind) -> list[ColumnElement[Any]]:
    if kind is not Kind.INSTANCES:
        return []
    return [levels.c.searched.label("of_instance"), levels.c.transfer_syntax]


def _conditions(query: DicomQuery) -> Iterator[ColumnElement[bool]]:
    for match in query.matches:
        condition = matches(_column(match), match)
        if condition is not None:
            yield condition


_NAMES: Mapping[str, ColumnElement[Any]] = {
    STUDY_UID: images.c.study_uid,
    SERIES_UID: images.c.series_uid,
    INSTANCE_UID: levels.c.sop_instance_uid,
    SYNTAX: levels.c.transfer_syntax,
    MODALITIES: images.c.searched["Modality"].as_string(),
}


def _column(match: Match) -> ColumnElement[Any]:
    known = _NAMES.get(match.keyword)
    if known is not None:
        return known
    table = levels if match.keyword in INSTANCE else images
    return table.c.searched[match.keyword].as_string()


def _found(kind: Kind, row: Mapping[str, Any]) -> Found:
    of_series: Mapping[str, str] = row["of_series"] or {}
    told = (
        {keyword: of_series.get(keyword, "") for keyword in STUDY} if kind is Kind.STUDIES else {}
    )
    told[STUDY_UID] = row["study_uid"]
    if kind is Kind.STUDIES:
        return Found((row["study_uid"],), told)
    told[SERIES_UID] = row["series_uid"]
    if kind is Kind.SERIES:
        told |= {each: of_series[each] for each in (*STUDY, *SERIES) if each in of_series}
        return Found((row["study_uid"], row["series_uid"]), told)
    of_instance: Mapping[str, str] = row["of_instance"] or {}
    told |= {each: of_series[each] for each in (*STUDY, *SERIES) if each in of_series}
    told |= {each: of_instance[each] for each in INSTANCE if each in of_instance}
    told[INSTANCE_UID] = row["sop_instance_uid"]
    if row["transfer_syntax"]:
        told[SYNTAX] = row["transfer_syntax"]
    return Found((row["study_uid"], row["series_uid"], row["sop_instance_uid"]), told)


def _counts(
    connection: Connection, kind: Kind, found: Sequence[Found], opened: Sequence[str]
) -> dict[tuple[str, ...], dict[str, str]]:
    """How much lies in each study or series, of what the one asking may look into."""
    if kind is Kind.INSTANCES:
        return {}
    counted: defaultdict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    studies = list(dict.fromkeys(one.names[0] for one in found))
    for start in range(0, len(studies), _CHUNK):
        rows = connection.execute(_within(studies[start : start + _CHUNK], opened)).all()
        for names, told in _tally(kind, rows):
            counted[names] |= told
    return counted


def _within(studies: Sequence[str], opened: Sequence[str]) -> Select[Any, Any, Any, int]:
    return (
        select(
            images.c.study_uid,
            images.c.series_uid,
            func.max(images.c.searched["Modality"].as_string()),  # a series has one
            func.count(levels.c.sop_instance_uid.distinct()),
        )
        .join(levels, levels.c.image == images.c.accession)
        .where(images.c.study_uid.in_(studies), images.c.dataset.in_(opened))
        .group_by(images.c.study_uid, images.c.series_uid)
    )


def _tally(
    kind: Kind, rows: Iterable[Sequence[Any]]
) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    if kind is Kind.SERIES:
        for study, series, _, instances in rows:
            yield (study, series), {"NumberOfSeriesRelatedInstances": str(instances)}
        return
    by_study: defaultdict[str, list[Sequence[Any]]] = defaultdict(list)
    for row in rows:
        by_study[row[0]].append(row)
    for study, members in by_study.items():
        yield (
            (study,),
            {
                MODALITIES: "\\".join(sorted({row[2] for row in members if row[2]})),
                "NumberOfStudyRelatedSeries": str(len({row[1] for row in members})),
                "NumberOfStudyRelatedInstances": str(sum(row[3] for row in members)),
            },
        )


def list_published(connection: Connection) -> list[str]:
    """The accession of every published dataset."""
    return list(connection.scalars(select(datasets.c.accession)))
