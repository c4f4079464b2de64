"""Slide facts: what the headers of a slide's instances say, one by one and of the whole image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

from bigpicture.model.attribute import Attribute, AttributeType, find
from bigpicture.model.attribute_list import from_list, to_list
from bigpicture.model.errors import IntegrityError
from bigpicture.model.image import Flavour

_PATHS, _KIND = "optical_paths", "bp_image_type"


@dataclass(frozen=True, slots=True)
class InstanceFacts:
    """What one header says; `attributes` are those of an Image of which it is the base.

    `columns` and `rows` are of the total pixel matrix. `shows_identifier` is None where the header
    does not tell whether an identifier can be read in the picture.
    """

    flavour: Flavour | None
    columns: int
    rows: int
    focal_planes: int
    shows_identifier: bool | None
    attributes: tuple[Attribute, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "flavour": self.flavour,
            "columns": self.columns,
            "rows": self.rows,
            "focal_planes": self.focal_planes,
            "shows_identifier": self.shows_identifier,
            "attributes": to_list(self.attributes),
        }

    @classmethod
    def from_json(cls, held: dict[str, Any]) -> Self:
        """Raises `IntegrityError` where `held` is something else."""
        try:
            own: dict[str, Any] = {name: held[name] for name in cls.__slots__}
            own["flavour"] = Flavour(held["flavour"]) if held["flavour"] else None
            own["attributes"] = from_list(held["attributes"])
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise IntegrityError("what a header says was kept as something else.") from error
        return cls(**own)


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What the headers of an image say together, as MSMdad 6.2 states it."""

    attributes: tuple[Attribute, ...]
    focal_planes: int = 1


def base_of(instances: Iterable[InstanceFacts]) -> list[InstanceFacts]:
    """The largest volume instances: several where channels lie apart; none where none is there."""
    volume = [each for each in instances if each.flavour is Flavour.VOLUME]
    largest = max((each.columns * each.rows for each in volume), default=0)
    return [each for each in volume if each.columns * each.rows == largest]


def combined(instances: Sequence[InstanceFacts]) -> ImageFacts | None:
    """What the base says, with what other instances add; None where no instance is a volume."""
    base = base_of(instances)
    if not base:
        return None
    is_bright = all(find(each.attributes, _KIND) for each in base)
    told = [
        each
        for each in base[0].attributes
        if each.tag != _PATHS and (each.tag != _KIND or is_bright)
    ]
    return ImageFacts(
        (*told, *_paths(base), *_of_flavours(instances)),
        max(each.focal_planes for each in base),
    )


def _paths(base: Sequence[InstanceFacts]) -> Iterator[Attribute]:
    """Each optical path once, in whichever instances they lie."""
    sets = (find(each.attributes, _PATHS) for each in base)
    members = dict.fromkeys(one for each in sets if each for one in each.members)
    if members:
        yield Attribute(_PATHS, AttributeType.SET, tuple(members))


def _of_flavours(instances: Sequence[InstanceFacts]) -> Iterator[Attribute]:
    """What more pictures of the slide there are, and whether an identifier is in any."""
    flavours = {each.flavour for each in instances}
    yield _truth("has_overview", Flavour.OVERVIEW in flavours)
    yield _truth("has_label", Flavour.LABEL in flavours)
    shown = {each.shows_identifier for each in instances}
    if True in shown or None not in shown:
        yield _truth("biological_being_identifier_present_in_image", True in shown)


def _truth(tag: str, value: bool) -> Attribute:
    return Attribute(tag, AttributeType.STRING, "True" if value else "False")
