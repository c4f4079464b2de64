"""Check the names, numbers and order of an element's children, and say what departs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bigpicture.metaflex.schema import MANY
from bigpicture.metaflex.tree import Element
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.place import Place

RULE = "MetaFleX"


@dataclass(frozen=True, slots=True)
class Child:
    """What a sequence may hold at one of its places."""

    tag: str
    least: int = 1
    most: int = 1


class SequenceChecker:
    """Collects findings about one document; `entity` is the object being looked at."""

    def __init__(self, file: str) -> None:
        self.findings: list[Finding] = []
        self._name = file
        self.entity = ""

    def sequence(self, element: Element, wanted: list[Child]) -> None:
        """Check names, numbers and order of the child elements."""
        order = {child.tag: number for number, child in enumerate(wanted)}
        present = list(element.elements)
        counts = Counter(child.tag for child in present)
        for child in wanted:
            self.number(element, child, counts[child.tag])
        reached = -1
        for child in present:
            if child.tag not in order:
                self.say(
                    child,
                    f"{shown(child.tag)} is not part of {element.tag}.",
                    ", ".join(order),
                    self.remedy(element, child),
                )
            elif order[child.tag] < reached:
                self.say(
                    child,
                    f"{child.tag} stands too late in {element.tag}.",
                    "the order " + ", ".join(order),
                    "Put the elements into that order.",
                )
            else:
                reached = order[child.tag]

    def remedy(self, element: Element, child: Element) -> str:  # noqa: ARG002
        """What to do with a child that does not belong into the element."""
        return "Remove it, or put the value into ATTRIBUTES."

    def number(self, element: Element, child: Child, count: int) -> None:
        if count < child.least:
            self.say(
                element,
                f"{element.tag} has no {child.tag}.",
                f"{child.tag} once" + (" or more" if child.most == MANY else ""),
                f"Add {child.tag}.",
            )
        elif count > child.most:
            self.say(
                element,
                f"{element.tag} has {count} times {child.tag}.",
                f"at most {child.most}",
                "Keep the one that is meant.",
            )

    def plain(self, element: Element) -> None:
        """Say where text stands among elements."""
        if element.text.strip() or any(child.tail.strip() for child in element.children):
            self.say(
                element,
                f"text stands among the elements of {element.tag}.",
                "elements only",
                "Put the text into an element.",
            )

    def known(self, element: Element, names: set[str]) -> None:
        for name, _ in element.attributes:
            if name not in names and not name.startswith(("xsi:", "xml:")):
                self.say(
                    element,
                    f"{element.tag} has an attribute {shown(name)}.",
                    ", ".join(sorted(names)) or "no attribute",
                    "Remove it.",
                )

    def say(
        self,
        element: Element,
        what: str,
        expected: str,
        remedy: str,
        *,
        severity: Severity = Severity.ERROR,
    ) -> None:
        place = Place(self._name, element.line)
        self.findings.append(
            Finding(RULE, severity, place, what, expected, remedy, entity=self.entity)
        )


def shown(text: str) -> str:
    """Return a value short enough for a table, control characters made visible."""
    return repr(text if len(text) <= 40 else text[:39] + "…")
