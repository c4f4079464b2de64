"""What an algorithm states of an image, in MetaFleX: observations whose observer is a machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from hashlib import sha256

from bigpicture.analysis.values import Facet, Measurements, Value
from bigpicture.model.algorithm import RESEARCH_ONLY, Algorithm
from bigpicture.model.attribute import Attribute, AttributeType, Measurement
from bigpicture.model.entity import EntityKind, Reference
from bigpicture.model.identifiers import Accession, Alias
from bigpicture.model.observation import Observation, StatementStatus, StatementType
from bigpicture.model.observer import Observer
from bigpicture.model.place import Place

MACHINE = "Machine"
"""MSMdad 14: an observer is a human or a machine."""
_OBSERVERS, _OBSERVATIONS = Place("METADATA/observer.xml"), Place("METADATA/observation.xml")
_PURE = frozenset({"", "1"})
"""Units of a pure number (UCUM)."""


def observer_of(algorithm: Algorithm) -> Observer:
    """The observer that a version of an algorithm is; its digest tells it from any other."""
    told = {
        "algorithm": algorithm.id,
        "version": algorithm.version,
        "title": algorithm.title,
        "licence": algorithm.licence,
        "digest_sha256": algorithm.digest,
        "intended_use": RESEARCH_ONLY,
    }
    return Observer(
        alias=Alias.parse(f"{algorithm.id} {algorithm.version}"),
        place=_OBSERVERS,
        type=MACHINE,
        stated=tuple(Attribute(tag, AttributeType.STRING, text) for tag, text in told.items()),
    )


def observation_of(
    values: Mapping[str, Value],
    *,
    algorithm: Algorithm,
    image: str,
    key: str,
    accession: Accession | None = None,
    run: str = "",
) -> Observation | None:
    """What the facets and measurements of a result state of an image, as one finding.

    `image` is its alias, `key` the result's, `run` the address of the run. Each is a custom
    attribute under the name of its output, a measurement under `output.name`: a number with its
    unit, or a word; what was not evaluated is nil. It is distinct: it holds for the image and
    nothing else; and a candidate until a person states it (`model.inheritance`). None where the
    result states nothing.
    """
    custom = tuple(_attributes(values))
    if not custom:
        return None
    observer = observer_of(algorithm)
    return Observation(
        alias=Alias.parse(f"{observer.alias} {_told_apart(image, key)}"),
        place=_OBSERVATIONS,
        on=Reference(EntityKind.IMAGE, image, accession, _OBSERVATIONS),
        statement=StatementType.FINDING,
        status=StatementStatus.DISTINCT,
        custom=custom,
        remarks=(
            Attribute("result_key", AttributeType.STRING, key),
            *((Attribute("run", AttributeType.STRING, run),) if run else ()),
            Attribute("intended_use", AttributeType.STRING, RESEARCH_ONLY),
        ),
        observers=(Reference(EntityKind.OBSERVER, observer.alias, None, _OBSERVATIONS),),
    )


def _told_apart(image: str, key: str) -> str:
    """Two images of the same pixels have results of one key; an image's alias may be long."""
    return sha256(f"{key} {image}".encode()).hexdigest()[:16]


def _attributes(values: Mapping[str, Value]) -> Iterator[Attribute]:
    for output, value in values.items():
        if isinstance(value, Facet):
            yield _attribute(output, value.value, value.unit)
        elif isinstance(value, Measurements):
            for each in value.values:
                yield _attribute(f"{output}.{each.name}", each.value, each.unit)


def _attribute(tag: str, value: float | str | None, unit: str) -> Attribute:
    if isinstance(value, str):
        return Attribute(tag, AttributeType.STRING, value)
    number = None if value is None else Decimal(repr(float(value)))
    if unit in _PURE:
        return Attribute(tag, AttributeType.NUMERIC, number)
    if number is None:
        return Attribute(tag, AttributeType.MEASUREMENT, None, units=unit)
    return Attribute(tag, AttributeType.MEASUREMENT, Measurement(number, unit))
