"""Freeze: a cohort's exact images at a moment, named by their digest and by an accession."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, insert, select, update

from bigpicture.catalogue.selection import Selection
from bigpicture.ledger.record import record
from bigpicture.model.cohort import (
    Cohort,
    CohortVersion,
    FrozenList,
    Part,
    count_parts,
    digest_of,
)
from bigpicture.model.errors import LimitError, UnknownError
from bigpicture.model.identifiers import Accession, AccessionKind
from bigpicture.model.person import Person
from bigpicture.model.question import Question
from bigpicture.model.question_json import question_as_json, question_from_json
from bigpicture.storage.records.tables import cohort_lists, cohort_versions

MOST_VERSIONS = 500
"""Of one cohort."""

Images = Mapping[str, Sequence[str]]
"""Accessions of images, sorted, by that of their dataset."""


@dataclass(frozen=True, slots=True)
class Minted:
    """A list that has an accession, with the name and the question that it was minted for."""

    images: FrozenList
    accession: str
    minted: datetime
    title: str
    question: Question


def freeze_cohort(
    connection: Connection,
    person: Person,
    cohort: Cohort,
    selection: Selection,
    *,
    asked: Collection[str],
    titles: Mapping[str, str],
) -> tuple[CohortVersion, bool]:
    """Freeze a cohort to the images of `selection`, taken of the datasets `asked`.

    Returns the version, and whether it is a new one: where neither question, images nor datasets
    differ from the last version's, that one stands.
    """
    frozen = FrozenList(
        digest_of(selection.accessions),
        len(selection),
        count_parts(selection.datasets, selection.beings, titles),
    )
    last = next(iter(list_versions(connection, cohort.id, limit=1)), None)
    if last and (last.images.digest, last.question, last.asked) == (
        frozen.digest,
        cohort.question,
        frozenset(asked),
    ):
        return last, False
    _keep_list(connection, frozen, _by_dataset(selection))
    number = _add_version(
        connection, cohort.id, frozen, question=cohort.question, asked=asked, by=person.id
    )
    return find_version(connection, cohort.id, number), True


def restrict_version(
    connection: Connection, cohort: str, number: int, *, without: Collection[str], by: str
) -> CohortVersion | None:
    """Freeze a version again without the images of some datasets, for those who may not use them.

    Returns the new version, or None where nothing of those datasets is in it.
    """
    whole = find_version(connection, cohort, number)
    parts = tuple(part for part in whole.images.parts if part.dataset not in without)
    if len(parts) == len(whole.images.parts):
        return None
    images = read_images(connection, whole.images.digest)
    held = {part.dataset: images[part.dataset] for part in parts}
    frozen = FrozenList(
        digest_of(image for each in held.values() for image in each),
        sum(map(len, held.values())),
        parts,
    )
    _keep_list(connection, frozen, held)
    added = _add_version(
        connection,
        cohort,
        frozen,
        question=whole.question,
        asked=whole.asked.difference(without),
        by=by,
        of=number,
    )
    return find_version(connection, cohort, added)


def _add_version(
    connection: Connection,
    cohort: str,
    frozen: FrozenList,
    *,
    question: Question,
    asked: Collection[str],
    by: str,
    of: int | None = None,
) -> int:
    """Add a version behind the last; `of` is the one that it is a part of."""
    table = cohort_versions
    last = connection.scalar(select(func.max(table.c.number)).where(table.c.cohort == cohort))
    number = (last or 0) + 1
    if number > MOST_VERSIONS:
        raise LimitError("the cohort has too many versions.", rule=f"at most {MOST_VERSIONS}")
    connection.execute(
        insert(cohort_versions).values(
            cohort=cohort,
            number=number,
            frozen=datetime.now(UTC),
            by=by,
            question=question_as_json(question),
            asked=_packed(sorted(asked)),
            digest=frozen.digest,
        )
    )
    details = {"version": number, "digest": frozen.digest, "images": frozen.count}
    record(
        connection,
        actor=by,
        action="cohort:freeze",
        subject=cohort,
        details=details if of is None else {**details, "part_of": of},
    )
    return number


def list_versions(
    connection: Connection, cohort: str, *, before: int | None = None, limit: int = 50
) -> list[CohortVersion]:
    """Versions of a cohort, the newest first, older than `before`."""
    asked = _versions(cohort).order_by(cohort_versions.c.number.desc()).limit(limit)
    if before is not None:
        asked = asked.where(cohort_versions.c.number < before)
    return [_read_version(row) for row in connection.execute(asked).mappings()]


def count_versions(connection: Connection, cohort: str) -> int:
    """How often a cohort was frozen."""
    asked = select(func.count()).select_from(cohort_versions)
    return connection.execute(asked.where(cohort_versions.c.cohort == cohort)).scalar_one()


def find_version(connection: Connection, cohort: str, number: int) -> CohortVersion:
    """One version; raises `UnknownError`."""
    asked = _versions(cohort).where(cohort_versions.c.number == number)
    row = connection.execute(asked).mappings().first()
    if row is None:
        raise UnknownError(
            f"the cohort has no version {number}.",
            remedy="Freeze it; its page lists what there is.",
        )
    return _read_version(row)


def read_images(connection: Connection, digest: str) -> Images:
    """The images of a frozen list."""
    body = connection.execute(
        select(cohort_lists.c.body).where(cohort_lists.c.digest == digest)
    ).scalar_one()
    return json.loads(zlib.decompress(body))


def mint_accession(
    connection: Connection, person: Person, cohort: Cohort, number: int, *, center: str
) -> Accession:
    """The accession of a version's list: one for equal lists, whoever asks first."""
    version = find_version(connection, cohort.id, number)
    digest = version.images.digest
    fresh = Accession.mint(center, AccessionKind.COHORT)
    done = connection.execute(
        update(cohort_lists)
        .where(cohort_lists.c.digest == digest, cohort_lists.c.accession.is_(None))
        .values(
            accession=fresh,
            minted=datetime.now(UTC),
            minted_by=person.id,
            title=cohort.name,
            question=question_as_json(version.question),
        )
    )
    if done.rowcount:
        record(
            connection,
            actor=person.id,
            action="cohort:mint",
            subject=fresh,
            details={"cohort": cohort.id, "version": number, "digest": digest},
        )
    kept = select(cohort_lists.c.accession).where(cohort_lists.c.digest == digest)
    return Accession.parse(connection.execute(kept).scalar_one())


