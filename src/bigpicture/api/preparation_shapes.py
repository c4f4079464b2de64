"""What the doors of describing a dataset take and tell: sheets, findings, forms."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bigpicture.model.errors import InputError, LimitError
from bigpicture.preparation.columns import COLUMNS
from bigpicture.preparation.sheet import MOST_DECISIONS, MOST_FIELDS, MOST_ROWS, Decision, Sheet
from bigpicture.standard.rule import Audience

_MOST_SLIDES = 100_000
Name = Annotated[str, Field(max_length=100)]
Word = Annotated[str, Field(max_length=1000)]


class Context(StrEnum):
    """Whose form it is: people, or animal studies."""

    CLINICAL = "clinical"
    NON_CLINICAL = "non-clinical"

    @property
    def audience(self) -> Audience:
        return Audience.CLINICAL if self is Context.CLINICAL else Audience.NON_CLINICAL


class Shape(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class DecisionShape(Shape):
    """What one word of your own means; a line of the mapping file."""

    column: Name
    local: Word
    code: Word = ""
    scheme: Word = ""
    meaning: Word = ""


class SheetShape(Shape):
    """`columns` are names of the form; each row has a text for each of them, or fewer."""

    columns: Annotated[list[Name], Field(max_length=len(COLUMNS))]
    rows: list[list[str]]
    fields: dict[str, str] = {}
    mapping: list[DecisionShape] = []
    audience: Context = Context.CLINICAL

    def sheet(self) -> Sheet:
        """The sheet; raises `LimitError` or `InputError` where it is none."""
        if len(self.rows) > MOST_ROWS:
            raise LimitError(
                "the sheet has too many rows.",
                place="rows",
                rule=f"at most {MOST_ROWS:,}",
                remedy="Use `bigpicture prepare` on the command line.",
            )
        if len(self.mapping) > MOST_DECISIONS or len(self.fields) > MOST_FIELDS:
            raise LimitError("the sheet has too many fields or decided words.", place="mapping")
        sheet = Sheet(
            self.columns,
            self.rows,
            self.fields,
            [Decision(**each.model_dump()) for each in self.mapping],
        )
        if not sheet.is_known:
            raise InputError(
                "a column is none of the form, or is there twice.",
                place="columns",
                rule="the names that /api/v1/preparations/form tells",
            )
        return sheet


class SheetWanted(SheetShape):
    slides: Annotated[list[Word], Field(max_length=_MOST_SLIDES)] | None = Field(
        default=None, description="names of the slides that there are, if they are known"
    )


class ChoiceShown(Shape):
    text: str
    code: str
    scheme: str
    words: list[str]


class ColumnShown(Shape):
    name: str
    heading: str
    help: str
    example: str
    entity: str
    kind: str
    is_required: bool
    is_identifying: bool
    choices: list[ChoiceShown]
    names: list[str]


class FieldShown(Shape):
    name: str
    heading: str
    help: str
    example: str
    is_required: bool
    values: list[str]
    default: str
    expected: str
    many: bool
    is_long: bool
    is_day: bool
    step: str = Field(description="of choosing the terms of use; empty for what is no term")


class FormShown(Shape):
    columns: list[ColumnShown]
    fields: list[FieldShown]
    most_rows: int = MOST_ROWS


class CellShown(Shape):
    row: int = Field(description="from 0")
    column: str


class SheetFinding(Shape):
    severity: str
    rule: str
    what: str
    expected: str
    remedy: str
    sheet: str = Field(description="slides, dataset or mapping")
    column: str = Field(description="name of the column or field")
    cells: list[CellShown]


class ProposalShown(Shape):
    text: str
    code: str
    scheme: str
    meaning: str


class UndecidedShown(Shape):
    column: str
    local: str
    count: int
    cells: list[CellShown]
    proposals: list[ProposalShown]


class FilledShown(Shape):
    name: str
    entity: str
    needed: int
    filled: int


class JudgedShown(Shape):
    can_be_made: bool
    findings: list[SheetFinding]
    undecided: list[UndecidedShown]
    planned: dict[str, int]
    filled: list[FilledShown]
    left_over: list[str]


class FileFinding(Shape):
    """About the file that was read, by its own cells."""

    severity: str
    what: str
    expected: str
    remedy: str
    cells: list[str] = Field(description="such as slides!G12")


class ReadShown(Shape):
    columns: list[str]
    rows: list[list[str]]
    fields: dict[str, str]
    findings: list[FileFinding]
