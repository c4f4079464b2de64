"""Spellings: the byte forms that a text takes in files; case is left to who searches."""

from __future__ import annotations

import base64
import html.entities
import quopri
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

CODE_PAGES = (
    "latin-1", "cp1252", "iso8859-2", "iso8859-4", "iso8859-5", "iso8859-7", "iso8859-9",
    "iso8859-13", "iso8859-15", "iso8859-16", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257",
    "koi8-r", "mac-roman", "cp437", "cp850", "cp852", "shift_jis", "euc_jp", "iso2022_jp",
    "gb18030", "big5", "euc_kr", "iso8859-8", "cp1255", "iso8859-6", "cp1256", "tis-620",
)  # fmt: skip
"""Of texts with letters beyond ASCII; where ASCII is enough they all say the same."""
WIDE = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
SHORTEST_CODED = 8
SHORTEST_HEX = 12
"""Bytes of base64 and of hex; shorter ones are only found where the whole is decoded."""
_FOLDED = str.maketrans({
    "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "ħ": "h", "Ħ": "H",
})  # fmt: skip
_SPELT_OUT = str.maketrans({
    "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "å": "aa", "Å": "Aa",
    "ø": "oe", "Ø": "Oe",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spelling:
    """Bytes that a text may stand as; lower-case where case does not count.

    `step` is how wide a character is; 0 where what stands beside tells nothing.
    """

    data: bytes
    step: int
    is_caseless: bool


def spellings(text: str) -> Iterator[Spelling]:
    """Every byte form of `text`, some of them more than once."""
    for written in _unicode_forms(text):
        for cased in [written] if written.isascii() else _cases(written):
            yield from _plain(cased)
            if not cased.isascii():
                yield from _escaped(cased)
    for cased in _cases(text):
        yield from _coded(cased)
        yield from (Spelling(each, 0, True) for each in _all_escaped(cased))


def folded(text: str) -> str:
    """`text` without accents: Muller for Müller."""
    apart = unicodedata.normalize("NFD", text.translate(_FOLDED))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _unicode_forms(text: str) -> list[str]:
    if text.isascii():
        return [text]
    composed = unicodedata.normalize("NFC", text)
    forms = (text, composed, unicodedata.normalize("NFD", text), folded(composed),
             folded(composed.translate(_SPELT_OUT)))  # fmt: skip
    return list(dict.fromkeys(forms))


def _cases(text: str) -> list[str]:
    return list(dict.fromkeys((text, text.lower(), text.upper(), text.title())))


def _plain(text: str) -> Iterator[Spelling]:
    encoded = text.encode("utf-8", "replace")
    yield Spelling(encoded.lower(), 1, True)
    for width, codec in ((2, "utf-16-le"), (4, "utf-32-le")):
        yield from (Spelling(each, width, True) for each in _wide(text, width, codec))
    for swapped in (encoded, encoded[1:]):
        even = swapped[: len(swapped) // 2 * 2]
        turned = bytes(even[place ^ 1] for place in range(len(even)))
        if len(turned) >= SHORTEST_CODED:
            yield Spelling(turned.lower(), 0, True)
    if not text.isascii():
        for codec in CODE_PAGES:
            data = _encoded(text, codec)
            if data:
                yield Spelling(data.lower(), 1, True)


def _wide(text: str, width: int, codec: str) -> list[bytes]:
    """Two or four bytes a letter, of both byte orders.

    Of ASCII both hold the same bytes between the first letter and the last, so one form is
    enough, but for the shortest, which would be a byte short among the pixels.
    """
    little = text.encode(codec, "surrogatepass").lower()
    core = little[: -(width - 1)]
    if text.isascii() and (len(core) >= SHORTEST_CODED or len(little) < SHORTEST_CODED):
        return [core]
    big = text.encode(codec.replace("-le", "-be"), "surrogatepass").lower()
    return [little, big]


def _coded(text: str) -> Iterator[Spelling]:
    """Base64 and hex of the text itself, where it begins at any byte of what is encoded."""
    forms = {text.encode("utf-8", "replace"), *_wide_as_written(text)}
    forms |= {data for codec in ("latin-1", "cp1252") if (data := _encoded(text, codec))}
    for data in forms:
        if 2 * len(data) >= SHORTEST_HEX:
            yield Spelling(data.hex().encode(), 0, True)
        for shift in range(3):
            coded = base64.b64encode(bytes(shift) + data)
            inside = coded[-(-shift * 4 // 3) : (shift + len(data)) * 4 // 3]
            if len(inside) >= SHORTEST_CODED:
                yield Spelling(inside, 0, False)
                if b"+" in inside or b"/" in inside:
                    yield Spelling(inside.translate(bytes.maketrans(b"+/", b"-_")), 0, False)


def _wide_as_written(text: str) -> set[bytes]:
    little = text.encode("utf-16-le", "surrogatepass")
    if text.isascii():
        return {little[:-1]}
    return {little, text.encode("utf-16-be", "surrogatepass")}


def _escaped(text: str) -> Iterator[Spelling]:
    """Letters beyond ASCII as programs write them where only ASCII may stand."""
    for codec in ("utf-8", "latin-1"):
        data = _encoded(text, codec)
        if data:
            yield Spelling(quote(data, safe=" ").encode().lower(), 1, True)
            yield Spelling(quote(data).encode().lower(), 1, True)
            yield Spelling(quopri.encodestring(data).rstrip(b"=\n").lower(), 1, True)
    for each in (
        "".join(_entity(letter, "&#{};") for letter in text),
        "".join(_entity(letter, "&#x{:x};") for letter in text),
        "".join(_named(letter) for letter in text),
        text.encode("ascii", "backslashreplace").decode().replace("\\x", "\\u00"),
        text.encode("ascii", "backslashreplace").decode(),
    ):
        yield Spelling(each.encode().lower(), 1, True)


def _all_escaped(text: str) -> Iterator[bytes]:
    """Every letter escaped. Texts are unescaped before they are searched; pixels are not."""
    data = text.encode("utf-8", "replace")
    units = memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")
    yield b"".join(b"%%%02x" % each for each in data)
    yield b"".join(b"=%02x" % each for each in data)
    yield b"".join(b"\\u%04x" % each for each in units)
    yield "".join(f"&#{ord(letter)};" for letter in text).encode()
    yield "".join(f"&#x{ord(letter):x};" for letter in text).encode()


def _entity(letter: str, form: str) -> str:
    return letter if letter.isascii() else form.format(ord(letter))


def _named(letter: str) -> str:
    name = html.entities.codepoint2name.get(ord(letter))
    return f"&{name};" if name and not letter.isascii() else _entity(letter, "&#{};")


def _encoded(text: str, codec: str) -> bytes:
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        return b""
