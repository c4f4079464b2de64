"""Vocabularies: which codes an attribute may hold, as far as that can be told offline."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bigpicture.model.code import Code
from bigpicture.standard.sctid import is_concept

Problem = tuple[str, str]
"""What was found, and what is expected."""

_FORMS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "SNOMED CT": (is_concept, "the number of a SNOMED CT concept: its last digit is a check digit"),
    "HGNC": (lambda code: re.fullmatch(r"HGNC:\d+", code) is not None, "HGNC:{number}"),
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Codes of one or several schemes.

    `terms` are those the standard names, code to meaning. Where it is closed there are no others;
    else it names a concept whose children are meant, and any well-formed code of the scheme passes:
    a terminology server would know more, and a site's own file of terms adds to them.
    """

    text: str
    schemes: tuple[str, ...]
    terms: Mapping[str, str] = field(default_factory=dict[str, str])
    is_closed: bool = False
    site: Mapping[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    """What a site adds: scheme and code to meaning; the code is empty where it is any."""

    def problem(self, code: Code) -> Problem | None:
        """What is wrong with a code whose scheme is spelled the usual way; None if nothing is."""
        if self.site:
            added = self._of_site(code)
            if added is not None:
                return added or None
        if code.scheme not in self.schemes:
            return f"it is a code of {code.scheme[:40]!r}.", " or ".join(self.schemes)
        known = self.terms.get(code.code)
        if known is None:
            return self._unknown(code)
        told = fold(code.meaning)
        other = next((each for each, it in self.terms.items() if fold(it) == told), None)
        if other is not None and other != code.code:
            return f"{code.code} means {known!r}.", f"{other} for {code.meaning[:60]!r}"
        return None

    def _of_site(self, code: Code) -> Problem | tuple[()] | None:
        """What is wrong with a code that the site added: () if nothing is, None if it is none."""
        meant = self.site.get((code.scheme, code.code))
        if meant is not None:
            if not code.meaning.strip() or fold(code.meaning) == fold(meant):
                return ()
            return (
                f"{code.code[:40]} stands for {code.meaning[:60]!r}.",
                f"{meant}, as the site says",
            )
        if (code.scheme, "") in self.site:
            return () if code.code.strip() else ("there is no code.", "a code of that scheme")
        others = [number for scheme, number in self.site if scheme == code.scheme]
        if others and code.scheme not in self.schemes:
            return f"{code.code[:40]!r} is none of the site's codes.", "; ".join(others[:20])
        return None

    def _unknown(self, code: Code) -> Problem | None:
        if self.is_closed and code.scheme in self.schemes[:1]:
            known = "; ".join(f"{number} {meaning}" for number, meaning in self.terms.items())
            return f"{code.code[:40]!r} is none of the codes.", known
        fits, form = _FORMS.get(code.scheme, (bool, "a code"))
        if not fits(code.code):
            return f"{code.code[:40]!r} is no code of {code.scheme}.", form
        if not code.meaning.strip():
            return f"{code.code} has no meaning beside it.", "MEANING, in words"
        meant = fold(code.meaning)
        other = next((each for each, it in self.terms.items() if fold(it) == meant), None)
        if other is not None:
            return f"{code.code} stands for {code.meaning[:60]!r}.", f"{other}, its code"
        return None


def fold(meaning: str) -> str:
    """A meaning without its semantic tag, case and marks, to compare by."""
    bare = re.sub(r"\s*\([^()]*\)$", "", meaning.strip())
    return re.sub(r"[^a-z0-9]+", " ", bare.lower()).strip()
