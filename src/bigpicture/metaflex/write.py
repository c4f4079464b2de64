"""Write a lossless tree as XML."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bigpicture.metaflex.tree import XSI, Comment, Document, Element, Instruction
from bigpicture.model.errors import MetadataError

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Everything outside the Char production (XML 1.0, 2.2)."""

_NAME = re.compile(r"[^\W\d][\w.\-]*(:[^\W\d][\w.\-]*)?")
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)


def write_document(document: Document) -> bytes:
    """Return the document as UTF-8, two spaces a step, ending in a newline.

    Reading it again gives an equal tree. Raises `MetadataError` for what XML cannot hold (control
    characters, names with blanks).
    """
    writer = _Writer(document.name)
    writer.pieces.append('<?xml version="1.0" encoding="UTF-8"?>\n')
    writer.pieces.extend(f"{writer.note(node)}\n" for node in document.before)
    writer.element(document.root, 0, scope={"xml": "", "": ""}, is_laid_out=True)
    writer.pieces.append("\n")
    writer.pieces.extend(f"{writer.note(node)}\n" for node in document.after)
    return "".join(writer.pieces).encode()


def write_container(name: str, tag: str, members: Iterable[Element]) -> bytes:
    """Return the document of a container as `write_document` would, holding one member at a time.

    The container declares `xsi`, so that a nil member need not.
    """
    pieces = [f'<?xml version="1.0" encoding="UTF-8"?>\n<{tag} xmlns:xsi="{XSI}">']
    for member in members:
        writer = _Writer(name)
        writer.element(member, 1, scope={"xml": "", "": "", "xsi": XSI}, is_laid_out=True)
        pieces.append("\n  " + "".join(writer.pieces))
    return "".join([*pieces, f"\n</{tag}>\n"]).encode()


class _Writer:
    """Collects the pieces of one document, naming it where something cannot be written."""

    def __init__(self, name: str) -> None:
        self.pieces: list[str] = []
        self._document = name

    def element(
        self, element: Element, step: int, *, scope: dict[str, str], is_laid_out: bool
    ) -> None:
        """Add an element `step` levels deep; `scope` holds the namespaces in force."""
        new = [(p, a) for p, a in element.namespaces if scope.get(p) != a]
        scope = {**scope, **dict(new)} if new else scope
        space = element.get("xml:space")
        is_laid_out = is_laid_out if space is None else space != "preserve"
        tag = self._name(element.tag)
        named = [(f"xmlns:{p}" if p else "xmlns", a) for p, a in new]
        pairs = [*named, *element.attributes]
        attributes = "".join(f' {self._name(k)}="{self._attribute(v)}"' for k, v in pairs)
        if not element.children and not element.text:
            self.pieces.append(f"<{tag}{attributes}/>")
            return
        self.pieces.append(f"<{tag}{attributes}>{self._text(element.text)}")
        self._children(element, step, scope=scope, is_laid_out=is_laid_out)
        self.pieces.append(f"</{tag}>")

    def _children(
        self, element: Element, step: int, *, scope: dict[str, str], is_laid_out: bool
    ) -> None:
        """Add the children, on lines of their own where no text stands beside them."""
        has_text = bool(element.text) or any(child.tail for child in element.children)
        holds_elements = any(isinstance(child, Element) for child in element.children)
        in_lines = is_laid_out and holds_elements and not has_text
        for child in element.children:
            if in_lines:
                self.pieces.append("\n" + "  " * (step + 1))
            if isinstance(child, Element):
                self.element(child, step + 1, scope=scope, is_laid_out=is_laid_out)
            else:
                self.pieces.append(self.note(child))
            self.pieces.append(self._text(child.tail))
        if in_lines:
            self.pieces.append("\n" + "  " * step)

    def note(self, node: Comment | Instruction) -> str:
        """Return a comment or an instruction."""
        text = self._allowed(node.text)
        if isinstance(node, Comment):
            if "--" in text or text.endswith("-"):
                raise self._refuse("a comment holds two hyphens in a row.")
            return f"<!--{text}-->"
        if "?>" in text:
            raise self._refuse("a processing instruction holds its own end.")
        return f"<?{self._name(node.target)} {text}?>" if text else f"<?{node.target}?>"

    def _name(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise self._refuse("a name is not an XML name.")
        return name

    def _text(self, text: str) -> str:
        return self._allowed(text).translate(_IN_TEXT)

    def _attribute(self, text: str) -> str:
        return self._allowed(text).translate(_IN_ATTRIBUTE)

    def _allowed(self, text: str) -> str:
        if _FORBIDDEN.search(text):
            raise self._refuse("a value holds a character that XML cannot carry.")
        return text

    def _refuse(self, what: str) -> MetadataError:
        return MetadataError(
            what, place=self._document, rule="XML 1.0", remedy="Remove control characters."
        )
