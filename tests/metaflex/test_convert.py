"""2.0 becomes 3.0 with everything it says, or names what 3.0 cannot carry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from bigpicture.metaflex import build
from bigpicture.metaflex.compose import documents_of
from bigpicture.metaflex.convert import convert
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.tree import Comment
from bigpicture.metaflex.write import write_document
from bigpicture.model.data_file import DataFile
from bigpicture.model.entity import EntityKind, Reference
from bigpicture.model.errors import MetadataError
from bigpicture.model.finding import Severity
from bigpicture.model.study import Study
from invented_everything import everything
from invented_submission import submission
from placeless import NOWHERE, placeless
from places import shared
from studies import study
from xsds import problems

LIVER = "Liver node"


def written(documents=None):
    return {name: write_document(each) for name, each in (documents or submission()).items()}


@pytest.mark.parametrize("is_clinical", [True, False])
def test_what_needs_nothing_is_carried_whole(is_clinical):
    documents = written(everything(is_clinical=is_clinical))
    done = convert(documents, node=LIVER)
    assert done.lost == ()
    assert problems("3.0", done.documents) == []
    before, after = read_submission(documents), read_submission(done.documents)
    assert after.findings == ()
    assert after.dataset.metadata_standard == "3.0.0"
    assert after.dataset.node == LIVER
    assert after.resolve(after.dataset.landing_page) is after.landing_page
    # 2.0 gave one digest, of the file as it is: 3.0 calls it the unencrypted one
    assert [f.sha256 for _, f in after.files] == [f.sha256 for _, f in before.files]


def test_the_landing_page_tells_the_new_version_where_it_told_the_old():
    done = convert(written(everything(is_clinical=True)), node=LIVER)
    assert b"<VALUE>2.0.0</VALUE>" not in done.documents["LANDING_PAGE/landing_page.xml"]
    [page] = read_submission(done.documents).landing_pages
    assert page.attributes["metadata_standard_version"] == "3.0.0"


def test_comments_order_and_what_is_no_metaflex_stay():
    documents = submission()
    sample = documents["METADATA/sample.xml"]
    noted = replace(
        sample, root=replace(sample.root, children=(Comment(" ours "), *sample.root.children))
    )
    datacite = b'<resource xmlns="http://datacite.org/schema/kernel-4"><x/></resource>\n'
    given_ = {**written({**documents, "METADATA/sample.xml": noted})}
    given_["PRIVATE/datacite.xml"] = datacite
    done = convert(given_, node="Other").documents
    assert done["METADATA/sample.xml"] == given_["METADATA/sample.xml"]
    assert done["PRIVATE/datacite.xml"] == datacite


def example() -> dict[str, bytes]:
    folder = shared("testdata/metadata/bp_xml")
    return {path.name: path.read_bytes() for path in folder.glob("*.xml")}


def test_the_peers_example_is_refused_and_each_loss_named():
    """Its one observation is of an annotation (line 2), by the one observer there is (line 2)."""
    done = convert(example(), node=LIVER)
    assert done.documents == {}
    assert [(each.rule, str(each.place), each.entity) for each in done.lost] == [
        ("15.1.3", "observation.xml:2", "observation 1"),
        ("constraint 7", "observer.xml:2", "observer 1"),
    ]
    assert all(each.is_error and "--drop" in each.remedy for each in done.lost)


def test_what_is_dropped_is_listed_and_nothing_refers_to_it():
    done = convert(example(), node=LIVER, drop=True)
    assert [each.severity for each in done.lost] == [Severity.WARNING] * 2
    assert set(example()) - set(done.documents) == {"observation.xml", "observer.xml"}
    after = read_submission(done.documents)
    assert (after.observations, after.observers, after.dataset.observations) == ((), (), ())
    assert [each.remark for each in after.images] == ["test", "test2"]


def test_an_image_of_two_slides_keeps_the_first():
    documents = submission()
    image = documents["METADATA/image.xml"]
    [one] = image.root.elements
    two = replace(
        one, children=(*one.children[:1], build.reference("IMAGE_OF", "slide-2"), *one.children[1:])
    )
    documents["METADATA/image.xml"] = replace(image, root=replace(image.root, children=(two,)))
    [loss] = convert(written(documents), node=LIVER).lost
    assert (loss.rule, loss.entity) == ("6.1.2", "image image-1")
    assert "slide-1, slide-2" in loss.what
    done = convert(written(documents), node=LIVER, drop=True)
    assert [each.alias for each in read_submission(done.documents).images[0].slides] == ["slide-1"]


def test_an_encrypted_file_without_the_readable_digest_cannot_be_dropped():
    documents = submission()
    data = write_document(documents["METADATA/image.xml"])
    data = data.replace(b'.dcm"', b'.dcm.c4gh"', 1)
    start = data.index(b" unencrypted_checksum")
    data = data[:start] + data[start + len(b' unencrypted_checksum="') + 65 :]
    for drop in (False, True):
        done = convert({**written(documents), "METADATA/image.xml": data}, node=LIVER, drop=drop)
        assert done.documents == {}
        assert [each.is_error for each in done.lost] == [True]
        assert "unencrypted_checksum" in done.lost[0].expected


@pytest.mark.parametrize("node", ["", "liver node", "Brain node"])
def test_the_node_is_one_of_the_list(node):
    with pytest.raises(MetadataError, match="Cancer node; Clinical trial node; Liver node"):
        convert(written(), node=node)


@pytest.mark.parametrize("to", ["2.0", "4.0", "3", ""])
def test_other_versions_are_refused(to):
    with pytest.raises(MetadataError, match="no conversion"):
        convert(written(), node=LIVER, to=to)


def test_3_0_is_not_converted_again():
    done = convert(written(), node=LIVER)
    with pytest.raises(MetadataError, match="already"):
        convert(done.documents, node=LIVER)


def test_unsound_2_0_is_refused_with_its_place():
    documents = written()
    documents["METADATA/sample.xml"] = documents["METADATA/sample.xml"].replace(
        b"EXTRACTED_FROM_REF", b"EXTRACTED_FROM"
    )
    with pytest.raises(MetadataError, match=r"METADATA/sample.xml:\d+: .*bigpicture validate"):
        convert(documents, node=LIVER)


def named(entities: Iterable) -> SimpleNamespace:
    entities = tuple(entities)
    return SimpleNamespace(
        aliases={each.alias for each in entities},
        accessions={each.accession for each in entities if each.accession},
    )


def means(reference: Reference, some: SimpleNamespace) -> bool:
    return (reference.alias or reference.accession) in (
        some.aliases if reference.alias else some.accessions
    )


def in_3_0(whole: Study) -> Study:
    """What 3.0 can say of a study, worked out on the nouns."""
    of_annotation = [o for o in whole.observations if o.on.kind is EntityKind.ANNOTATION]
    kept = tuple(o for o in whole.observations if o not in of_annotation)
    gone_names, kept_names = named(of_annotation), named(kept)
    observers = tuple(
        each
        for each in whole.observers
        if any(means(r, named([each])) for o in kept for r in o.observers)
        or not any(means(r, named([each])) for o in of_annotation for r in o.observers)
    )
    pages = whole.landing_pages
    header = replace(
        whole.datasets[0],
        metadata_standard="3.0.0",
        node=LIVER,
        observations=tuple(
            r
            for r in whole.datasets[0].observations
            if not means(r, gone_names) or means(r, kept_names)
        ),
        landing_page=Reference(EntityKind.LANDING_PAGE, pages[0].alias, pages[0].accession, NOWHERE)
        if len(pages) == 1
        else None,
    )
    return replace(
        whole,
        datasets=(header,),
        observations=kept,
        observers=observers,
        images=tuple(replace(each, slides=each.slides[:1]) for each in whole.images),
    )


def readable(value):
    """With the digest of 2.0, that of the file as it is, where 3.0 has it."""
    if isinstance(value, DataFile):
        return replace(value, checksum=value.encrypted_sha256, unencrypted_checksum=value.sha256)
    if isinstance(value, tuple):
        return tuple(readable(each) for each in value)
    if isinstance(value, Study):
        return replace(
            value,
            **{
                kind: tuple(
                    replace(
                        each,
                        **{
                            name: readable(getattr(each, name))
                            for name in ("files", "thumbnails")
                            if hasattr(each, name)
                        },
                    )
                    for each in getattr(value, kind)
                )
                for kind in ("images", "annotations", "landing_pages")
            },
        )
    return value


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_study_is_carried_or_what_is_lost_is_named(data):
    whole = data.draw(study(version="2.0"))
    documents = documents_of(whole)
    careful, done = (convert(documents, node=LIVER, drop=drop) for drop in (False, True))
    expected = readable(in_3_0(whole))
    gone = [
        *(o for o in whole.observations if o.on.kind is EntityKind.ANNOTATION),
        *(o for o in whole.observers if o not in expected.observers),
        *(i for i in whole.images if len(i.slides) > 1),
    ]
    sealed = [
        owner
        for owner, file in whole.files
        if file.filename.endswith(".c4gh") and not file.unencrypted_checksum
    ]
    event(f"lost {bool(gone)}, sealed {bool(sealed)}")
    assert sorted(each.entity for each in done.lost) == sorted(str(e) for e in [*gone, *sealed])
    assert (careful.documents == {}) == bool(gone or sealed)
    assert (done.documents == {}) == bool(sealed)
    if not sealed:
        assert problems("3.0", done.documents) == []
        assert placeless(readable(read_submission(done.documents))) == placeless(expected)
