"""Read exchange XML into its lossless tree, trusting nothing."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field, replace
from sys import intern
from typing import NoReturn
from xml.parsers import expat

from bigpicture.metaflex.tree import XSI, Comment, Document, Element, Instruction, Node
from bigpicture.model.errors import MetadataError
from bigpicture.model.place import Place

DEPTH = 100
"""Deepest nesting; the standard's own documents reach 13."""

SIZE = 512 << 20
"""Largest document in bytes; a dataset of 100,000 images needs about 400 MB of image.xml."""

_ENCODINGS = frozenset({"utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "ascii"})
_BETWEEN = "\x01"  # no XML document can hold it
_SHARED_TEXT = 64
"""Texts up to this many characters are kept once: tags and values repeat in every object."""


def read_document(data: bytes, *, name: str, size: int = SIZE, line: int = 1) -> Document:
    """Read one document; comments, order, nil and namespaces are kept, layout is not.

    Document type declarations (and with them entities and anything external) are refused, as are
    nesting deeper than `DEPTH` and more than `size` bytes. UTF-8 and UTF-16 are read. The parser is
    expat: unlike libxml2's, its line numbers hold past line 65535 and it builds no second tree.

    `line` is the number of its first line, where it is cut out of a larger one.
    Raises `MetadataError` naming file and line.
    """
    if len(data) > size:
        raise _refuse(
            name, 0, f"the document has {len(data)} bytes.", f"Split it below {size} bytes."
        )
    if not data.strip():
        raise _refuse(name, 0, "the document is empty.", "Export it again.")
    reader = Reader(name, line)
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise broken(name, data, error) from None
    except (ValueError, LookupError) as error:
        # pyexpat raises these for encodings it cannot map byte by byte
        raise unknown_encoding(name) from error
    return reader.document()


@dataclass(slots=True)
class _Open:
    """An element whose end has not been met."""

    tag: str
    attributes: tuple[tuple[str, str], ...]
    namespaces: tuple[tuple[str, str], ...]
    line: int
    is_nil: bool
    keeps_layout: bool
    children: list[Node] = field(default_factory=list[Node])
    texts: list[str] = field(default_factory=list[str])
    """`texts[n]` stands before `children[n]`; one more than children when closed."""


class Reader:
    """Receives expat's events and builds the tree from the leaves up, without recursion.

    Where `members` are asked for, the root's child elements are put there instead of into the tree,
    and comments among them are left out.
    """

    def __init__(self, name: str, line: int = 1, *, members: list[Element] | None = None) -> None:
        self.name = name
        self._members = members
        self._above = line - 1
        self.parser = expat.ParserCreate(namespace_separator=_BETWEEN)
        self.parser.namespace_prefixes = True
        self.parser.ordered_attributes = True
        self.parser.buffer_text = True
        self.parser.XmlDeclHandler = self._declaration
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartNamespaceDeclHandler = self._namespace
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.CommentHandler = self._comment
        self.parser.ProcessingInstructionHandler = self._instruction
        self._stack: list[_Open] = []
        self._scopes: list[dict[str, str]] = [{"": ""}]
        self._declared: list[tuple[str, str]] = []
        self._pending: list[str] = []
        self._root: Element | None = None
        self._before: list[Comment | Instruction] = []
        self._after: list[Comment | Instruction] = []
        self._asides: list[Comment | Instruction] = []
        self._texts: dict[str, str] = {}
        self._names: dict[str, str] = {}

    @property
    def root_tag(self) -> str:
        """The root's name, once it has begun."""
        root = self._stack[0] if self._stack else self._root
        return root.tag if root else ""

    def document(self) -> Document:
        assert self._root is not None  # expat has refused a document without an element
        return Document(
            self.name,
            self._root,
            tuple(self._before),
            tuple(self._after),
            tuple(self._asides),
        )

    @property
    def _line(self) -> int:
        return self.parser.CurrentLineNumber + self._above

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise _refuse(
                self.name, 1, f"its encoding {encoding!a:.40} is not read.", "Save it as UTF-8."
            )

    def _doctype(self, *_: object) -> NoReturn:
        raise _refuse(
            self.name,
            self._line,
            "it has a document type declaration.",
            "Remove <!DOCTYPE …>: entities and external parts are never read.",
        )

    def _namespace(self, prefix: str | None, address: str | None) -> None:
        self._declared.append((prefix or "", address or ""))

    def _start(self, name: str, flat: list[str]) -> None:
        if len(self._stack) >= DEPTH:
            raise _refuse(
                self.name,
                self._line,
                f"elements are nested deeper than {DEPTH}.",
                "No MetaFleX document needs that; look for elements that are never closed.",
            )
        self._flush()
        pairs = tuple(zip(flat[::2], flat[1::2], strict=True)) if flat else ()
        self._stack.append(
            _Open(
                tag=self._name(name),
                attributes=tuple((self._name(key), self._shared(value)) for key, value in pairs),
                namespaces=self._scope(),
                line=self._line,
                is_nil=any(_says_nil(key, value) for key, value in pairs) if pairs else False,
                keeps_layout=self._keeps_layout(pairs),
            )
        )

    def _scope(self) -> tuple[tuple[str, str], ...]:
        """Open the element's scope; return what it declares that was not in force."""
        scope = self._scopes[-1]
        if not self._declared:
            self._scopes.append(scope)
            return ()
        new = tuple((p, a) for p, a in self._declared if scope.get(p) != a)
        self._declared.clear()
        self._scopes.append({**scope, **dict(new)})
        return new

    def _keeps_layout(self, pairs: tuple[tuple[str, str], ...]) -> bool:
        inherited = bool(self._stack) and self._stack[-1].keeps_layout
        space = next((v for k, v in pairs if self._name(k) == "xml:space"), None) if pairs else None
        return inherited if space is None else space == "preserve"

    def _end(self, _: str) -> None:
        self._flush()
        self._scopes.pop()
        done = self._stack.pop()
        if self._members is not None and not self._stack:
            done.texts = ["".join(done.texts)]
        children = tuple(done.children)
        texts = _without_layout(done)
        if any(texts[1:]):
            children = tuple(
                replace(child, tail=tail) if tail else child
                for child, tail in zip(children, texts[1:], strict=True)
            )
        element = Element(
            tag=done.tag,
            text=self._shared(texts[0]),
            attributes=done.attributes,
            children=children,
            namespaces=done.namespaces,
            line=done.line,
            is_nil=done.is_nil,
        )
        if not self._stack:
            self._root = element
        elif self._members is not None and len(self._stack) == 1:
            self._members.append(element)
            self._forget_text()
        else:
            self._stack[-1].children.append(element)

    def _characters(self, text: str) -> None:
        self._pending.append(text)

    def _comment(self, text: str) -> None:
        self._place(Comment(text, line=self._line))

    def _instruction(self, target: str, text: str) -> None:
        self._place(Instruction(target, text, line=self._line))

    def _place(self, node: Comment | Instruction) -> None:
        self._asides.append(node)
        if self._members is not None and len(self._stack) == 1:
            self._flush()
            self._forget_text()
        elif self._stack:
            self._flush()
            self._stack[-1].children.append(node)
        elif self._root is None:
            self._before.append(node)
        else:
            self._after.append(node)

    def _flush(self) -> None:
        """Close the text that stood before the node that begins or ends here."""
        if self._stack:
            self._stack[-1].texts.append("".join(self._pending))
            self._pending.clear()

    def _forget_text(self) -> None:
        """Of what stands between members, only what is no layout is kept, to be told."""
        texts = self._stack[-1].texts
        text = texts.pop()
        if text.strip() and not texts:
            texts.append(text)

    def _name(self, triple: str) -> str:
        """Turn expat's address, local name and prefix back into the name as written."""
        name = self._names.get(triple)
        if name is None:
            parts = triple.split(_BETWEEN)
            name = intern(f"{parts[2]}:{parts[1]}" if len(parts) == 3 else parts[-1])
            self._names[triple] = name
        return name

    def _shared(self, text: str) -> str:
        return self._texts.setdefault(text, text) if len(text) <= _SHARED_TEXT else text


def _without_layout(done: _Open) -> list[str]:
    """Return the texts around the children; blank ones between elements are only layout."""
    if not done.children or done.keeps_layout:
        return done.texts
    holds_elements = any(isinstance(child, Element) for child in done.children)
    if not holds_elements or "".join(done.texts).strip(" \t\r\n"):
        return done.texts
    return [""] * len(done.texts)


def _says_nil(key: str, value: str) -> bool:
    return key.split(_BETWEEN)[:2] == [XSI, "nil"] and value.strip() in {"true", "1"}


def _refuse(name: str, line: int, what: str, remedy: str) -> MetadataError:
    return MetadataError(what, place=str(Place(name, line)), rule="XML 1.0", remedy=remedy)


def unknown_encoding(name: str) -> MetadataError:
    """What is told of a document in an encoding that is not read."""
    return _refuse(name, 1, "its encoding cannot be read.", "Save it as UTF-8.")


def broken(name: str, data: bytes, error: expat.ExpatError, *, above: int = 0) -> MetadataError:
    line = _line_of_bad_utf8(data)
    if line:
        return _refuse(
            name, line + above, "there are bytes that are not UTF-8.", "Save it as UTF-8."
        )
    what = expat.errors.messages.get(error.code, "unknown")
    if what in {"no element found", "unclosed token", "unclosed CDATA section"}:
        return _refuse(
            name, error.lineno, "the document ends too early.", "It was cut off: export it again."
        )
    return _refuse(
        name,
        error.lineno,
        f"this is not well-formed XML ({what}, column {error.offset + 1}).",
        "Open it in an XML editor, mend that line, or export it again.",
    )


def _line_of_bad_utf8(data: bytes) -> int:
    """Return the line of the first byte that is not UTF-8; 0 where there is none."""
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    declared = re.match(rb"<\?xml[^>]*encoding\s*=\s*[\"'](?!utf-?8)", data[:200], re.IGNORECASE)
    if is_utf16 or declared:
        return 0
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    return 0
