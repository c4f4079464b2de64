"""Sets the records of an export aside, each under what the mapping will look for it by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bigpicture.model.attribute import Json
from bigpicture.model.errors import InputError
from bigpicture.model.finding import Severity
from bigpicture.preparation.sources.export import fhir_members, files_of
from bigpicture.preparation.sources.fhir import RESOURCES, Resource, resources_in
from bigpicture.preparation.sources.fhir_hierarchy import IMAGED, OWN, PARENT, references
from bigpicture.preparation.sources.json_path import dicts, texts
from bigpicture.preparation.sources.lis import lis_members
from bigpicture.preparation.sources.mapping import Join, Mapping
from bigpicture.preparation.sources.person import without
from bigpicture.preparation.sources.person_fields import FieldKind
from bigpicture.preparation.sources.person_texts import personal_texts
from bigpicture.preparation.sources.person_words import PersonWords
from bigpicture.preparation.sources.problem import Problem, Tally
from bigpicture.preparation.sources.shelf import Shelf

WORDS = "^words"
"""Where a kept record holds the digests of what names its person."""


class Gatherer:
    """Reads every file of an export once."""

    def __init__(self, mapping: Mapping, shelf: Shelf, tally: Tally, words: PersonWords) -> None:
        self._mapping, self._shelf, self._tally, self._words = mapping, shelf, tally, words
        self._wanted = {"Specimen", *(join.kind for join in mapping.joins)} & RESOURCES
        if any(join.kind == "Device" for join in mapping.joins) or mapping.is_fhir:
            self._wanted |= {"Device", "ImagingStudy"}
        self._left = frozenset((FieldKind.NEVER, FieldKind.FREE_TEXT))
        if any(rule.allow_free_text for rule in mapping.columns):
            self._left -= {FieldKind.FREE_TEXT}
        self.records = 0

    def gather(self, export: Path) -> None:
        """Read the export; raises `InputError` where a file is not what it should be."""
        for file in files_of(export):
            if self._mapping.is_fhir:
                for member in fhir_members(file):
                    for resource in resources_in(member):
                        self._keep_resource(resource)
            else:
                for member in lis_members(file, self._mapping):
                    self._keep_record(member.path, member.value, member.place)
        if self._mapping.is_fhir:
            self._shelf.settle(OWN)
            self._tell_repeated()

    def _keep_resource(self, resource: Resource) -> None:
        self.records += 1
        if resource.kind not in self._wanted:
            return
        if resource.is_older:
            self._tally.add(_OLDER, resource.place)
        words = self._words.of(personal_texts(resource.body, is_fhir=True))
        is_person = resource.kind == "Patient"
        kept = without(resource.body, self._left, is_fhir=True)
        assert isinstance(kept, dict)
        found = [(OWN, key) for key in (resource.key, *resource.aliases)]
        found += self._indexed(resource)
        self._shelf.put(
            kind=resource.kind,
            key=resource.key,
            place=resource.place,
            body={**kept, "reference": resource.key, **({WORDS: list(words)} if is_person else {})},
            found=found,
        )

    def _indexed(self, resource: Resource) -> Iterator[tuple[str, str]]:
        body = resource.body
        if resource.kind == "Specimen":
            for parent in references(body.get("parent")):
                yield PARENT, parent
        elif resource.kind == "ImagingStudy":
            for series in dicts(body.get("series")):
                for specimen in references(series.get("specimen")):
                    yield IMAGED, specimen
        yield from self._joined(resource.kind, body, resource.place)

    def _joined(self, kind: str, body: Json, place: str) -> Iterator[tuple[str, str]]:
        for join in self._mapping.joins:
            if join.kind == kind:
                for value in values_at(join, body, place, self._tally):
                    yield join.index, value

    def _keep_record(self, path: str, value: Json, place: str) -> None:
        self.records += 1
        body: dict[str, Json] = value if isinstance(value, dict) else {"^value": value}
        self._shelf.put(
            kind=path, key="", place=place, body=body, found=self._joined(path, value, place)
        )

    def _tell_repeated(self) -> None:
        for first, *others in self._shelf.repeated():
            if any(other.body != first.body for other in others):
                self._tally.add(_TWO_OF_ONE, others[0].place)


def values_at(join: Join, body: Json, place: str, tally: Tally) -> Iterator[str]:
    """The values at a join's `key` within a record."""
    for path in join.key:
        try:
            yield from texts(path(body))
        except InputError:
            tally.add(_not_worked_out(path.text), place)


def _not_worked_out(path: str) -> Problem:
    return Problem(
        rule="JMESPath: functions take the types that they are made for",
        what="the path cannot be worked out for a record.",
        remedy="Guard the function: [?type(x)=='string'], not_null(x, '').",
        path=path,
    )


_OLDER = Problem(
    rule="FHIR R4, R4B or R5",
    what="a resource has elements of DSTU2 or STU3: what moved since is not found.",
    remedy="Export in R4, or write paths for the older elements.",
)
_TWO_OF_ONE = Problem(
    rule="a resource has an id of its own",
    what="two resources of one id differ: which of them is right cannot be told.",
    remedy="Export once, or leave one of them out.",
    severity=Severity.ERROR,
)
