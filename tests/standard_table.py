"""docs/standard.md: every rule, what it asks for, and the test that breaks it.

`python tests/standard_table.py` writes it anew; a test compares it.
"""

from __future__ import annotations

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = REPOSITORY / "docs/standard.md"

ROWS = "standard/test_every_row.py"
COMPANIONS = "standard/companions/test_check.py"
TESTS = {
    "constraint 1": "standard/test_check.py::test_constraint_1_each_of_the_minimum_set_is_missed",
    "constraint 5": "standard/test_check.py::test_constraint_5_is_repaired_and_the_repair_holds",
    "constraint 7": "standard/test_check.py::test_constraint_7_an_observer_nobody_names",
    "MetaFleX": f"{ROWS}::test_an_element_that_breaks_its_row_is_named",
    "XML": "standard/test_check.py::test_a_document_that_does_not_parse_is_one_error_not_many",
    "BP-access-tier": "standard/test_check.py::"
    "test_an_access_tier_that_is_none_is_an_error_never_open",
    "BP-policy": "standard/test_check.py::test_a_policy_that_contradicts_itself_is_an_error",
    "BP-data-use": "standard/test_check.py::test_codes_of_data_use_are_known_and_whole",
    "BP-alias": "standard/test_check.py::test_an_alias_twice_is_an_error_and_names_the_first",
    "BP-reference": "standard/test_check.py::test_a_reference_that_leads_nowhere_names_its_line",
    "BP-same-being": "standard/test_check.py::test_a_case_of_another_being",
    "BP-scheme": "standard/test_check.py::test_a_scheme_in_another_spelling_is_read_as_the_usual",
    "BP-mapping": "preparation/test_mapping.py::test_a_line_that_says_nothing_clear_is_named",
    "BP-table": "preparation/test_understand.py::"
    "test_rows_that_contradict_each_other_are_named_by_both_cells",
    "BP-tag": "standard/test_check.py::test_a_misspelled_tag_is_named_with_the_one_that_was_meant",
    "BP-unit": "standard/test_check.py::test_a_unit_in_another_spelling_is_read_as_the_usual",
    "BP-companion-alias": f"{COMPANIONS}::test_a_wrong_cell_is_named_with_its_row_and_column",
    "BP-companion-category": f"{COMPANIONS}::test_a_wrong_cell_is_named_with_its_row_and_column",
    "BP-companion-column": f"{COMPANIONS}::test_columns_are_those_of_the_dictionary",
    "BP-companion-date": f"{COMPANIONS}::test_a_wrong_cell_is_named_with_its_row_and_column",
    "BP-companion-dictionary": f"{COMPANIONS}::test_a_wrong_dictionary_is_named_with_its_line",
    "BP-companion-encoding": f"{COMPANIONS}::test_a_file_that_is_no_table",
    "BP-companion-file": f"{COMPANIONS}::test_files_that_make_no_table",
    "BP-companion-form": f"{COMPANIONS}::test_a_file_that_is_no_table",
    "BP-companion-key": f"{COMPANIONS}::test_a_wrong_cell_is_named_with_its_row_and_column",
    "BP-companion-missing": f"{COMPANIONS}::test_a_wrong_cell_is_named_with_its_row_and_column",
    "BP-companion-range": f"{COMPANIONS}::test_a_wrong_cell_is_named_with_its_row_and_column",
    "BP-companion-rare": f"{COMPANIONS}::test_beings_that_stand_out_are_counted_and_not_named",
    "BP-companion-text": f"{COMPANIONS}::test_free_text_is_warned_of",
    "BP-companion-type": f"{COMPANIONS}::test_a_wrong_cell_is_named_with_its_row_and_column",
    "BP-companion-unit": f"{COMPANIONS}::test_a_unit_that_nobody_knows_is_a_warning",
    "BP-checksum": "standard/test_files.py::test_another_checksum",
    "BP-file-empty": "standard/test_files.py::test_an_empty_file",
    "BP-file-ignored": "standard/test_files.py::test_a_file_nobody_lists",
    "BP-file-missing": "standard/test_files.py::test_a_missing_file",
    "BP-file-once": "standard/test_files.py::test_one_file_in_two_objects",
    "BP-file-unlisted": "standard/test_files.py::test_a_file_nobody_lists",
    "BP-header": "submission/test_folder_slides.py::test_a_file_that_is_no_slide_is_named",
    "BP-duplicate": "standard/test_header.py::test_duplicates_name_the_first_image",
    "BP-name": "standard/people/test_judge.py::test_a_name_of_a_record_is_an_error",
    "BP-birth-date": "standard/people/test_judge.py::test_a_date_of_birth_is_an_error_anywhere",
    "BP-age": "standard/people/test_judge.py::test_a_great_age_to_the_year_is_told",
    "BP-national-number": "standard/people/test_judge.py::"
    "test_a_national_number_is_an_error_where_a_word_says_so",
    "BP-contact": "standard/people/test_judge.py::test_a_persons_address_is_told",
    "BP-k-anonymity": "standard/test_anonymity.py::test_beings_in_small_classes_are_counted_once",
    "5.4.17": "metaflex/test_datacite.py::test_what_the_schema_refuses_is_named",
    "BP-path": "standard/test_paths.py::test_unsafe",
    "BP-path-case": "standard/test_files.py::test_names_that_differ_in_case_only",
}
_HEAD = """# The standard, rule by rule

Every row of MSMdad 2.0.0, the constraints of the standard, its exchange format, and our own rules,
as `bigpicture validate` checks them; `bigpicture standard 6.2.9` shows some in a terminal. Rows
bind all datasets unless a context is named. Each row is kept and broken by a test that takes it
from a transcription of the standard: `pytest tests/standard/test_every_row.py -k NUMBER`.

Attributes of an image are also compared with the headers of its slide, and filled from them, see
[decision 0097](decisions/0097-what-the-slide-says-itself.md). What looks as if it told who somebody
is: [identifiers in metadata](identifiers-in-metadata.md). Whether a code lies under the concept
that a row names cannot be known without a terminology server: see
[decision 0093](decisions/0093-the-standard-as-data.md).

| rule | where | what it asks for | binds | found as |
|---|---|---|---|---|
"""
_OTHERS = """
## Rules that are no row

| rule | what it asks for | test |
|---|---|---|
"""

