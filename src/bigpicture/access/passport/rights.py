"""What usable visas open: registered access, and single datasets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from bigpicture.model.visa import Authority, Usable, VisaType

REGISTERED_ACCESS = "https://doi.org/10.1038/s41431-018-0219-y"
"""The publication that defines registered access: the value of both visas that make it."""


def registered_until(usable: Iterable[Usable]) -> datetime | None:
    """Until when the person has registered access: ethics accepted, and a bona fide researcher."""
    held = list(usable)
    needed = (VisaType.ACCEPTED_TERMS_AND_POLICIES, VisaType.RESEARCHER_STATUS)
    untils = [
        max(
            (
                each.until
                for each in held
                if each.visa.type == kind and each.visa.value == REGISTERED_ACCESS
            ),
            default=None,
        )
        for kind in needed
    ]
    found = [until for until in untils if until is not None]
    return min(found) if len(found) == len(needed) else None


def controlled(
    usable: Iterable[Usable], dataset_of: Callable[[Usable], str | None]
) -> Mapping[str, Usable]:
    """The datasets that a committee has granted, each by the visa that lasts longest.

    Only a committee's word (`by` is `dac`) opens a dataset here. `dataset_of` gives the accession
    behind a visa's value, None where it is none of ours.
    """
    found: dict[str, Usable] = {}
    for each in usable:
        visa = each.visa
        if visa.type != VisaType.CONTROLLED_ACCESS_GRANTS or visa.by is not Authority.COMMITTEE:
            continue
        dataset = dataset_of(each)
        if dataset is not None and (dataset not in found or found[dataset].until < each.until):
            found[dataset] = each
    return found
