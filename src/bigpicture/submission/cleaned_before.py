"""Cleaned before: knows a slide that this key wrote for this subject, so that it stays as it is.

Its unique identifiers tell: only who holds the key can derive them (128 bits of HMAC-SHA256), so
whoever finds them in a source knows that the names beside them are pseudonyms already. Without
this a clean slide would be refused for holding its own pseudonyms, or get pseudonyms of those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bigpicture.deidentify.pseudonyms import is_pseudonym
from bigpicture.dicom.header import MOMENT, SHORT, UNTOLD
from bigpicture.dicom.subject import DUMMY_TIME, Subject
from bigpicture.model.allowance import Field


@dataclass(frozen=True, slots=True)
class _Kept:
    """Leaves what is a pseudonym already as it is; it travels to a child, as no lambda can."""

    make: Callable[[str, str], str]

    def __call__(self, domain: str, value: str) -> str:
        return value if is_pseudonym(value) or value == UNTOLD else self.make(domain, value)


def was_cleaned(fields: Sequence[Field], subject: Subject) -> bool:
    """Whether a source's header was written for this subject, under the same key."""
    studies, series = _values(fields, "StudyInstanceUID"), _values(fields, "SeriesInstanceUID")
    return (studies, series) == ({subject.study_uid}, {subject.series_uid})


def as_it_was(fields: Sequence[Field], subject: Subject) -> Subject:
    """The subject of a slide that was cleaned before: pseudonyms and a shifted day stay."""
    made = subject.pseudonym
    kept = replace(subject, pseudonym=_Kept(made) if made else None)
    how = _values(fields, "LongitudinalTemporalInformationModified")
    if not subject.days_back or "MODIFIED" not in how:
        return kept
    days = _values(fields, "AcquisitionDateTime")
    return replace(kept, acquired=_moment(days.pop())) if len(days) == 1 else kept


def writings_of(fields: Sequence[Field], subject: Subject, levels: int) -> list[str]:
    """What a header of this subject holds beside codes and words: no leak where it stands again."""
    names = (
        subject.image, subject.patient, subject.case, subject.specimen, subject.container,
        subject.block, *filter(is_pseudonym, _values(fields, "DeviceSerialNumber")),
    )  # fmt: skip
    moment: list[str] = []
    if subject.acquired != DUMMY_TIME:
        moment = [f"{subject.acquired:{MOMENT}}", f"{subject.acquired:%Y-%m-%dT%H:%M:%S}"]
    return [
        *moment, subject.study_uid, subject.series_uid, subject.frame_uid,
        subject.overview_frame_uid, subject.pyramid_uid, subject.dimension_uid,
        subject.specimen_uid,
        *(subject.instance_uid(level) for level in range(levels + 1)),
        *(part for name in names if name for part in (name, name[:SHORT])),
    ]  # fmt: skip


def _values(fields: Iterable[Field], keyword: str) -> set[str]:
    return {each.value.strip("\0 ") for each in fields if each.name == f"DICOM.{keyword}"}


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return DUMMY_TIME
