from __future__ import annotations

import pytest

from bigpicture.dicom.markup import read_markup, read_root


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<scn/>", "scn"),
        ("\ufeff <?xml version='1.0'?>\n<!-- a > b --><scn xmlns='x'>", "scn"),
        ("<s:scn xmlns:s='x'>", "scn"),
        ("<!DOCTYPE scn><scn>", "scn"),
        ("<!DOCTYPE scn [<!ENTITY a 'b'><!ENTITY c 'd'>] ><scn>", "scn"),
        ("<?a?><?b?>" * 2000 + "<scn>", "scn"),
        ("seen by <scn>", ""),
        ("<!-- <scn>", ""),
        ("<!DOCTYPE scn [", ""),
        ("<?xml <scn>", ""),
        ("<", ""),
        ("", ""),
    ],
)
def test_the_root_is_found_behind_whatever_may_stand_before_it(text, name):
    assert read_root(text)[0] == name


def test_the_attributes_of_a_root_are_handed_over():
    assert (
        read_root("<?xml?><scn xmlns='leica' uuid='1'><a b='c'/>")[1] == " xmlns='leica' uuid='1'"
    )


def test_elements_know_their_depth():
    found = read_markup("<a><b><c/></b><d>text</d></a>", place="here")
    assert [(each.name, each.depth) for each in found] == [("a", 0), ("b", 1), ("c", 2), ("d", 1)]


def test_a_long_text_is_one_text():
    text = "abcdefgh" * (1 << 19)
    (found,) = read_markup(f"<a>{text}</a>", place="here")
    assert found.text == text
