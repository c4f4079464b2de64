"""Change an exchange document in one place, for tests that damage it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bigpicture.metaflex.tree import Document, Element

Change = Callable[[Element], Element | None]


def edited(element: Element, where: Callable[[Element], bool], change: Change) -> Element:
    """The tree with each element that `where` holds for changed, or left out."""
    children = []
    for child in element.children:
        if isinstance(child, Element):
            child = change(child) if where(child) else edited(child, where, change)
        if child is not None:
            children.append(child)
    return replace(element, children=tuple(children))


def in_file(documents: dict[str, Document], file: str, where, change: Change):
    document = documents[file]
    root = edited(document.root, where, change)
    assert root != document.root, "nothing was changed"
    return documents | {file: replace(document, root=root)}


def is_tagged(*tags: str) -> Callable[[Element], bool]:
    def holds(element: Element) -> bool:
        told = element.child("TAG")
        return element.tag.endswith("_ATTRIBUTE") and told is not None and told.text in tags

    return holds


def with_attribute(
    documents: dict[str, Document], file: str, tag: str, attribute: Element
) -> dict[str, Document]:
    """The documents with another attribute wherever one of that tag stood in a file."""
    return in_file(documents, file, is_tagged(tag), lambda _: attribute)
