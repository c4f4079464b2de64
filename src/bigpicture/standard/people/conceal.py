"""Conceal: a finding as it may be told, without a stretch of text that identifies somebody."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from bigpicture.model.finding import Finding
from bigpicture.model.mask import mask
from bigpicture.standard.people.days import days_in
from bigpicture.standard.people.look import look
from bigpicture.standard.people.words import words_of

_KEY = 4
"""Letters by which a stretch is looked for; shorter ones identify nobody."""
_DAY = 8
"""Letters of a day at least: `17.1.28` is a row of the standard."""
_CUT = re.compile(r"['\"…]|$")
"""What ends a quotation that may have been cut short."""


class Concealer:
    """Knows what no report may repeat, and takes it out of findings.

    Beside the stretches that were seen in the submission it masks whatever in a finding looks like
    one by itself: rules also quote what is no text of the model, such as an unknown element.
    """

    def __init__(self, stretches: Iterable[str]) -> None:
        told = {form for each in stretches for form in _forms(each)}
        buckets: defaultdict[str, list[str]] = defaultdict(list)
        for each in sorted(told):
            buckets[each[:_KEY]].append(each)
        self._buckets = dict(buckets)
        self._sets = {key: frozenset(each) for key, each in buckets.items()}
        self._lengths = {
            key: sorted({len(one) for one in each}, reverse=True) for key, each in buckets.items()
        }

    def conceal(self, finding: Finding) -> Finding:
        """Return the finding without what identifies; its rule, line and severity stay."""
        place = replace(finding.place, file=self.told(finding.place.file))
        return replace(
            finding,
            place=place,
            what=self.told(finding.what),
            expected=self.told(finding.expected),
            remedy=self.told(finding.remedy),
            entity=self.told(finding.entity),
        )

    def told(self, text: str) -> str:
        """Return `text` with every identifying stretch masked."""
        spans = [*self._known(text), *_seen(text)]
        for start, end in reversed(_merged(spans)):
            text = text[:start] + mask(text[start:end]) + text[end:]
        return text

    def _known(self, text: str) -> Iterable[tuple[int, int]]:
        if not self._buckets:
            return
        at = 0
        while at <= len(text) - _KEY:
            end = self._match(text, at)
            if end:
                yield at, end
            at = end or at + 1

    def _match(self, text: str, at: int) -> int:
        """The end of the stretch that begins at `at`, whole or cut by the end of a quotation."""
        key = text[at : at + _KEY]
        bucket = self._buckets.get(key)
        if bucket is None:
            return 0
        for length in self._lengths[key]:
            if text[at : at + length] in self._sets[key]:
                return at + length
        cut = _CUT.search(text, at)
        end = cut.start() if cut else len(text)
        piece = text[at:end]
        near = bisect_left(bucket, piece)
        return end if near < len(bucket) and bucket[near].startswith(piece) else 0


def _seen(text: str) -> Iterable[tuple[int, int]]:
    for reading in (text, text.replace("_", " ")):  # names of elements and files
        yield from ((each.start, each.end) for each in look(reading, is_label=True))
    yield from ((start, end) for start, end, _ in days_in(text) if end - start >= _DAY)


def _forms(stretch: str) -> Iterable[str]:
    """A stretch as it may be quoted: as it is, escaped, with plain blanks; the names in it."""
    words = (each.text for each in words_of(stretch) if each.could_be_surname)
    for each in (stretch, repr(stretch)[1:-1], " ".join(stretch.split()), *words):
        if len(each) >= _KEY and not (each.isdecimal() and len(each) == _KEY):
            yield each


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
