"""A site's own terms: codes that count beside those the standard names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bigpicture.standard.vocabularies import VOCABULARIES
from bigpicture.standard.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class SiteTerm:
    """One code that a site adds to a vocabulary; an empty code stands for all of its scheme."""

    vocabulary: str
    code: str
    scheme: str
    meaning: str


@dataclass(frozen=True, slots=True)
class SiteTerms:
    """All terms of a site, in the order of its file; a value that is handed to `check`."""

    terms: tuple[SiteTerm, ...] = ()

    def extended(self, vocabulary: Vocabulary) -> Vocabulary:
        """The vocabulary with what the site adds to it; itself where that is nothing."""
        added = self._by_vocabulary().get(vocabulary.text)
        return replace(vocabulary, site=added) if added else vocabulary

    def _by_vocabulary(self) -> Mapping[str, dict[tuple[str, str], str]]:
        found: defaultdict[str, dict[tuple[str, str], str]] = defaultdict(dict)
        for each in self.terms:
            found[VOCABULARIES[each.vocabulary].text][each.scheme, each.code] = each.meaning
        return found


NO_TERMS = SiteTerms()
