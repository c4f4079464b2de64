"""Rare: how many beings stand out by what companion tables tell of them.

Beings that share all quasi-identifying values make a class; in one of fewer than `K` a neighbour
or a colleague may know somebody again (k-anonymity, Sweeney 2002, doi:10.1142/S0218488502001648).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from bigpicture.model.companion import Variable, VariableType
from bigpicture.standard.anonymity import K

_QUASI_NAME = re.compile(
    r"(^|[^a-z])(age|alter|birth|geburt|date|datum|year|sex|gender|geschlecht|ethnic\w*|race|"
    r"zip|postcode|postal|country|land|region|city|hospital|cent(re|er)|occupation|profession|"
    r"nationality|religion|height|weight|bmi)([^a-z]|$)",
    re.IGNORECASE,
)
_QUASI_TYPES = (VariableType.YEAR, VariableType.INTERVAL)


@dataclass(frozen=True, slots=True)
class Classes:
    """`rare` of `beings` are in classes of fewer than `K`; the smallest holds `smallest`."""

    beings: int
    rare: int
    smallest: int


def classes_of(signatures: Mapping[str, int]) -> Classes:
    """Count beings in classes of equal signatures."""
    sizes = Counter(signatures.values())
    rare = sum(size for size in sizes.values() if size < K)
    return Classes(len(signatures), rare, min(sizes.values(), default=0))


def is_quasi(variable: Variable, held: Held | None = None) -> bool:
    """Whether a variable counts: as its dictionary says, else by name, type, and rare categories.

    `held` tells by how many beings each of its values is held.
    """
    if variable.is_quasi_identifier is not None:
        return variable.is_quasi_identifier
    named = _QUASI_NAME.search(f"{variable.name.replace('_', ' ')} ; {variable.label}")
    is_coarse = variable.type in (VariableType.CATEGORY, VariableType.BOOLEAN)
    return (
        named is not None
        or variable.type in _QUASI_TYPES
        or bool(is_coarse and held and held.is_rare)
    )


@dataclass(slots=True)
class Held:
    """The beings that hold each value of a coarse variable; no more than `K` are remembered."""

    by_value: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    def add(self, value: str, beings: Iterable[str]) -> None:
        holders = self.by_value.setdefault(value, set())
        if len(holders) < K:
            holders.update(beings)

    @property
    def is_rare(self) -> bool:
        return any(len(holders) < K for holders in self.by_value.values())


def join(signatures: dict[str, int], beings: Iterable[str], *values: str) -> None:
    """Add one row's quasi-identifying values to the signatures of its beings, in any order.

    What others know of the same beings can be joined in the same way before they are counted.
    """
    told = "\0".join(values).encode()
    number = int.from_bytes(blake2b(told, digest_size=12).digest())
    for being in beings:
        signatures[being] = (signatures.get(being, 0) + number) % (1 << 96)
