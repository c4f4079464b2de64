"""Our tree of organs: every code that our vocabularies know stands in it."""

from __future__ import annotations

from bigpicture.catalogue.hierarchy import load_hierarchy
from bigpicture.catalogue.terminologies.organs import SCHEME, organs
from bigpicture.model.code import Code
from bigpicture.phantom import terms
from bigpicture.preparation.words import known
from bigpicture.standard.sctid import is_concept


def test_codes_are_those_of_their_schemes() -> None:
    for organ in organs():
        for key in organ.codes:
            scheme, _, code = key.partition(":")
            assert scheme in ("SNOMED CT", "SEND")
            assert scheme != "SNOMED CT" or is_concept(code), key


def test_no_code_and_no_name_stands_twice() -> None:
    codes = [key for organ in organs() for key in organ.codes]
    names = [n.casefold() for organ in organs() for n in {organ.label, *organ.names}]

    assert len(codes) == len(set(codes))
    assert len(names) == len(set(names))


def test_organs_that_invented_studies_name_stand_under_systems() -> None:
    tree = load_hierarchy(None)

    for code in (terms.COLON, terms.BREAST, terms.LIVER, terms.KIDNEY):
        above = tree.ancestors(f"{code.scheme}:{code.code}")
        assert above, code
        assert not tree.parents[above[-1]], "the last is a system"


def test_every_site_that_our_words_know_stands_in_the_tree() -> None:
    tree = load_hierarchy(None)

    sites = {(m.scheme, m.code) for m in known("anatomical_site").values() if isinstance(m, Code)}

    assert len(sites) > 40
    assert not [site for site in sites if not tree.ancestors(":".join(site))]


def test_animals_and_people_meet_in_an_organ() -> None:
    tree = load_hierarchy(None)

    found = tree.descendants(f"{SCHEME}:liver")

    assert {"SNOMED CT:10200004", "SEND:LIVER", "SEND:C12392"} <= found
    assert found < tree.descendants(f"{SCHEME}:digestive")
