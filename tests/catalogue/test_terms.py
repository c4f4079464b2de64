from bigpicture.catalogue.terms import Term, labels, read_diagnoses, read_terms
from bigpicture.model.inheritance import Qualifier

LIVER = {"code": "10200004", "scheme": "SNOMED CT", "meaning": "Liver"}


def test_a_code_column_may_hold_one_code_several_or_none():
    term = Term("SNOMED CT:10200004", "Liver")
    assert read_terms(LIVER) == (term,)
    assert read_terms([LIVER, LIVER]) == (term, term)
    assert read_terms(None) == ()


def test_what_modifies_a_send_finding_is_no_finding():
    codes = [
        {"tag": "MISTRESC", "code": "C3001", "scheme": "SEND", "meaning": "NECROSIS"},
        {"tag": "MISEV", "code": "C147501", "scheme": "SEND", "meaning": "MILD"},
    ]
    found = read_diagnoses("Finding", codes, Qualifier.CONFIRMED)
    assert [each.meaning for each in found] == ["NECROSIS"]
    assert read_diagnoses("Microscopic Description", codes, Qualifier.CONFIRMED) == ()


def test_labels_are_distinct_and_sorted_for_people():
    assert labels([Term("1", "lung"), Term("2", "Liver"), Term("3", "lung")]) == ["Liver", "lung"]
