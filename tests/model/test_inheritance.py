"""Observations reach images by the rule of the data model: confirmed, or candidate."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.metaflex.submission import read_submission
from bigpicture.model.being import Being
from bigpicture.model.block import Block
from bigpicture.model.case import Case
from bigpicture.model.entity import EntityKind, Reference
from bigpicture.model.identifiers import Alias
from bigpicture.model.image_metadata import Image
from bigpicture.model.inheritance import Qualifier, images_below, inherit, lineage
from bigpicture.model.observation import Observation
from bigpicture.model.observer import Observer
from bigpicture.model.place import Place
from bigpicture.model.slide import Slide
from bigpicture.model.specimen import Specimen
from bigpicture.model.study import Study
from places import shared

HERE = Place("METADATA/sample.xml", 1)
CONFIRMED, CANDIDATE = Qualifier.CONFIRMED, Qualifier.CANDIDATE


def to(kind: EntityKind, alias: str) -> Reference:
    return Reference(kind, alias, None, HERE)


def study(*observations: tuple[EntityKind, str, str]) -> Study:
    """Two beings; the first has two slides from one block, the second one slide of two images.

    being-a: case-a, specimen-a, block-a, slides a1 (image a1) and a2 (image a2)
    being-b: no case, specimen-b, block-b, slide b (images b1, b2)
    """

    def slide(alias: str, block: str) -> Slide:
        return Slide(
            alias=Alias(alias), place=HERE, block=to(EntityKind.BLOCK, block), staining=None
        )

    def image(alias: str, slide: str) -> Image:
        return Image(alias=Alias(alias), place=HERE, slides=(to(EntityKind.SLIDE, slide),))

    return Study(
        beings=tuple(Being(alias=Alias(each), place=HERE) for each in ("being-a", "being-b")),
        cases=(Case(alias=Alias("case-a"), place=HERE, being=to(EntityKind.BEING, "being-a")),),
        specimens=(
            Specimen(
                alias=Alias("specimen-a"),
                place=HERE,
                being=to(EntityKind.BEING, "being-a"),
                case=to(EntityKind.CASE, "case-a"),
            ),
            Specimen(alias=Alias("specimen-b"), place=HERE, being=to(EntityKind.BEING, "being-b")),
        ),
        blocks=tuple(
            Block(
                alias=Alias(f"block-{each}"),
                place=HERE,
                specimens=(to(EntityKind.SPECIMEN, f"specimen-{each}"),),
            )
            for each in "ab"
        ),
        slides=(slide("a1", "block-a"), slide("a2", "block-a"), slide("b", "block-b")),
        images=(image("a1", "a1"), image("a2", "a2"), image("b1", "b"), image("b2", "b")),
        observations=tuple(
            Observation(
                alias=Alias(f"o{number}"),
                place=HERE,
                on=to(kind, alias),
                statement="Diagnosis",
                status=status,
            )
            for number, (kind, alias, status) in enumerate(observations)
        ),
    )


@pytest.mark.parametrize(
    ("kind", "alias", "status", "expected"),
    [  # by hand from the rule in the data model
        (EntityKind.IMAGE, "b1", "Summary", {"b1": CONFIRMED}),
        (EntityKind.IMAGE, "b1", "Distinct", {"b1": CONFIRMED}),
        (EntityKind.SLIDE, "a1", "Summary", {"a1": CONFIRMED}),
        (EntityKind.SLIDE, "b", "Summary", {"b1": CANDIDATE, "b2": CANDIDATE}),
        (EntityKind.SLIDE, "b", "Distinct", {"b1": CONFIRMED, "b2": CONFIRMED}),
        (EntityKind.BLOCK, "block-a", "Summary", {"a1": CANDIDATE, "a2": CANDIDATE}),
        (EntityKind.SPECIMEN, "specimen-a", "Distinct", {"a1": CONFIRMED, "a2": CONFIRMED}),
        (EntityKind.CASE, "case-a", "Summary", {"a1": CANDIDATE, "a2": CANDIDATE}),
        (EntityKind.BEING, "being-b", "Summary", {"b1": CANDIDATE, "b2": CANDIDATE}),
        (EntityKind.BEING, "nobody", "Distinct", {}),
    ],
)
def test_the_rule_by_hand(kind, alias, status, expected):
    received = inherit(study((kind, alias, status)))
    assert {image: each[0].qualifier for image, each in received.items() if each} == expected


def test_the_peers_example_reaches_what_its_comments_say():
    """The comments of the search index's clinical example name what each observation reaches."""
    folder = shared("reference/metaflex/examples/sd-search-api/2.0/dataset_clinical/METADATA")
    documents = {f"METADATA/{path.name}": path.read_bytes() for path in folder.glob("*.xml")}
    image = b'<IMAGE alias="%d"><IMAGE_OF alias="%d"/><IMAGE_TYPE><WSI_IMAGE/></IMAGE_TYPE></IMAGE>'
    images = image % (1, 1) + image % (2, 2)
    documents["METADATA/image.xml"] = b"<IMAGE_SET>" + images + b"</IMAGE_SET>"
    below = images_below(read_submission(documents))
    for kind in (EntityKind.CASE, EntityKind.BEING, EntityKind.SPECIMEN, EntityKind.BLOCK):
        assert below[kind, "1"] == ("1", "2")
    assert below[EntityKind.SLIDE, "1"] == ("1",)


