"""A staining: what was done to make tissue visible."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from bigpicture.model.attribute import Attribute, Json, as_json, find, find_all
from bigpicture.model.code import Code
from bigpicture.model.entity import Entity, EntityKind

_METHODS = {"immunogenic": "immunostaining"}
"""Spellings of releases before 2.0, still met in real datasets."""

_GENE_NAMES = {
    "MKI67": "Ki-67",
    "ERBB2": "HER2",
    "ESR1": "ER",
    "PGR": "PR",
    "MS4A1": "CD20",
    "PTPRC": "CD45",
    "CD274": "PD-L1",
    "PDCD1": "PD-1",
    "TP53": "p53",
    "CDKN2A": "p16",
}
"""HGNC symbol to the name pathologists use."""


def canonical_method(text: str) -> str:
    """Return a staining method as release 2.0 of the standard spells it."""
    return _METHODS.get(text.strip().lower(), text.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Staining(Entity):
    """MSMdad 12: either one `procedure` (chemical only) or one or more `stains`."""

    kind: ClassVar[EntityKind] = EntityKind.STAINING

    procedure: tuple[Attribute, ...] = ()
    stains: tuple[tuple[Attribute, ...], ...] = ()

    @property
    def parts(self) -> tuple[tuple[Attribute, ...], ...]:
        return self.stains or ((self.procedure,) if self.procedure else ())

    @property
    def method(self) -> str | None:
        """`chemical`, `immunostaining` or `in situ hybridization`; the targeted one wins."""
        methods = [canonical_method(text) for text in self._texts("staining_method")]
        return next((method for method in methods if method != "chemical"), None) or next(
            iter(methods), None
        )

    @property
    def targets(self) -> tuple[Code, ...]:
        return tuple(self._codes("staining_target"))

    @property
    def target(self) -> Code | None:
        """The first target; a chemical staining has none."""
        return next(iter(self.targets), None)

    @property
    def label(self) -> str:
        """The name people use: `H&E`, `Ki-67`, else the procedure's own words."""
        if self.targets:
            return " + ".join(dict.fromkeys(_short(code.meaning) for code in self.targets))
        procedures = [code.meaning for code in self._codes("staining_procedure") if code.meaning]
        compounds = [code.meaning for code in self._codes("staining_compound") if code.meaning]
        if _is_h_and_e(" ".join(procedures)) or _is_h_and_e(" ".join(compounds)):
            return "H&E"
        words = [_short(meaning) for meaning in procedures[:1] or compounds]
        return " + ".join(dict.fromkeys(words)) or self.method or self.alias

    @property
    def attributes(self) -> dict[str, Json]:
        own: dict[str, Json] = as_json(self.stated)
        if self.procedure:
            own["PROCEDURE_INFORMATION"] = as_json(self.procedure)
        if self.stains:
            own["STAIN"] = [as_json(stain) for stain in self.stains]
        return own

    def _codes(self, tag: str) -> list[Code]:
        found = [attribute.code for part in self.parts for attribute in find_all(part, tag)]
        return [code for code in found if code is not None]

    def _texts(self, tag: str) -> list[str]:
        found = [find(part, tag) for part in self.parts]
        return [attribute.text for attribute in found if attribute and attribute.text]


def _is_h_and_e(words: str) -> bool:
    folded = words.lower()
    spelled = re.search(r"ha?ematoxylin", folded) is not None and "eosin" in folded
    return spelled or re.search(r"\bh\s*(&|and)\s*e\b", folded) is not None


def _short(meaning: str) -> str:
    bare = re.sub(r"\s*\((procedure|substance|qualifier value)\)$", "", meaning.strip())
    bare = re.sub(r"\s+(stain(ing)?\s+)?method$", "", bare)
    return _GENE_NAMES.get(bare.upper(), bare)
