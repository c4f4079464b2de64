"""Check the graph of a study: the minimum set, unique aliases, and where references lead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bigpicture.metaflex.schema import BY_KIND
from bigpicture.model.dataset import DatasetHeader
from bigpicture.model.entity import Entity, EntityKey, EntityKind, Reference, references
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.place import Place
from bigpicture.model.study import Study

EXACTLY_ONE = (
    EntityKind.DATASET,
    EntityKind.POLICY,
    EntityKind.ORGANISATION,
    EntityKind.REMS,
    EntityKind.LANDING_PAGE,
)
AT_LEAST_ONE = (
    EntityKind.IMAGE,
    EntityKind.SLIDE,
    EntityKind.STAINING,
    EntityKind.BLOCK,
    EntityKind.SPECIMEN,
    EntityKind.BEING,
    EntityKind.OBSERVATION,
)
LISTED = (EntityKind.IMAGE, EntityKind.ANNOTATION, EntityKind.OBSERVATION)


def check_graph(study: Study) -> Iterator[Finding]:
    """Yield what breaks constraints 1, 5 and 7, and references that lead nowhere."""
    yield from _minimum_set(study)
    yield from _unique_aliases(study)
    yield from _references(study)
    yield from _listed_by_dataset(study)
    yield from _used_observers(study)
    yield from _same_being(study)


def unlisted(study: Study) -> list[EntityKey]:
    """Return the images, annotations and observations that the dataset does not list.

    Constraint 5: the software adds them (`metaflex.change.with_references`).
    """
    return [entity.key for entity in _unlisted(study)]


def _unlisted(study: Study) -> list[Entity]:
    if len(study.datasets) != 1:
        return []
    header: DatasetHeader = study.datasets[0]
    listed = {
        entity.key
        for reference in (*header.images, *header.annotations, *header.observations)
        if (entity := study.resolve(reference))
    }
    return [each for kind in LISTED for each in study.by_kind[kind] if each.key not in listed]


def _minimum_set(study: Study) -> Iterator[Finding]:
    """Constraint 1. A class whose own file could not be read is not reported a second time."""
    for kind in (*EXACTLY_ONE, *AT_LEAST_ONE):
        members, file = study.by_kind[kind], BY_KIND[kind].file
        if not members and file not in study.unread:
            number = "exactly one" if kind in EXACTLY_ONE else "at least one"
            yield Finding(
                "constraint 1",
                Severity.ERROR,
                Place(file),
                f"there is no {kind.label}.",
                f"{number} {kind.label}",
                f"Add it in {file}.",
            )
        for surplus in members[1:] if kind in EXACTLY_ONE else ():
            yield _of(
                surplus,
                "constraint 1",
                f"there is more than one {kind.label}.",
                f"exactly one {kind.label}",
                "Keep the one that is meant.",
            )


def _unique_aliases(study: Study) -> Iterator[Finding]:
    for entity in study.entities:
        earlier = study.by_alias[entity.kind][entity.alias]
        if earlier is not entity:
            yield _of(
                entity,
                "BP-alias",
                f"the alias was given before, at {earlier.place}.",
                f"one {entity.kind.label} of that alias",
                "Rename one of the two.",
            )


def _references(study: Study) -> Iterator[Finding]:
    may_lead_out = any(header.complements for header in study.datasets)
    for entity in study.entities:
        for reference in references(entity):
            if reference.kind == EntityKind.DATASET and isinstance(entity, DatasetHeader):
                yield from _complement(entity, reference)
            else:
                yield from _target(study, entity, reference, may_lead_out=may_lead_out)


def _complement(entity: Entity, reference: Reference) -> Iterator[Finding]:
    own, named = (each.accession or each.alias for each in (entity, reference))
    if own == named or reference.key == entity.key:
        yield _to(
            entity,
            reference,
            "1.1.4",
            "the dataset complements itself.",
            "another dataset",
            "Name the dataset that it is needed with, or remove the reference.",
        )
        return
    if reference.accession is None:
        yield _to(
            entity,
            reference,
            "1.1.4",
            "a complemented dataset is named by alias only.",
            "its accession",
            "Give the accession that the repository assigned.",
        )


def _target(
    study: Study, entity: Entity, reference: Reference, *, may_lead_out: bool
) -> Iterator[Finding]:
    target = study.resolve(reference)
    file = BY_KIND[reference.kind].file
    if target is None:
        leads_out = may_lead_out and reference.accession is not None
        if not leads_out and file not in study.unread:
            yield _to(
                entity,
                reference,
                "BP-reference",
                f"there is no {reference}.",
                f"a {reference.kind.label} of that alias in {file}",
                "Correct the alias, or add what it refers to.",
            )
    elif target.accession and reference.accession and target.accession != reference.accession:
        yield _to(
            entity,
            reference,
            "BP-reference",
            f"the accession beside {reference} is another's.",
            str(target.accession),
            "Leave accessions out: the repository assigns them.",
        )


def _listed_by_dataset(study: Study) -> Iterator[Finding]:
    for entity in _unlisted(study):
        yield Finding(
            "constraint 5",
            Severity.REPAIRED,
            entity.place,
            "the dataset does not list it.",
            "a reference in dataset.xml",
            "It is added on submission.",
            entity=str(entity),
        )


def _used_observers(study: Study) -> Iterator[Finding]:
    used = {
        observer.key
        for observation in study.observations
        for reference in observation.observers
        if (observer := study.resolve(reference))
    }
    if BY_KIND[EntityKind.OBSERVATION].file in study.unread:
        return
    for observer in study.observers:
        if observer.key not in used:
            yield _of(
                observer,
                "constraint 7",
                "no observation names this observer.",
                "at least one OBSERVER_REF",
                "Refer to it, or remove it.",
            )


def _same_being(study: Study) -> Iterator[Finding]:
    for specimen in study.specimens:
        case = study.by_alias[EntityKind.CASE].get(specimen.case.alias) if specimen.case else None
        from_case: Mapping[str, Reference] = {
            each.alias: each for each in (references(case) if case else ())
        }
        if specimen.being and from_case and specimen.being.alias not in from_case:
            yield _of(
                specimen,
                "BP-same-being",
                "its case is of another biological being.",
                f"biological being {specimen.being.alias}",
                "Correct EXTRACTED_FROM_REF or PART_OF_CASE_REF.",
            )


def _of(entity: Entity, rule: str, what: str, expected: str, remedy: str) -> Finding:
    return Finding(rule, Severity.ERROR, entity.place, what, expected, remedy, entity=str(entity))


def _to(
    entity: Entity, reference: Reference, rule: str, what: str, expected: str, remedy: str
) -> Finding:
    return Finding(
        rule, Severity.ERROR, reference.place, what, expected, remedy, entity=str(entity)
    )
