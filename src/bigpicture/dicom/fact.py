"""Facts: values of a header as attributes of the metadata standard, none of them trusted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from bigpicture.model.attribute import Attribute, AttributeType, Measurement

_UNSAID = frozenset({"", "?", "n/a", "na", "none", "not told", "unknown", "unspecified"})
"""What writers put where DICOM asks for a value and they have none; compared in lower case."""
_LONGEST = 64
"""Characters of a long string (PS3.5 6.2)."""
_SMALLEST = Decimal("1e-9")
_LARGEST = Decimal("1e12")


def is_said(value: str | None) -> bool:
    """Whether a header's text says something, where DICOM asks for one."""
    return (value or "").strip().lower() not in _UNSAID


def text(tag: str, value: str | None) -> Attribute:
    return Attribute(tag, AttributeType.STRING, value)


def truth(tag: str, value: bool) -> Attribute:
    return text(tag, "True" if value else "False")


def number(tag: str, value: Decimal | int) -> Attribute:
    return Attribute(tag, AttributeType.NUMERIC, plain(Decimal(value)))


def measured(tag: str, value: Decimal | int, units: str) -> Attribute:
    return Attribute(tag, AttributeType.MEASUREMENT, Measurement(plain(Decimal(value)), units))


def several(tag: str, members: Iterable[Attribute | None]) -> Attribute | None:
    """A set of what there is; None where there is nothing."""
    held = tuple(each for each in members if each is not None)
    return Attribute(tag, AttributeType.SET, held) if held else None


def several_or_nil(tag: str, members: Iterable[Attribute | None]) -> Attribute:
    return several(tag, members) or Attribute(tag, AttributeType.SET, None)


def plain(value: Decimal) -> Decimal:
    """The number without an exponent and without zeros behind it, as XML writes it."""
    bare = value.normalize()
    return bare if not bare or int(bare.as_tuple().exponent) <= 0 else bare.quantize(Decimal(1))


def said(header: Dataset, keyword: str) -> list[str]:
    """The texts of an element that say something; control characters are left out."""
    value = header.get(keyword, None)
    values = list(value) if isinstance(value, MultiValue | list) else [value]
    found: list[str] = []
    for each in values:
        bare = "".join(one for one in str(each or "") if one.isprintable()).strip()[:_LONGEST]
        if is_said(bare):
            found.append(bare)
    return found


def first_said(header: Dataset, keyword: str) -> str | None:
    return next(iter(said(header, keyword)), None)


def numbers(header: Dataset, keyword: str) -> list[Decimal]:
    """The numbers of an element; none of them where one is no finite number of a sane size."""
    value = header.get(keyword, None)
    values = list(value) if isinstance(value, MultiValue | list) else [value]
    found = [_decimal(each) for each in values]
    return [each for each in found if each is not None] if None not in found else []


def first_number(header: Dataset, keyword: str) -> Decimal | None:
    return next(iter(numbers(header, keyword)), None)


def items(header: Dataset, keyword: str) -> Iterator[Dataset]:
    """The items of a sequence; none where the element is none."""
    value = header.get(keyword, None)
    if isinstance(value, str | bytes) or value is None:
        return
    try:
        yield from (each for each in value if isinstance(each, Dataset))
    except TypeError:
        return


def _decimal(value: object) -> Decimal | None:
    # A single-precision number has seven digits: 0.2499999940395355 was 0.25.
    told = f"{value:.7g}" if type(value) is float else str(value)
    try:
        made = Decimal(told)
    except InvalidOperation:
        return None
    if not made.is_finite() or (made and not _SMALLEST <= abs(made) <= _LARGEST):
        return None
    return made
