"""Hand in: a sheet and the scanner's files that it describes become a dataset to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.model.errors import InputError
from bigpicture.preparation.aliases import Aliases, keys_of
from bigpicture.preparation.handed import SentSlide, handed_in
from bigpicture.preparation.mapping import read_mapping
from bigpicture.preparation.sheet import Sheet, mapping_of_sheet, tables_of_sheet
from bigpicture.preparation.understand import understand


@dataclass(frozen=True, slots=True)
class Made:
    """`documents` and `images` as `handed_in` makes them; `keys` says which alias is whose."""

    alias: str
    title: str
    documents: dict[str, bytes]
    images: dict[str, str]
    keys: bytes


def hand_in(
    sheet: Sheet,
    slides: Sequence[SentSlide],
    *,
    pseudonyms: Pseudonyms,
    whose: str,
    today: date,
) -> Made:
    """Make the documents of a sheet; aliases are pseudonyms of `whose` identifiers alone.

    Two organisations may both have a patient 1. Raises `InputError` where the sheet has errors.
    """
    understood = understand(tables_of_sheet(sheet), read_mapping(mapping_of_sheet(sheet)))
    wrong = [each for each in understood.findings if each.is_error]
    if wrong:
        more = f" ({len(wrong) - 1:,} more)" if len(wrong) > 1 else ""
        raise InputError(
            f"{wrong[0].what}{more}",
            place=wrong[0].cells[0].address,
            rule=wrong[0].expected,
            remedy=wrong[0].remedy,
        )

    def pseudonym(kind: str, local: str) -> str:
        return pseudonyms.name(f"{kind} of {whose}", local)

    aliases = Aliases(pseudonym)
    made = handed_in(understood.plan, slides, alias_of=aliases, today=today)
    return Made(
        understood.plan.told("alias"),
        understood.plan.told("title"),
        dict(made.documents),
        dict(made.images),
        keys_of(aliases),
    )
