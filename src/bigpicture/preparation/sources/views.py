"""What of a row's records a column may see: less than what was read."""

from __future__ import annotations

from collections.abc import Iterable

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


class Views:
    """The records of one row; what a path cannot see, it cannot bring out."""

    def __init__(self, context: Context, *, is_fhir: bool) -> None:
        self.whole = context
        self._is_fhir = is_fhir
        self._made: dict[tuple[frozenset[FieldKind], frozenset[str]], Context] = {}
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
        """A record that stands under several names is gone through once."""
        made: dict[int, Json] = {}

        def less(record: Json, name: str) -> Json:
            if isinstance(record, list):
                return [less(each, name) for each in record]
            if id(record) not in made:
                made[id(record)] = without(
                    record, kinds, is_fhir=self._is_fhir, but=but, under=name
                )
            return made[id(record)]

        return {name: less(record, name) for name, record in self.whole.items()}
