"""Inheritance: which images an observation holds for, and how surely."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bigpicture.model.annotation import Annotation
from bigpicture.model.being import Being
from bigpicture.model.block import Block
from bigpicture.model.case import Case
from bigpicture.model.entity import Entity, EntityKey, Reference, references
from bigpicture.model.image_metadata import Image
from bigpicture.model.observation import Observation
from bigpicture.model.observer import Observer
from bigpicture.model.slide import Slide
from bigpicture.model.specimen import Specimen
from bigpicture.model.study import Study


class Qualifier(StrEnum):
    CONFIRMED = "confirmed"
    """True for this image."""
    CANDIDATE = "candidate"
    """True for at least one of several images, perhaps this one; or stated by a machine."""


@dataclass(frozen=True, slots=True)
class Inherited:
    """An observation as one image receives it."""

    observation: Observation
    qualifier: Qualifier


def inherit(study: Study) -> dict[str, tuple[Inherited, ...]]:
    """Return for each image alias the observations that hold for it.

    An observation on an image, or one that is Distinct, is confirmed for every image below; a
    Summary that reaches several images is a candidate for each, and confirmed where it reaches one
    (Bigpicture search index; data model, inheritance rule). What machines alone stated is a
    candidate, whatever it reaches: nobody confirmed it. The order is that of the documents.
    """
    below = images_below(study)
    received: dict[str, list[Inherited]] = {image.alias: [] for image in study.images}
    for observation in study.observations:
        observed = study.resolve(observation.on)
        reached = below.get(observed.key, ()) if observed else ()
        sure = observation.is_distinct or len(reached) == 1
        sure = sure and not _is_by_machines(study, observation)
        qualifier = Qualifier.CONFIRMED if sure else Qualifier.CANDIDATE
        for alias in reached:
            received[alias].append(Inherited(observation, qualifier))
    return {alias: tuple(observations) for alias, observations in received.items()}


def _is_by_machines(study: Study, observation: Observation) -> bool:
    """Whether it names observers, and each is a machine (MSMdad 14)."""
    named = [study.resolve(each) for each in observation.observers]
    return bool(named) and all(isinstance(each, Observer) and each.is_machine for each in named)


def images_below(study: Study) -> Mapping[EntityKey, tuple[str, ...]]:
    """Return for each entity the aliases of the images made from it, in document order."""
    below: defaultdict[EntityKey, list[str]] = defaultdict(list)
    for image in study.images:
        for key in lineage(study, image):
            below[key].append(image.alias)
    for annotation in study.annotations:
        drawn_on = study.resolve(annotation.image)
        if drawn_on:
            below[annotation.key].append(drawn_on.alias)
    return {key: tuple(aliases) for key, aliases in below.items()}


class BeingsOf:
    """Tells the beings that an entity is, or comes from; a dataset has too many to list them all.

    A reference that leads nowhere adds nobody. Of entities of one alias, the last tells.
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        first = study.by_alias
        self._last = {
            each.key: each for each in study.entities if first[each.kind][each.alias] is not each
        }

    def __call__(self, entity: Entity | None) -> tuple[str, ...]:
        """Return their aliases, in the order of the references that lead there."""
        if entity is None:
            return ()
        if isinstance(entity, Being):
            return (entity.alias,)
        above = _above(self._last.get(entity.key, entity))
        found = [being for each in above for being in self(self._study.resolve(each))]
        return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)


def _above(entity: Entity) -> Iterable[Reference | None]:
    match entity:
        case Case():
            return (entity.being,)
        case Specimen():
            return (entity.being, entity.case)
        case Block():
            return entity.specimens
        case Slide():
            return (entity.block,)
        case Image():
            return entity.slides
        case Annotation():
            return (entity.image,)
        case _:
            return ()


def lineage(study: Study, image: Image) -> Mapping[EntityKey, Entity]:
    """Return the image, its slides, stainings, blocks, specimens, cases and beings, each once."""
    found: dict[EntityKey, Entity] = {}
    waiting: list[Entity] = [image]
    while waiting:
        entity = waiting.pop(0)
        if entity.key not in found:
            found[entity.key] = entity
            above = (study.resolve(reference) for reference in references(entity))
            waiting.extend(parent for parent in above if parent is not None)
    return found
