"""The built-in words against DICOM's own tables of codes, as pydicom ships them."""

from __future__ import annotations

import re

import pytest
from pydicom.sr._concepts_dict import concepts

from bigpicture.model.code import Code
from bigpicture.preparation.columns import COLUMNS
from bigpicture.preparation.words import known, terms_of
from bigpicture.standard.sctid import is_concept
from bigpicture.standard.vocabulary import fold

DICOM = {
    code: meaning for by_code in concepts["SCT"].values() for code, (meaning, _) in by_code.items()
}
NOT_IN_DICOM = {
    *("128304007", "29240004"),  # the standard's own (3.2.1)
    *("764445001", "432825001"),  # the standard's own (specimen_type)
    "23875004",  # SNOMED CT: No pathologic diagnosis
}
OTHER_NAMES = {  # what DICOM calls them
    "433469005": "Tissue freezing medium",  # MSMdad 4.2.1 has SNOMED's older description
    "261712009": "Acrylic resin",
    "309051001": "Body fluid sample",
    "419442005": "Ethyl alcohol",
}


def _codes():
    for column in COLUMNS:
        for meaning, words in terms_of(column.name):
            if isinstance(meaning, Code) and meaning.scheme == "SNOMED CT":
                yield column.name, meaning, words


@pytest.mark.parametrize(("column", "code", "words"), list(_codes()), ids=lambda each: str(each))
def test_a_code_is_the_one_that_dicom_has_for_its_meaning(column, code, words):
    assert is_concept(code.code)
    if code.code in NOT_IN_DICOM:
        return
    if code.code in OTHER_NAMES:
        assert DICOM[code.code] == OTHER_NAMES[code.code]
        return
    named = re.sub(r"\s*\(body structure\)$", "", DICOM[code.code])
    assert fold(code.meaning).split()[0][:5] in fold(named), named


@pytest.mark.parametrize(
    ("column", "word", "meaning"),
    [
        ("sex", "w", "Female"),
        ("sex", "Männlich", "Male"),
        ("stain", "H&E", "Hematoxylin and eosin stain method"),
        ("stain", "Hämatoxylin-Eosin", "Hematoxylin and eosin stain method"),
        ("stain", "Ki-67", "MKI67"),
        ("block_preparation", "FFPE", "Paraffin wax"),
        ("fixation", "FFPE", "Formalin"),
        ("anatomical_site", "Leber", "Liver structure"),
        ("anatomical_site", "Sigma", "Sigmoid colon structure"),
        ("extraction_method", "Biopsie", "Biopsy"),
        ("species", "human", "Homo sapiens"),
        ("control", "vehicle", "CONTROL"),
    ],
)
def test_usual_words_need_no_mapping(column, word, meaning):
    from bigpicture.preparation.meaning import fold as fold_word

    assert str(known(column)[fold_word(word)]) == meaning


def test_a_word_stands_for_one_meaning():
    for column in COLUMNS:
        for meaning, words in terms_of(column.name):
            from bigpicture.preparation.meaning import fold as fold_word

            for word in words:
                assert known(column.name).get(fold_word(word)) == meaning, (column.name, word)
