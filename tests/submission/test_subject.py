"""Whose slide it is: the same case and specimen are the same in every slide of them."""

from __future__ import annotations

from dataclasses import replace

import by_hand
import invented_submission as invented
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.write import write_document
from bigpicture.submission.subject import subject_of

KEY = bytes(range(32))
PSEUDONYMS = Pseudonyms(KEY)


def study(alias="dataset-1"):
    documents = {
        path: write_document(replace(document, name=path)).replace(
            b'"dataset-1"', f'"{alias}"'.encode()
        )
        for path, document in invented.submission().items()
    }
    return read_submission(documents)


def subject(study, *, image="image-1"):
    (found,) = study.images
    image = replace(found, alias=image)
    return subject_of(study, image, uid=PSEUDONYMS.uid, pseudonym=PSEUDONYMS.name)


def test_every_alias_becomes_a_pseudonym_that_is_worked_out_by_hand():
    found = subject(study())
    assert found.image == by_hand.name(KEY, "image", "dataset-1/image-1")
    case = next(iter(study().cases)).alias
    assert found.case == by_hand.name(KEY, "case", f"dataset-1/{case}")


def test_two_slides_of_a_case_share_its_study_and_its_specimen_and_nothing_else():
    one, other = subject(study()), subject(study(), image="image-2")
    for shared in (f"study/{one.case}", f"specimen/{one.specimen}"):
        assert one.uid(shared) == other.uid(shared)
    assert one.image != other.image
    assert one.uid(f"series/{one.image}") != other.uid(f"series/{other.image}")


def test_equal_aliases_of_two_datasets_do_not_meet():
    one, other = subject(study()), subject(study("dataset-2"))
    assert one.uid("study/x") != other.uid("study/x")
    assert one.patient != other.patient
