"""Labels: what companion tables tell of one image, each with how it was established."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bigpicture.catalogue.companions import VariableFacts, read_held
from bigpicture.catalogue.terms import Term


@dataclass(frozen=True, slots=True)
class Label:
    """One value; `on` is the accession of what it was stated of.

    `term` is None where there is no value; `missing` says why.
    """

    variable: VariableFacts
    on: str
    term: Term | None
    missing: str = ""


def read_labels(
    connection: Connection,
    dataset: str,
    variables: Sequence[VariableFacts],
    entities: Sequence[str],
) -> tuple[Label, ...]:
    """The labels that reach an image from `entities`, in the order of the variables."""
    if not variables:
        return ()
    held = read_held(connection, dataset, entities)
    return tuple(
        _label(variable, entity, held[entity][variable.name])
        for variable in variables
        for entity in entities
        if variable.name in held.get(entity, ())
    )


def _label(variable: VariableFacts, entity: str, cell: object) -> Label:
    term = variable.read(cell)
    return Label(variable, entity, term, "" if term else variable.missing[str(cell)])
