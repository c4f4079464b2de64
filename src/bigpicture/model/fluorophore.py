"""Fluorophores by name: a closed list, so that what names a channel cannot name a person."""

from __future__ import annotations

import re

FLUOROPHORES = (
    "DAPI", "Hoechst", "FITC", "TRITC", "Texas Red", "GFP", "EGFP", "YFP", "CFP", "RFP", "mCherry",
    "Rhodamine", "Propidium Iodide", "DRAQ5", "Spectrum Green", "Spectrum Orange", "Spectrum Aqua",
    "Spectrum Gold", "Spectrum Red", "Autofluorescence", "Sample AF", "Coumarin",
    *(f"Cy{number}" for number in ("2", "3", "3.5", "5", "5.5", "7")),
    *(f"Opal {number}" for number in (480, 520, 540, 570, 620, 650, 690, 780)),
    *(f"Alexa Fluor {number}" for number in (350, 405, 430, 488, 514, 532, 546, 555, 568, 594, 610,
                                             633, 647, 660, 680, 700, 750, 790)),
)  # fmt: skip
"""As their makers and the literature write them."""

_SQUEEZE = re.compile(r"[^a-z0-9.]")
_SYNONYMS = {"hoechst33342": "Hoechst", "hoechst33258": "Hoechst", "af": "Autofluorescence"}


def _key(text: str) -> str:
    squeezed = _SQUEEZE.sub("", text.lower())
    found = re.fullmatch(r"(?:af|alexa)(\d{3})", squeezed)
    return f"alexafluor{found[1]}" if found else squeezed


_NAMES = {**{_key(name): name for name in FLUOROPHORES}, **_SYNONYMS}


def known_fluorophore(text: str) -> str:
    """The fluorophore's name as the list has it, or nothing where the list has none such."""
    return _NAMES.get(_key(text), "")
