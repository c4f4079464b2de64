"""What of a row's records a column may see: less than what was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from bigpicture.model.attribute import Json
from bigpicture.preparation.sources.columns import ColumnKind
from bigpicture.preparation.sources.gather import WORDS
from bigpicture.preparation.sources.json_path import dicts
from bigpicture.preparation.sources.lis import Context
from bigpicture.preparation.sources.mapping import ColumnRule
from bigpicture.preparation.sources.person import without
from bigpicture.preparation.sources.person_fields import FieldKind
from bigpicture.preparation.sources.person_texts import PersonText, personal_texts
from bigpicture.preparation.sources.person_words import PersonWords

_OF_IDENTIFIERS = frozenset((FieldKind.BIRTH,))
_OF_TEXTS = frozenset((FieldKind.NEVER, FieldKind.BIRTH, FieldKind.IDENTIFIER))
_OF_TERMS = frozenset(FieldKind)
_REMEMBERED = 4096
_Wanted: TypeAlias = tuple[frozenset[FieldKind], frozenset[str]]


class Remembered:
    """What is left of the records of the last rows: neighbours have their patient in common."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, str, _Wanted], tuple[Json, Json]] = {}

    def get(self, record: Json, name: str, wanted: _Wanted, make: Callable[[], Json]) -> Json:
        """The record is held along with what was made of it, so that its id stays its own."""
        key = (id(record), name, wanted)
        found = self._made.get(key)
        if found is None:
            if len(self._made) >= _REMEMBERED:
                self._made.clear()
            found = self._made[key] = (record, make())
        return found[1]


class Views:
    """The records of one row; what a path cannot see, it cannot bring out."""

    def __init__(self, context: Context, remembered: Remembered, *, is_fhir: bool) -> None:
        self.whole = context
        self._is_fhir = is_fhir
        self._remembered = remembered
        self._made: dict[_Wanted, Context] = {}
        self._words: frozenset[str] | None = None

    def of(self, rule: ColumnRule) -> Context:
        """The records without what this column may not read."""
        kinds = _OF_TERMS
        if rule.kind is ColumnKind.IDENTIFIER:
            kinds = _OF_IDENTIFIERS
        elif rule.allow_free_text:
            kinds = _OF_TEXTS
        wanted = (kinds, rule.allow_fields)
        if wanted not in self._made:
            self._made[wanted] = self._without(*wanted)
        return self._made[wanted]

    def words(self, known: PersonWords, but: frozenset[str]) -> frozenset[str]:
        """The digests of what names the people of this row."""
        if self._words is None:
            self._words = frozenset(
                self._kept_words() if self._is_fhir else known.of(self._personal(but))
            )
        return self._words

    def _kept_words(self) -> Iterable[str]:
        for record in self.whole.values():
            for each in dicts(record):
                found = each.get(WORDS)
                yield from (str(word) for word in found) if isinstance(found, list) else ()

    def _personal(self, but: frozenset[str]) -> Iterable[PersonText]:
        for name, record in self.whole.items():
            yield from personal_texts(record, is_fhir=False, but=but, under=name)

    def _without(self, kinds: frozenset[FieldKind], but: frozenset[str]) -> Context:
        def less(record: Json, name: str) -> Json:
            if isinstance(record, list):
                return [less(each, name) for each in record]
            if not isinstance(record, dict):
                return record
            # `but` alone asks for the name above a field
            return self._remembered.get(
                record,
                name if but else "",
                (kinds, but),
                lambda: without(record, kinds, is_fhir=self._is_fhir, but=but, under=name),
            )

        return {name: less(record, name) for name, record in self.whole.items()}
