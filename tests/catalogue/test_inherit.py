from bigpicture.catalogue.inherit import Observed, inherit
from bigpicture.model.inheritance import Qualifier

# Case c has blocks a and b; a gives images 1 and 2, b gives image 3.
ANCESTORS = {
    "1": ("1", "slide-1", "a", "specimen", "c", "being"),
    "2": ("2", "slide-2", "a", "specimen", "c", "being"),
    "3": ("3", "slide-3", "b", "specimen", "c", "being"),
}
SURE, MAYBE = Qualifier.CONFIRMED, Qualifier.CANDIDATE


def reached(*observations):
    return dict(inherit(ANCESTORS, observations))


def test_a_summary_that_reaches_several_images_is_a_candidate_for_each():
    assert reached(Observed("o", "c", "Summary")) == {
        "1": [("o", MAYBE)],
        "2": [("o", MAYBE)],
        "3": [("o", MAYBE)],
    }


def test_a_summary_that_reaches_one_image_is_confirmed():
    assert reached(Observed("o", "b", "Summary")) == {"3": [("o", SURE)]}
    assert reached(Observed("o", "2", "Summary")) == {"2": [("o", SURE)]}


def test_a_distinct_one_is_confirmed_for_all_below():
    assert reached(Observed("o", "a", "Distinct")) == {"1": [("o", SURE)], "2": [("o", SURE)]}


def test_what_was_observed_elsewhere_reaches_nobody():
    assert reached(Observed("o", "another case", "Distinct")) == {}
