"""The policy that a form would make, before there is a dataset: read as a published one is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bigpicture.metaflex.use_policy import read_use_policy
from bigpicture.model.data_use import DataUseTerm
from bigpicture.model.errors import InputError
from bigpicture.model.finding import Severity
from bigpicture.model.use_policy import UsePolicy
from bigpicture.preparation.cell_finding import CellFinding
from bigpicture.preparation.dataset_table import audience_of, check_dataset, read_dataset
from bigpicture.preparation.notes import Notes
from bigpicture.preparation.plan import Plan
from bigpicture.preparation.policy_fields import POLICY_FIELDS
from bigpicture.preparation.policy_table import terms_of
from bigpicture.preparation.sheet import DATASET
from bigpicture.preparation.table import Cell, table_of
from bigpicture.preparation.terms import policy_attributes
from bigpicture.standard.rule import Audience

POLICY_NAMES = frozenset(field.name for field in POLICY_FIELDS)


@dataclass(frozen=True, slots=True)
class Preview:
    """`policy` is None where it contradicts itself, or the type of dataset is not said."""

    policy: UsePolicy | None
    terms: tuple[DataUseTerm, ...]
    problems: tuple[CellFinding, ...]


def preview_policy(
    fields: Mapping[str, str], *, today: date, audience: Audience = Audience.EVERYONE
) -> Preview:
    """Read the fields that are terms of use, by their names; others are passed over.

    `audience` is whose form it is while the type of dataset is not said.
    """
    lines = [(name, text) for name, text in fields.items() if name in POLICY_NAMES]
    notes = Notes()
    said = read_dataset([table_of(("field", "value"), lines, sheet=DATASET)], notes)
    check_dataset(said, Cell("", DATASET), notes, fields=POLICY_FIELDS)
    findings = notes.findings
    return Preview(
        _policy(Plan(audience=audience_of(said, audience), dataset=said), today),
        terms_of(said),
        tuple(each for each in findings if each.severity is not Severity.REPAIRED),
    )


def _policy(plan: Plan, today: date) -> UsePolicy | None:
    try:
        return read_use_policy(policy_attributes(plan, today=today))
    except InputError:
        return None  # the problems say why
