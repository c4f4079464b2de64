"""Check that a DataCite record says what the dataset says: it becomes the face of the DOI."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bigpicture.metaflex.datacite import RULE
from bigpicture.model.aside import Aside
from bigpicture.model.attribute import find
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.place import Place
from bigpicture.model.study import Study

_SHOWN = 60
_KINDS = frozenset({"Dataset", "Image", "Collection"})


def check_datacite_record(study: Study) -> Iterator[Finding]:
    """Yield where title, version, year or type differ from the dataset's own."""
    if len(study.datasets) != 1:
        return
    dataset = study.datasets[0]
    for record in study.datacite:
        titles = record.titles
        if titles and all(_plain(each.text) != _plain(dataset.title) for each in titles):
            yield _differs(titles[0], "title", dataset.title)
        version = record.version
        if version and dataset.version and _version(version.text) != _version(dataset.version):
            yield _differs(version, "version", dataset.version)
        page = study.landing_pages[0] if len(study.landing_pages) == 1 else None
        stated = find(page.stated, "year_of_submission") if page else None
        if record.year and stated and stated.text and _comes_before(record.year.text, stated.text):
            yield _differs(record.year, "publicationYear", f"{stated.text} or later")
        if record.resource_type and record.resource_type not in _KINDS:
            what = f"resourceTypeGeneral is {record.resource_type[:_SHOWN]!r}."
            yield _warning(record.place, what, " or ".join(sorted(_KINDS)))


def _differs(told: Aside, tag: str, said: str) -> Finding:
    what = f"{tag} is {_cut(told.text)!r}."
    return _warning(told.place, what, f"{_cut(said)!r}, as the dataset says")


def _warning(place: Place, what: str, expected: str) -> Finding:
    remedy = "Correct the one that is wrong: a DOI shows this record for ever."
    return Finding(RULE, Severity.WARNING, place, what, expected, remedy)


def _comes_before(year: str, submitted: str) -> bool:
    years = [re.fullmatch(r"\s*(\d{4})(?:\.0*)?\s*", each, re.ASCII) for each in (year, submitted)]
    first, second = years
    return first is not None and second is not None and int(first[1]) < int(second[1])


def _version(text: str) -> str:
    """1, 1.0 and 1.0.0 are one version."""
    return re.sub(r"(?:\.0)+$", "", text.strip().lower().removeprefix("v"))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