_EXAMPLES = """
## What others published

Example submissions of other programs of Bigpicture, and how many findings the standard has for
each, worked out by hand in `tests/examples.py`: `tests/standard/test_examples.py` holds us to every
one of them. They were made to test those programs, so that most of what is mandatory is missing.

| example | MetaFleX | errors | warnings | repaired | what it is |
|---|---|---|---|---|---|
"""


def draw() -> str:
    from bigpicture.standard.explain import CROSS_CHECKS, explained
    from examples import ERROR, EXAMPLES, REPAIRED, WARNING

    rows = [each for each in explained() if each.number not in CROSS_CHECKS]
    lines = [
        f"| {each.number} | {_cell(each.where)} | {_cell(each.asks)} | {each.binds} | "
        f"{'' if each.found_as == each.number else each.found_as} |\n"
        for each in rows
    ]
    others = [
        f"| {name} | {_cell(asks)} | `tests/{TESTS[name]}` |\n"
        for name, asks in CROSS_CHECKS.items()
    ]
    examples = [
        f"| {each.name} | {each.line} | {each.number(ERROR)} | {each.number(WARNING)} | "
        f"{each.number(REPAIRED)} | {_cell(each.why)} |\n"
        for each in EXAMPLES
    ]
    return _HEAD + "".join(lines) + _OTHERS + "".join(others) + _EXAMPLES + "".join(examples)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")


if __name__ == "__main__":
    sys.stdout.write(
        f"{PAGE.relative_to(REPOSITORY)}: {PAGE.write_text(draw(), encoding='utf-8')}\n"
    )
