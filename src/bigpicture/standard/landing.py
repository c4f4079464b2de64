"""Check that a landing page says what the dataset says: typed by hand, the two drift apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from bigpicture.model.attribute import Attribute, find, find_all
from bigpicture.model.entity import EntityKind
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.landing_page import LandingPage
from bigpicture.model.study import Study

MOST_KEYWORDS = 10

_COUNTED = (
    ("17.1.19", "number_of_biological_beings", EntityKind.BEING),
    ("17.1.20", "number_of_cases", EntityKind.CASE),
    ("17.1.21", "number_of_wsis", EntityKind.IMAGE),
    ("17.1.22", "number_of_observations", EntityKind.OBSERVATION),
    ("17.1.23", "number_of_annotations", EntityKind.ANNOTATION),
)
_OF_POLICY = (
    ("17.1.35", "type_of_access"),
    ("17.5.2", "allowed_geographical_distribution"),
    ("17.5.3", "duration_of_use"),
    ("17.5.4", "defined_research_question_required"),
    ("17.5.5", "informed_consent_form_defined_use_restrictions"),
    ("17.5.6", "custom_use_restrictions"),
    ("17.5.7", "policy_text"),
)
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Difference:
    """What a page shows under a tag, and what the dataset says; "" where it says nothing."""

    number: str
    tag: str
    shown: str
    said: str


def check_landing_page(study: Study) -> Iterator[Finding]:
    """Yield each place where the page of a dataset says something else than the dataset.

    What documents could not be read is not compared. Members of lists are not: a page may speak
    more generally than codes do.
    """
    for page in study.landing_pages:
        for each in differences(study, page):
            said = f"{_cut(each.said)!r}" if each.said else "nothing"
            what = f"{each.tag} says {_cut(each.shown)!r}."
            yield _at(page, each.tag, each.number, what, f"{said}, as the dataset says")
        keywords = page.keywords
        if len(keywords) > MOST_KEYWORDS:
            what = f"there are {len(keywords)} keywords."
            yield _at(page, "keywords", "17.1.8", what, f"at most {MOST_KEYWORDS}")


def differences(study: Study, page: LandingPage) -> Iterator[Difference]:
    """Yield what the page shows that is not what the dataset says."""
    yield from _of_header(study, page)
    if not study.unread:
        yield from _of_counts(study, page)
    yield from _of_terms(study, page)


def _of_header(study: Study, page: LandingPage) -> Iterator[Difference]:
    if len(study.datasets) != 1:
        return
    header = study.datasets[0]
    for number, tag, said in (
        ("17.1.3", "header", header.title),
        ("17.1.5", "dataset_name", header.title),
        ("17.1.6", "dataset_short_name", header.short_name),
        ("17.1.7", "dataset_description", header.description),
        ("17.1.27", "dataset_version", header.version),
        ("17.1.28", "metadata_standard_version", header.metadata_standard),
    ):
        shown = find(page.stated, tag)
        if shown is not None and shown.text and _plain(shown.text) != _plain(said):
            yield Difference(number, tag, shown.text, said)


def _of_counts(study: Study, page: LandingPage) -> Iterator[Difference]:
    for number, tag, kind in _COUNTED:
        there = len(study.by_kind[kind])
        shown = find(page.stated, tag)
        if shown is not None and shown.number is not None and shown.number != Decimal(there):
            yield Difference(number, tag, f"{shown.number:f}", str(there))


def _of_terms(study: Study, page: LandingPage) -> Iterator[Difference]:
    if len(study.terms) != 1:
        return
    stated = study.terms[0].stated
    for number, tag in _OF_POLICY:
        said, shown = find(stated, tag), find(page.stated, tag)
        if shown is not None and said is not None and _text(shown) != _text(said):
            yield Difference(number, tag, _text(shown), _text(said))
    said_uses, shown_uses = (_uses(each) for each in (stated, page.stated))
    if shown_uses and shown_uses != said_uses:
        told = ("; ".join(sorted(each)) for each in (shown_uses, said_uses))
        yield Difference("17.5.1", "allowed_uses", *told)


def _uses(stated: tuple[Attribute, ...]) -> frozenset[str]:
    return frozenset(_text(each) for each in find_all(stated, "allowed_uses", "allowed_use"))


def _text(attribute: Attribute) -> str:
    return _plain(attribute.text or "")


def _plain(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _at(page: LandingPage, tag: str, number: str, what: str, expected: str) -> Finding:
    stated = find(page.stated, tag)
    return Finding(
        number,
        Severity.WARNING,
        page.place_of(stated) if stated else page.place,
        what,
        expected,
        "Correct the page; what the dataset says is shown in any case.",
        entity=str(page),
    )
