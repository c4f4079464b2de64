"""What MetaFleX 3.0 cannot carry of a study of 2.0, and what to do about each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bigpicture.model.data_file import DataFile
from bigpicture.model.entity import Entity, EntityKind, Reference
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.image_metadata import Image
from bigpicture.model.observation import Observation
from bigpicture.model.observer import Observer
from bigpicture.model.study import Study

SEALED = ".c4gh"
"""Ends the name of an encrypted file."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that is lost; what `can_be_dropped` may be left out when a person says so."""

    finding: Finding
    can_be_dropped: bool = True


def losses(study: Study) -> list[Loss]:
    """Return everything that 3.0 has no place for, in the order of the files."""
    found = [
        *(_on_annotation(each) for each in study.observations if is_on_annotation(each)),
        *(_of_nobody(each) for each in idle_observers(study)),
        *(_of_several(each) for each in study.images if len(each.slides) > 1),
        *(_sealed_only(owner, file) for owner, file in study.files if is_sealed_only(file)),
    ]
    return sorted(found, key=lambda loss: loss.finding.place)


def is_on_annotation(observation: Observation) -> bool:
    """Whether it states something of an annotation, which 2.0 alone allows."""
    return observation.on is not None and observation.on.kind is EntityKind.ANNOTATION


def is_sealed_only(file: DataFile) -> bool:
    """Whether the only digest is that of the encrypted file; 3.0 asks for that of what is in it."""
    return not file.unencrypted_checksum and file.filename.lower().endswith(SEALED)


def idle_observers(study: Study) -> list[Observer]:
    """Return the observers who observed nothing but annotations (constraint 7 binds in 3.0 too)."""
    gone = names_in(
        each for one in study.observations if is_on_annotation(one) for each in one.observers
    )
    kept = names_in(
        each for one in study.observations if not is_on_annotation(one) for each in one.observers
    )
    return [
        each for each in study.observers if gone & own_names(each) and not kept & own_names(each)
    ]


def names_in(references: Iterable[Reference]) -> frozenset[str]:
    """Return what references name: aliases, and accessions where there is no alias."""
    return frozenset(f"@{each.alias}" if each.alias else str(each.accession) for each in references)


def own_names(entity: Entity) -> frozenset[str]:
    """Return what an entity may be named by, as `names_in` spells it."""
    accession = {str(entity.accession)} if entity.accession else set[str]()
    return frozenset({f"@{entity.alias}"} | accession)


def _on_annotation(observation: Observation) -> Loss:
    return Loss(
        _finding(
            "15.1.3",
            observation,
            f"it is stated of {observation.on}, and 3.0 has no observation of an annotation.",
            "an observation of an image, slide, block, specimen, case or being",
            "State it of the annotation's image; or leave it out with --drop.",
        )
    )


def _of_nobody(observer: Observer) -> Loss:
    return Loss(
        _finding(
            "constraint 7",
            observer,
            "all it observed is annotations, so that 3.0 keeps no observation of it.",
            "an observer of at least one observation",
            "State its observations of the images; or leave it out with --drop.",
        )
    )


def _of_several(image: Image) -> Loss:
    slides = ", ".join(each.alias or str(each.accession) for each in image.slides)
    return Loss(
        _finding(
            "6.1.2",
            image,
            f"it shows {len(image.slides)} slides ({slides:.80}), and 3.0 has one for an image.",
            "one slide",
            "Name the one slide that is meant; or keep the first alone with --drop.",
        )
    )


def _sealed_only(owner: Entity, file: DataFile) -> Loss:
    finding = Finding(
        "MetaFleX",
        Severity.ERROR,
        file.place,
        "a file has the digest of its encrypted bytes only, and 3.0 asks for the other.",
        "unencrypted_checksum, the SHA-256 of the readable file",
        "Add unencrypted_checksum: nobody else can know it.",
        entity=str(owner),
    )
    return Loss(finding, can_be_dropped=False)


def _finding(rule: str, entity: Entity, what: str, expected: str, remedy: str) -> Finding:
    return Finding(rule, Severity.ERROR, entity.place, what, expected, remedy, entity=str(entity))
