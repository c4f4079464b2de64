"""What an algorithm states stands in MetaFleX, and the standard's rules find nothing wrong."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from bigpicture.analysis.observations import observation_of, observer_of
from bigpicture.analysis.values import Facet, Mask, Measurement, Measurements
from bigpicture.metaflex.compose import documents_of
from bigpicture.metaflex.submission import read_submission
from bigpicture.model.algorithm import Algorithm, Output, OutputKind
from bigpicture.model.entity import EntityKind, Reference
from bigpicture.model.place import Place
from bigpicture.standard.check import check
from invented_submission import FILES, submission

ALGORITHM = Algorithm(
    id="org.example.quality",
    version="1.2.0",
    title="Quality",
    licence="Apache-2.0",
    entry="m:f",
    outputs=(Output("tissue", OutputKind.FACET),),
)
VALUES = {
    "tissue_mm2": Facet(12.345678901234567, "mm2"),
    "stain": Facet("H&E"),
    "focus_p10": Facet(None, "um"),
    "pen_share": Facet(0.0),
    "nuclei": Measurements(
        (Measurement("density", 1234.5, "/mm2"), Measurement("count", 17.0, "1"))
    ),
    "mask": Mask(np.zeros((1, 1), np.uint8), 0, 0, 1, ("tissue",)),
}


def stated():
    made = observation_of(VALUES, algorithm=ALGORITHM, image="image-1", key="k" * 64)
    assert made is not None
    return made


def test_the_standards_rules_find_nothing_wrong():
    """In a whole submission, written as XML and read again."""
    study = read_submission(submission())
    made = stated()
    header = study.dataset
    listed = Reference(EntityKind.OBSERVATION, made.alias, None, Place("METADATA/dataset.xml"))
    study = replace(
        study,
        datasets=(replace(header, observations=(*header.observations, listed)),),
        observations=(*study.observations, made),
        observers=(*study.observers, observer_of(ALGORITHM)),
    )
    assert check(study, FILES) == []
    again = read_submission(documents_of(study))
    assert check(again, FILES) == []
    (found,) = (each for each in again.observations if each.alias == made.alias)
    assert found.custom == made.custom
    assert [each.key for each in found.observers] == [each.key for each in made.observers]
    assert again.resolve(found.observers[0]).type == "Machine"
    assert again.resolve(found.on).alias == "image-1"


def test_numbers_words_and_what_was_not_evaluated():
    told = {each.tag: (each.type, each.value, each.units) for each in stated().custom}
    assert told["tissue_mm2"][1].value == Decimal("12.345678901234567")
    assert told["tissue_mm2"][1].units == "mm2"
    assert told["stain"] == ("string", "H&E", "")
    assert told["focus_p10"] == ("measurement", None, "um")
    assert told["pen_share"] == ("numeric", Decimal(0), "")
    assert told["nuclei.density"][1].units == "/mm2"
    assert told["nuclei.count"] == ("numeric", Decimal(17), "")
    assert "mask" not in told


def test_the_observer_is_the_algorithm_in_its_version():
    one, other = observer_of(ALGORITHM), observer_of(replace(ALGORITHM, version="1.3.0"))
    assert one.alias == "org.example.quality 1.2.0" != other.alias
    told = {each.tag: each.value for each in one.stated}
    assert told["digest_sha256"] == ALGORITHM.digest
    assert "research use only" in told["intended_use"].lower()
    assert stated().status == "Distinct"  # of this image alone


def test_images_of_the_same_pixels_are_told_apart():
    made = [
        observation_of(VALUES, algorithm=ALGORITHM, image=image, key="k" * 64)
        for image in ("image-1", "x" * 200)
    ]
    assert made[0].alias != made[1].alias


@pytest.mark.parametrize("values", [{}, {"mask": VALUES["mask"]}])
def test_where_nothing_is_stated_there_is_no_observation(values):
    assert observation_of(values, algorithm=ALGORITHM, image="image-1", key="k" * 64) is None
