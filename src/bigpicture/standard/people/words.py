"""The words of a text, and what each of them could be in a person's name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bigpicture.standard.people.given_names import ALSO_WORDS, GIVEN_NAMES
from bigpicture.standard.people.listed import listed
from bigpicture.standard.people.not_names import EPONYMS, ORGANISATIONS, SAINTS, WORDS
from bigpicture.standard.people.sighting import fold

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_PARTICLES = listed("""
von van de der den del della di da dal do dos das du des la le lo ter ten zu zum zur af av el bin
ibn al vom op
""")
_LETTERS_OF_CODES = 3
"""Capitals up to this many are more often a code than a name: `CK`, `ALK`, `SMA`."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text; `folded` is without case and accents."""

    text: str
    folded: str
    start: int
    end: int

    @property
    def is_given(self) -> bool:
        return self.folded in GIVEN_NAMES

    @property
    def is_plain_given(self) -> bool:
        """A given name that nothing else is called by."""
        return self.folded in GIVEN_NAMES and self.folded not in ALSO_WORDS

    @property
    def is_eponym(self) -> bool:
        return self.folded in EPONYMS

    @property
    def is_of_organisation(self) -> bool:
        return self.folded in ORGANISATIONS or self.folded.endswith(
            (
                "klinikum",
                "klinik",
                "krankenhaus",
                "hospital",
                "sjukhuset",
                "universitat",
                "institut",
            )
        )

    @property
    def is_saint(self) -> bool:
        return self.folded in SAINTS

    @property
    def is_particle(self) -> bool:
        return self.folded in _PARTICLES

    @property
    def is_initial(self) -> bool:
        return len(self.text) == 1 and self.text.isupper()

    @property
    def is_capitalised(self) -> bool:
        """`Schmidt`, `O'Brien`, `McGregor`, `SCHMIDT`; not `ALK` and not `iPSC`."""
        if self.text.isupper():
            return len(self.text) > _LETTERS_OF_CODES
        return len(self.text) > 1 and self.text[0].isupper() and self.text[-1].islower()

    @property
    def is_ordinary(self) -> bool:
        return self.folded in WORDS or self.is_of_organisation

    @property
    def could_be_surname(self) -> bool:
        return self.is_capitalised and not self.is_ordinary and not self.is_particle


def words_of(text: str) -> list[Word]:
    return [
        Word(each.group(), fold(each.group()), each.start(), each.end())
        for each in _WORD.finditer(text)
    ]