KINDS = {
    EntityKind.BEING: ["being-a", "being-b"],
    EntityKind.CASE: ["case-a"],
    EntityKind.SPECIMEN: ["specimen-a", "specimen-b"],
    EntityKind.BLOCK: ["block-a", "block-b"],
    EntityKind.SLIDE: ["a1", "a2", "b"],
    EntityKind.IMAGE: ["a1", "a2", "b1", "b2"],
}
STATEMENTS = st.lists(
    st.sampled_from(sorted(KINDS)).flatmap(
        lambda kind: st.tuples(
            st.just(kind), st.sampled_from(KINDS[kind]), st.sampled_from(["Summary", "Distinct"])
        )
    ),
    max_size=8,
)


@given(STATEMENTS)
def test_every_image_below_receives_each_observation_once(statements):
    made = study(*statements)
    received = inherit(made)
    below = images_below(made)
    assert set(received) == {image.alias for image in made.images}
    for observation in made.observations:
        reached = [
            image
            for image, each in received.items()
            if observation in [inherited.observation for inherited in each]
        ]
        assert tuple(reached) == below[observation.on.key]
    for each in received.values():
        assert len({inherited.observation.alias for inherited in each}) == len(each)


@given(STATEMENTS)
def test_a_candidate_is_a_summary_over_several_images(statements):
    made = study(*statements)
    below = images_below(made)
    for each in inherit(made).values():
        for inherited in each:
            several = len(below[inherited.observation.on.key]) > 1
            is_summary = inherited.observation.status == "Summary"
            assert (inherited.qualifier == CANDIDATE) == (several and is_summary)


@given(STATEMENTS)
def test_distinct_never_makes_less_sure(statements):
    summary = inherit(study(*((kind, alias, "Summary") for kind, alias, _ in statements)))
    distinct = inherit(study(*((kind, alias, "Distinct") for kind, alias, _ in statements)))
    for image, each in summary.items():
        assert len(each) == len(distinct[image])
        assert all(inherited.qualifier == CONFIRMED for inherited in distinct[image])


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ((), CONFIRMED),
        (("Human",), CONFIRMED),
        (("Machine",), CANDIDATE),
        (("Machine", "Machine"), CANDIDATE),
        (("Machine", "Human"), CONFIRMED),
    ],
)
def test_what_machines_alone_stated_nobody_confirmed(types, expected):
    made = study((EntityKind.IMAGE, "b1", "Distinct"))
    observers = tuple(
        Observer(alias=Alias(f"observer {number}"), place=HERE, type=kind)
        for number, kind in enumerate(types)
    )
    named = tuple(to(EntityKind.OBSERVER, each.alias) for each in observers)
    stated = tuple(replace(each, observers=named) for each in made.observations)
    [found] = inherit(replace(made, observers=observers, observations=stated))["b1"]
    assert found.qualifier is expected


def test_an_image_descends_from_all_that_stands_above():
    made = study()
    above = lineage(made, made.images[0])
    assert {f"{kind} {alias}" for kind, alias in above} == {
        "image a1",
        "slide a1",
        "block block-a",
        "specimen specimen-a",
        "case case-a",
        "being being-a",
    }
