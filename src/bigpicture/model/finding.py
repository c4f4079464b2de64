"""A finding: one rule that handed-over data break, where, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum

from bigpicture.model.place import Place


class Severity(StrEnum):
    """What a finding means for the submission."""

    ERROR = "error"
    """The dataset cannot be accepted."""
    WARNING = "warning"
    """Accepted, but a reader of the dataset will miss something."""
    REPAIRED = "repaired"
    """Unambiguous: read, and added where the standard asks for it, as the standard means it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule.

    `rule` is an MSMdad number (`2.3.1`), `constraint N` of the standard, `MetaFleX` for the
    exchange format, or one of ours (`BP-…`). `entity` is kind and alias, `what` was found,
    `expected` should have been, `remedy` says how to mend it.
    """

    rule: str
    severity: Severity
    place: Place
    what: str
    expected: str = ""
    remedy: str = ""
    entity: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity == Severity.ERROR

    def as_json(self) -> dict[str, object]:
        """Return the finding as the records and `--json` hold it."""
        return {
            **asdict(self),
            "place": str(self.place),
            "file": self.place.file,
            "line": self.place.line,
            "severity": self.severity.value,
        }
