"""The fonts of this machine, the scripts they write, and which of them training never sees."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
"""Where fonts are looked for; the variable DETECTOR_FONTS names others instead (':' between)."""

SCRIPTS: dict[str, tuple[tuple[int, int], ...]] = {
    "latin": ((0x41, 0x5A), (0x61, 0x7A)),
    "cyrillic": ((0x410, 0x44F),),
    "greek": ((0x391, 0x3A1), (0x3A3, 0x3A9), (0x3B1, 0x3C9)),
    "armenian": ((0x531, 0x556), (0x561, 0x586)),
    "hebrew": ((0x5D0, 0x5EA),),
    "arabic": ((0x627, 0x63A), (0x641, 0x64A)),
    "syriac": ((0x710, 0x72C),),
    "thaana": ((0x780, 0x7A5),),
    "nko": ((0x7CA, 0x7EA),),
    "devanagari": ((0x905, 0x939), (0x93E, 0x940)),
    "bengali": ((0x995, 0x9A8), (0x9BE, 0x9C0)),
    "gurmukhi": ((0xA15, 0xA28), (0xA3E, 0xA40)),
    "gujarati": ((0xA95, 0xAA8), (0xABE, 0xAC0)),
    "oriya": ((0xB15, 0xB28), (0xB3E, 0xB40)),
    "tamil": ((0xB85, 0xB8A), (0xBAE, 0xBB5), (0xBBE, 0xBC0)),
    "telugu": ((0xC15, 0xC28), (0xC3E, 0xC40)),
    "kannada": ((0xC95, 0xCA8), (0xCBE, 0xCC0)),
    "malayalam": ((0xD15, 0xD28), (0xD3E, 0xD40)),
    "sinhala": ((0xD9A, 0xDB0),),
    "thai": ((0xE01, 0xE30), (0xE40, 0xE44)),
    "lao": ((0xE94, 0xE97), (0xE99, 0xE9F), (0xEC0, 0xEC4)),
    "tibetan": ((0xF40, 0xF47), (0xF49, 0xF6A)),
    "myanmar": ((0x1000, 0x1021),),
    "georgian": ((0x10D0, 0x10F0),),
    "ethiopic": ((0x1208, 0x1246), (0x1260, 0x1286)),
    "cherokee": ((0x13A0, 0x13F4),),
    "khmer": ((0x1780, 0x17A2),),
    "mongolian": ((0x1820, 0x1842),),
    "kana": ((0x3042, 0x3093), (0x30A2, 0x30F3)),
    "han": ((0x4E00, 0x9FA5),),
    "hangul": ((0xAC00, 0xD7A3),),
    "tifinagh": ((0x2D30, 0x2D65),),
    "canadian": ((0x1401, 0x1676),),
    "runic": ((0x16A0, 0x16EA),),
    "yi": ((0xA000, 0xA48C),),
}
HELD_SCRIPTS = frozenset({"thai", "hebrew", "hangul", "georgian", "tamil"})
"""Scripts that no training picture holds."""

HELD_FAMILIES = (
    "lato", "ebgaramond", "courier", "roboto", "opendin", "gnutypewriter", "b612", "ocrb",
    "oldstandard",
)  # fmt: skip
"""Printed families kept from training, by the beginning of the file's name."""
HELD_HANDS = ("dkg", "breip", "kristi", "joscelyn", "kiloji", "delphine")
HANDS = (
    "because", "stevehand", "femke", "dancing", "humor", "rufscript", "klee", "setofont", "yusei",
    "kaushan", "ecolier", "isabella", "tomson", "comic", "chilanka", "navilu", "gfsgazis", "havana",
    "lobster", "purisa", "unpilgi",
)  # fmt: skip
"""Written or near-written families that training may see."""
_NO_LETTERS = ("symbol", "music", "emoji", "signwriting", "dings", "d050000l", "cmsy", "cmex",
               "notosansmath", "standardsymbols", "japanese-gothic", "ubuntu-title", "duployan",
               "dseg")  # fmt: skip
_PROBES = 4


@dataclass(frozen=True, slots=True)
class Font:
    """One font file: the scripts it writes, whether it is a hand, whether it is held out."""

    path: str
    scripts: tuple[str, ...]
    is_hand: bool
    is_held: bool

    @property
    def family(self) -> str:
        return Path(self.path).stem.split("-")[0]


@dataclass(frozen=True)
class Shelf:
    """The fonts of one side of the split, by script; printed and written apart."""

    printed: dict[str, tuple[Font, ...]]
    written: dict[str, tuple[Font, ...]]


def fonts(folders: tuple[str, ...] | None = None) -> list[Font]:
    """Every usable font of the folders, in the order of their names."""
    named = os.environ.get("DETECTOR_FONTS")
    folders = folders or (tuple(named.split(":")) if named else FOLDERS)
    files = {
        path
        for folder in folders
        for path in Path(folder).expanduser().rglob("*")
        if path.suffix.lower() in {".ttf", ".otf", ".ttc"} and path.is_file()
    }
    found = [_font(path) for path in sorted(files, key=lambda path: (path.name, str(path)))]
    return [font for font in found if font and font.scripts]


def shelves(every: list[Font]) -> tuple[Shelf, Shelf]:
    """What training may use, and what is held out (printed families and hands).

    The held-out shelf writes held-out scripts with any font: no letter of theirs was trained on.
    """
    train, held = (defaultdict[tuple[bool, str], list[Font]](list) for _ in range(2))
    for font in every:
        for script in font.scripts:
            key = font.is_hand, script
            if script in HELD_SCRIPTS or font.is_held:
                held[key].append(font)
            else:
                train[key].append(font)
    return _shelf(train), _shelf(held)


def _shelf(by: dict[tuple[bool, str], list[Font]]) -> Shelf:
    printed = {script: tuple(fonts) for (is_hand, script), fonts in by.items() if not is_hand}
    written = {script: tuple(fonts) for (is_hand, script), fonts in by.items() if is_hand}
    return Shelf(printed, written)


def _font(path: Path) -> Font | None:
    name = path.stem.lower()
    if any(word in name for word in _NO_LETTERS):
        return None
    try:
        face = ImageFont.truetype(str(path), 20)
        scripts = tuple(script for script, spans in SCRIPTS.items() if _writes(face, spans))
    except (OSError, ValueError):
        return None
    is_held = name.startswith((*HELD_FAMILIES, *HELD_HANDS))
    return Font(str(path), scripts, name.startswith((*HANDS, *HELD_HANDS)), is_held)


def _writes(face: ImageFont.FreeTypeFont, spans: tuple[tuple[int, int], ...]) -> bool:
    """Whether letters of the spans look unlike what stands for a missing one, and each other."""
    missing = bytes(face.getmask("\U000fffff"))
    first, last = spans[0]
    probes = {first + (last - first) * k // (_PROBES - 1) for k in range(_PROBES)}
    seen = {bytes(face.getmask(chr(probe))) for probe in probes}
    return missing not in seen and b"" not in seen and len(seen) == len(probes)


@lru_cache(maxsize=192)
def face(path: str, size: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels."""
    return ImageFont.truetype(path, size)
