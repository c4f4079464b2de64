"""A hierarchy of terms: what stands under a term answers a question for it, too."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from bigpicture.catalogue.terminologies import organs
from bigpicture.catalogue.terminologies.folder import digest, read_folder
from bigpicture.catalogue.terminologies.stored import (
    LAYOUT,
    Labels,
    Parents,
    Stored,
    compile_terms,
    read_stored,
    write_stored,
)
from bigpicture.catalogue.terminologies.terminology import Drafted, Terminology, code_of

_T = TypeVar("_T")
_NCI = "NCIT"
_NCI_CODE = re.compile(r"C\d{4,7}")
_SEND = "SEND"
"""Its terms have codes of NCI Thesaurus."""


@dataclass(frozen=True)
class Hierarchy:
    """Keys are `SCHEME:CODE`; a term may have several parents, and there is no circle.

    The first of the parents is where a page shows the term. `labels` names terms that no image need
    have. `version` changes with the terms.
    """

    parents: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str]
    version: str
    stored: Stored | None = field(default=None, repr=False, compare=False)
    """What `parents` and `labels` are read from, if it is that."""
    joined: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]], repr=False, compare=False
    )
    """Terms of images that `with_terms` put beside what is stored."""

    def ancestors(self, key: str) -> tuple[str, ...]:
        """All terms over this one, each once, the nearest first; nothing for an unknown key."""
        seen: dict[str, None] = {}
        front = list(self.parents.get(key, ()))
        while front:
            new = [each for each in dict.fromkeys(front) if each not in seen]
            seen.update(dict.fromkeys(new))
            front = [above for each in new for above in self.parents.get(each, ())]
        return tuple(seen)

    def descendants(self, key: str) -> frozenset[str]:
        """All terms under this one, and itself; itself alone for an unknown key."""
        row = self.stored.row(key) if self.stored else None
        if self.stored is None:
            found = set(self._walked(key))
        else:
            found = {key} if row is None else set(self.stored.descendants(row))
        return frozenset(found) | {
            each for each, above in self.joined.items() if not found.isdisjoint(above)
        }

    def find(self, words: str) -> tuple[str, ...]:
        """The keys whose label, code or key is exactly this, in any case."""
        if self.stored is not None:
            named = self.stored.named(words)
            others: Iterable[str] = self.joined
        else:
            named, others = (), self.parents.keys() | self.labels.keys()
        wanted = words.casefold()
        return (
            *named,
            *sorted(each for each in others if wanted in _names(each, self.labels.get(each, ""))),
        )

    def with_terms(self, labels: Mapping[str, str]) -> Hierarchy:
        """Join terms that images have and no terminology names, by key and label.

        A code of SEND stands under the same code of NCI Thesaurus; a code that repeats its scheme
        (`MONDO:MONDO:0005061`) under the plain one; a term with exactly the name of an organ under
        that organ. The rest is left out: it stands under nothing.
        """
        new = {
            key: above
            for key, label in labels.items()
            if key not in self.parents and (above := tuple(self._standing(key, label)))
        }
        if not new:
            return self
        return Hierarchy(
            _Over(new, self.parents),
            _Over({key: labels[key] for key in new}, self.labels),
            self.version,
            self.stored,
            {**self.joined, **new},
        )

    def _standing(self, key: str, label: str) -> Iterator[str]:
        scheme, _, code = key.partition(":")
        if organ := organs.by_name().get(label.strip().casefold()):
            yield organ
        if code.startswith(f"{scheme}:") and code in self.parents:
            yield code
        if scheme == _SEND and f"{_NCI}:{code}" in self.parents:
            yield f"{_NCI}:{code}"

    @cached_property
    def _children(self) -> Mapping[str, list[str]]:
        below: dict[str, list[str]] = defaultdict(list)
        for key, above in self.parents.items():
            for each in above:
                below[each].append(key)
        return below

    def _walked(self, key: str) -> Iterator[str]:
        seen = {key}
        front = [key]
        while front:
            each = front.pop()
            yield each
            new = [below for below in self._children.get(each, ()) if below not in seen]
            seen.update(new)
            front += new


@dataclass(frozen=True, slots=True)
class _Over(Mapping[str, _T]):
    """A few of one mapping over many of another."""

    few: Mapping[str, _T]
    many: Mapping[str, _T]

    def __getitem__(self, key: str) -> _T:
        return self.few[key] if key in self.few else self.many[key]

    def __iter__(self) -> Iterator[str]:
        yield from self.few
        yield from (key for key in self.many if key not in self.few)

    def __len__(self) -> int:
        return len(self.many) + sum(key not in self.many for key in self.few)


def load_hierarchy(folder: Path | None, *, cache: Path | None = None) -> Hierarchy:
    """Our tree of organs, and what lies in a site's folder of terminologies.

    With a `cache` folder, what was put together is written there, by its digest, and mapped into
    memory from then on. Raises `InputError` that names the file and what is wrong with it.
    """
    whole = hashlib.sha256(bytes([LAYOUT]) + organs.content())
    if folder is not None:
        whole.update(digest(folder))
    version = whole.hexdigest()[:32]
    kept = cache / "terms" / version if cache else None
    stored = read_stored(kept) if kept else None
    if stored is None:
        read = [organs.read_tree(), *(read_folder(folder) if folder else ())]
        stored = compile_terms([*read, *_send(read)], place=folder.name if folder else read[0].name)
        if kept:
            write_stored(stored, kept)
            stored = read_stored(kept) or stored
    return Hierarchy(Parents(stored), Labels(stored), version, stored)


def _send(read: list[Terminology]) -> Iterator[Terminology]:
    """Under NCI Thesaurus, where it is loaded, the codes of SEND that our tree names."""
    known = {key for terms in read[1:] for key in terms.keys if key.startswith(f"{_NCI}:")}
    terms = Drafted(f"{_SEND} under {_NCI}")
    for key in read[0].keys:
        if key.startswith(f"{_SEND}:") and (same := f"{_NCI}:{code_of(key)}") in known:
            terms.term(key, "", kinds=[same], parts=())
    if len(terms):
        yield terms.done()


def _names(key: str, label: str) -> tuple[str, ...]:
    return key.casefold(), code_of(key).casefold(), label.casefold()
