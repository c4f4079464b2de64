"""Stainings are named as people name them."""

from __future__ import annotations

import pytest

from bigpicture.model.attribute import Attribute, AttributeType
from bigpicture.model.code import Code
from bigpicture.model.identifiers import Alias
from bigpicture.model.place import Place
from bigpicture.model.staining import Staining


def coded(tag: str, meaning: str) -> Attribute:
    return Attribute(tag, AttributeType.CODE, Code("1", "SNOMED CT", meaning))


def said(tag: str, text: str) -> Attribute:
    return Attribute(tag, AttributeType.STRING, text)


def staining(*stains: tuple[Attribute, ...], procedure: tuple[Attribute, ...] = ()) -> Staining:
    return Staining(alias=Alias("s"), place=Place("f", 1), stains=stains, procedure=procedure)


@pytest.mark.parametrize(
    ("made", "label", "method"),
    [
        (
            staining(
                procedure=(
                    coded("staining_procedure", "Hematoxylin and eosin stain method (procedure)"),
                    said("staining_method", "chemical"),
                )
            ),
            "H&E",
            "chemical",
        ),
        (staining(procedure=(said("staining_procedure", "H & E"),)), "H&E", None),
        (
            staining(
                (coded("staining_compound", "hematoxylin stain"),),
                (coded("staining_compound", "water soluble eosin stain"),),
            ),
            "H&E",
            None,
        ),
        (
            staining(
                (said("staining_compound", "hematoxylin"), said("staining_method", "chemical")),
                (coded("staining_target", "MKI67"), said("staining_method", "immunogenic")),
            ),
            "Ki-67",
            "immunostaining",
        ),
        (
            staining(
                (said("staining_target", "pan Cytokeratin"),),
                (coded("staining_target", "ERBB2"),),
            ),
            "pan Cytokeratin + HER2",
            None,
        ),
        (
            staining(procedure=(coded("staining_procedure", "Masson trichrome stain method"),)),
            "Masson trichrome",
            None,
        ),
        (staining(), "s", None),
    ],
)
def test_label_and_method(made, label, method):
    assert (made.label, made.method) == (label, method)