def find_minted(connection: Connection, accession: Accession) -> Minted:
    """The list that an accession names; raises `UnknownError`."""
    row = connection.execute(
        select(*(column for column in cohort_lists.c if column.name != "body")).where(
            cohort_lists.c.accession == accession
        )
    ).mappings().first()  # fmt: skip
    if row is None:
        raise UnknownError("there is no cohort of this accession.", place=accession)
    return Minted(
        images=_read_list(row),
        accession=row["accession"],
        minted=row["minted"],
        title=row["title"],
        question=question_from_json(row["question"]),
    )


def _by_dataset(selection: Selection) -> Images:
    held: dict[str, list[str]] = {}
    for dataset, image in zip(selection.datasets, selection.accessions, strict=True):
        held.setdefault(dataset, []).append(image)
    return held


def _keep_list(connection: Connection, frozen: FrozenList, held: Images) -> None:
    known = select(cohort_lists.c.digest).where(cohort_lists.c.digest == frozen.digest)
    if connection.execute(known).first():
        return
    connection.execute(
        insert(cohort_lists).values(
            digest=frozen.digest,
            count=frozen.count,
            parts=[asdict(part) for part in frozen.parts],
            body=_packed({dataset: sorted(held[dataset]) for dataset in sorted(held)}),
        )
    )


def _packed(value: object) -> bytes:
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode())


def _versions(cohort: str) -> Select[Any]:
    return (
        select(
            cohort_versions,
            cohort_lists.c.count,
            cohort_lists.c.parts,
            cohort_lists.c.accession,
        )
        .join(cohort_lists, cohort_lists.c.digest == cohort_versions.c.digest)
        .where(cohort_versions.c.cohort == cohort)
    )


def _read_version(row: RowMapping) -> CohortVersion:
    return CohortVersion(
        cohort=row["cohort"],
        number=row["number"],
        frozen=row["frozen"],
        by=row["by"],
        question=question_from_json(row["question"]),
        asked=frozenset(json.loads(zlib.decompress(row["asked"]))),
        images=_read_list(row),
    )


def _read_list(row: RowMapping) -> FrozenList:
    return FrozenList(
        digest=row["digest"],
        count=row["count"],
        parts=tuple(Part(**part) for part in row["parts"]),
        accession=row["accession"],
    )
