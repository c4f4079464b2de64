"""Opening: the access decision as the doors need it, taken at every read of one image."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import BaseModel

from bigpicture.access.decide import Decision, Purpose, Reason
from bigpicture.api.node import Node
from bigpicture.api.problem import RefusedError
from bigpicture.catalogue.dataset_facts import DatasetFacts
from bigpicture.catalogue.image_facts import ImageFacts
from bigpicture.catalogue.index.view import View
from bigpicture.model.errors import UnknownError
from bigpicture.model.person import Person
from bigpicture.model.scope import Scope


class AccessShown(BaseModel):
    """Whether the one asking may open a dataset; why not, and where to apply."""

    may_open: bool
    reason: Reason | None
    text: str
    apply: str | None

    @classmethod
    def of(cls, decision: Decision) -> AccessShown:
        return cls(
            may_open=decision.allowed,
            reason=decision.reason,
            text=decision.text,
            apply=decision.apply,
        )


def open_dataset(
    node: Node, person: Person | None, dataset: str, purpose: Purpose = Purpose.READ
) -> Decision:
    """The decision, when it is yes; raises `RefusedError` or `UnknownError`. May block."""
    decision = node.decisions.decide(person, dataset, purpose)
    if not decision.allowed:
        raise RefusedError(decision)
    return decision


def known_dataset(node: Node, person: Person | None, accession: str) -> DatasetFacts:
    """What everybody may read of a dataset, given to who may know of it. May block.

    Raises `UnknownError`, and `RefusedError` where it was withdrawn.
    """
    decision = node.decisions.decide(person, accession, Purpose.READ)
    if decision.reason is Reason.WITHDRAWN:
        raise RefusedError(decision)
    return node.catalogue.dataset(accession)


def check_known(node: Node, person: Person | None, datasets: Iterable[str]) -> None:
    """Whether somebody may ask for datasets: they may know of them, and none was withdrawn.

    Raises `UnknownError`, `RefusedError`. May block.
    """
    for decision in node.decisions.decide_each(person, datasets).values():
        if decision.reason is Reason.WITHDRAWN:
            raise RefusedError(decision)


def open_image(
    node: Node, person: Person | None, image: ImageFacts, purpose: Purpose = Purpose.READ
) -> Decision:
    """As `open_dataset`; an image of a hidden dataset is unknown as any other is. May block."""
    try:
        return open_dataset(node, person, image.dataset, purpose)
    except UnknownError:
        raise no_image(image.accession) from None


def no_image(accession: str) -> UnknownError:
    """Says of an image that it is hidden exactly what is said of one that is not there."""
    return UnknownError("there is no such image.", place=accession)


def is_open_to_world(node: Node, dataset: str) -> bool:
    """Whether everybody may open a dataset; not so where it is hidden. May block."""
    listed = node.decisions.listed(None, [dataset])
    return bool(listed) and node.decisions.decide(None, dataset, Purpose.READ).allowed


def record_read(node: Node, person: Person | None, image: str, dataset: str, by: Decision) -> None:
    """Make the read of an image durable where it rests on a grant. May block."""
    if by.grant and person:
        node.reads.admit(person=person.id, image=image, dataset=dataset, grant=by.grant)


def decide_each(
    node: Node, person: Person | None, datasets: list[str]
) -> Mapping[str, AccessShown]:
    """What to show of the decision for many datasets."""
    decisions = node.decisions.decide_each(person, datasets)
    return {name: AccessShown.of(decision) for name, decision in decisions.items()}


def scope_of(node: Node, person: Person | None, view: View) -> Scope:
    """What of a view the one who asks may know of and see. May block."""
    return node.decisions.scope(person, view.names)
