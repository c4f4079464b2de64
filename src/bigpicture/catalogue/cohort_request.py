"""Request: which datasets a question needs a grant for, and one text that asks for all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bigpicture.catalogue.cohort_datasets import KnownDataset
from bigpicture.catalogue.cohort_sight import Hidden, hide
from bigpicture.catalogue.disclose import disclosed_sum
from bigpicture.catalogue.selection import Selection
from bigpicture.model.cohort import Part, count_parts


@dataclass(frozen=True, slots=True)
class Needed:
    """A dataset that is not open; `apply` is where to ask: a page, a mailto:, or None."""

    hidden: Hidden
    contact: str
    apply: str | None


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """What is open already, what is needed, and the text to send."""

    open: tuple[Part, ...]
    needed: tuple[Needed, ...]
    beings: str
    """Of all that is needed, as it may be told."""
    text: str


def draw_request(
    selection: Selection,
    known: Mapping[str, KnownDataset],
    *,
    opened: Collection[str],
    apply: Mapping[str, str | None],
    name: str,
    question: str,
    address: str,
    person: str,
    organisation: str,
) -> AccessRequest:
    """Draw a request up. `selection` is of every dataset, so only sizes of it are told."""
    titles = {accession: each.title for accession, each in known.items()}
    parts = count_parts(selection.datasets, selection.beings, titles)
    needed = tuple(
        Needed(
            hide(part, is_withdrawn=False),
            known[part.dataset].contact,
            apply.get(part.dataset),
        )
        for part in parts
        if part.dataset not in opened
    )
    lines = [
        f"I ask for access to {_many(len(needed), 'dataset')} for the cohort “{name}”.",
        "",
        f"Who: {person}{f', {organisation}' if organisation else ''}",
        f"Images that are needed: {question or 'every image'}",
        f"Cohort: {address}",
        "",
        *(_line(each) for each in needed),
        "",
        "Purpose of the research: ",
        "Legal basis and ethical approval: ",
        "From when until when: ",
        "Who will work with the images: ",
    ]
    return AccessRequest(
        open=tuple(part for part in parts if part.dataset in opened),
        needed=needed,
        beings=disclosed_sum(part.beings for part in parts if part.dataset not in opened),
        text="\n".join(lines) if needed else "",
    )


def _line(needed: Needed) -> str:
    hidden = needed.hidden
    where = (needed.apply or needed.contact or "ask the node").removeprefix("mailto:")
    size = f"{hidden.beings} beings"
    if "beings" not in hidden.images:
        size += f", {hidden.images} images"
    return f"- {hidden.title} ({hidden.dataset}): {size}. Apply: {where}"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
