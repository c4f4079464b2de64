"""dicomweb-client, which the makers of DICOMweb for pathology wrote, searches and retrieves."""

from __future__ import annotations

import json
from io import BytesIO

import numpy as np
import pydicom
import pytest
import requests
from dicomweb_client.api import DICOMwebClient
from pydicom.encaps import generate_frames

from bigpicture.api.application import build
from bigpicture.api.node import Node
from published import (
    CONTROLLED,
    OPEN,
    add_person,
    grant,
    made_uid,
    make_level,
    make_stores,
    named_series,
    publish_two,
    served,
)

HE = named_series(OPEN, 0)
SHUT = named_series(CONTROLLED, 0)


@pytest.fixture(scope="module")
def dicomweb(tmp_path_factory):
    """The door's address, the token of who may see the controlled dataset, frames by level."""
    stores = make_stores(tmp_path_factory.mktemp("dicomweb") / "data")
    frames = publish_two(stores)
    ada, token = add_person(stores, "ada")
    grant(stores, ada)
    with served(build(Node.open(stores, start_work=lambda _: None))) as place:
        yield f"http://{place}/dicomweb", token, frames, add_person(stores, "bo", "contributor")[1]
    stores.records.close()


@pytest.fixture
def anyone(dicomweb):
    return DICOMwebClient(dicomweb[0])


@pytest.fixture
def granted(dicomweb):
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {dicomweb[1]}"
    return DICOMwebClient(dicomweb[0], session=session)


def even(frames):
    """Frames as the file holds them, each of an even length (PS3.5 A.4)."""
    return [bytes(frame) + b"\0" * (len(frame) % 2) for frame in frames]


def uids(found, tag="0020000D"):
    return [each[tag]["Value"][0] for each in found]


def names(client, of=HE):
    """Study, series and the instances of an image, the finest first."""
    study, series = of["StudyInstanceUID"], of["SeriesInstanceUID"]
    found = client.search_for_instances(study, series)
    found.sort(key=lambda each: -each["00480006"]["Value"][0])
    return study, series, uids(found, "00080018")


def test_studies_are_those_that_may_be_opened(anyone, granted):
    open_to_all = {named_series(OPEN, number)["StudyInstanceUID"] for number in range(3)}
    assert set(uids(anyone.search_for_studies())) == open_to_all
    assert set(uids(granted.search_for_studies())) == open_to_all | {SHUT["StudyInstanceUID"]}
    study = pydicom.Dataset.from_json(
        anyone.search_for_studies(search_filters={"PatientID": HE["PatientID"]})[0]
    )
    assert study.StudyInstanceUID == HE["StudyInstanceUID"]
    assert study.NumberOfStudyRelatedSeries == 2
    assert study.NumberOfStudyRelatedInstances == 4
    assert study.ModalitiesInStudy == "SM"
    assert study.PatientName == HE["PatientID"]


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"PatientID": "PATIENT-OPENZZ?"}, 2),
        ({"PatientID": "PATIENT-*"}, 2),
        ({"PatientName": "patient-openzz0"}, 1),
        ({"00100020": "nobody"}, 0),
        ({"StudyDate": "20200301"}, 1),
        ({"StudyDate": "20200302-"}, 1),
        ({"StudyDate": "-20200302"}, 2),
        ({"StudyDate": "20200303-20200401"}, 0),
        ({"ModalitiesInStudy": "SM"}, 2),
        ({"ModalitiesInStudy": "CT"}, 0),
        ({"PatientSex": ""}, 2),
        ({"StudyInstanceUID": f"{HE['StudyInstanceUID']},1.2.3"}, 1),
    ],
)
def test_matching(anyone, wanted, count):
    assert len(anyone.search_for_studies(search_filters=wanted)) == count


def test_series_and_instances(anyone):
    study = HE["StudyInstanceUID"]
    series = anyone.search_for_series(study)
    assert {one["00080060"]["Value"][0] for one in series} == {"SM"}
    assert [one["00201209"]["Value"][0] for one in series] == [2, 2]
    assert len(anyone.search_for_instances()) == 6
    assert len(anyone.search_for_instances(study)) == 4
    native = anyone.search_for_instances(
        study, search_filters={"AvailableTransferSyntaxUID": "1.2.840.10008.1.2.1"}
    )
    assert [one["00480006"]["Value"][0] for one in native] == [100, 100]
    pages = [anyone.search_for_instances(limit=4, offset=start) for start in (0, 4)]
    assert [len(page) for page in pages] == [4, 2]
    assert len(set(uids(pages[0] + pages[1], "00080018"))) == 6


def test_metadata_are_the_header(anyone, granted, dicomweb):
    study, series, (finest, coarse) = names(anyone)
    told = [
        pydicom.Dataset.from_json(each, bulk_data_uri_handler=lambda *_: b"")
        for each in anyone.retrieve_series_metadata(study, series)
    ]
    assert [each.SOPInstanceUID for each in told] == [finest, coarse]
    stored = anyone.retrieve_instance(study, series, finest)
    del stored.PixelData, stored.ExtendedOffsetTable, stored.ExtendedOffsetTableLengths
    del told[0].PixelData
    assert told[0] == stored
    assert len(anyone.retrieve_study_metadata(study)) == 4
    shut = granted.retrieve_study_metadata(SHUT["StudyInstanceUID"])
    assert len(shut) == 4
    with pytest.raises(requests.HTTPError, match="401"):
        anyone.retrieve_study_metadata(SHUT["StudyInstanceUID"])
    with pytest.raises(requests.HTTPError, match="404"):
        anyone.retrieve_study_metadata(made_uid())


@pytest.mark.parametrize(
    "media_types",
    [
        None,
        ("image/jpeg",),
        ("image/*",),
        (("image/jpeg", "1.2.840.10008.1.2.4.50"),),
        (("application/octet-stream", "1.2.840.10008.1.2.1"), ("image/jpeg",)),
    ],
)
def test_frames_as_they_are_stored(granted, dicomweb, media_types):
    study, series, (finest, _) = names(granted, SHUT)
    stored = dicomweb[2][f"bb-image-cntrzz-{'a' * 6}", 0]
    got = granted.retrieve_instance_frames(study, series, finest, [1, 12, 3], media_types)
    assert even(got) == even([stored[0], stored[11], stored[2]])


def test_frames_decoded(anyone, dicomweb):
    import simplejpeg

    study, series, (finest, coarse) = names(anyone)
    frames = dicomweb[2]
    octets = (("application/octet-stream", "1.2.840.10008.1.2.1"),)
    (got,) = anyone.retrieve_instance_frames(study, series, finest, [2], octets)
    wanted = simplejpeg.decode_jpeg(frames[f"bb-image-openzz-{'a' * 6}", 0][1])
    assert np.array_equal(np.frombuffer(got, np.uint8).reshape(64, 64, 3), wanted)
    (got,) = anyone.retrieve_instance_frames(study, series, coarse, [1], octets)
    assert got == frames[f"bb-image-openzz-{'a' * 6}", 1][0]
    with pytest.raises(requests.HTTPError, match="406"):
        anyone.retrieve_instance_frames(
            study, series, finest, [1], (("image/jp2", "1.2.840.10008.1.2.4.90"),)
        )
    with pytest.raises(requests.HTTPError, match="404"):
        anyone.retrieve_instance_frames(study, series, finest, [13])


def test_whole_instances_are_the_files_that_were_published(anyone, granted, dicomweb):
    study, series, instances = names(granted, SHUT)
    frames = dicomweb[2]
    for level, instance in enumerate(granted.retrieve_series(study, series)):
        assert instance.SOPInstanceUID == instances[level]
        stored = frames[f"bb-image-cntrzz-{'a' * 6}", level]
        if instance.file_meta.TransferSyntaxUID.is_encapsulated:
            got = list(generate_frames(instance.PixelData, number_of_frames=len(stored)))
            assert even(got) == even(stored)
        else:
            assert instance.PixelData == b"".join(stored)
    assert len(granted.retrieve_study(study)) == 4
    with pytest.raises(requests.HTTPError, match="401"):
        anyone.retrieve_instance(study, series, instances[0])


def test_rendered(anyone):
    import cv2

    study, series, (finest, _) = names(anyone)
    png = anyone.retrieve_instance_rendered(study, series, finest, media_types=("image/png",))
    assert cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR).shape == (130, 200, 3)
    frame = anyone.retrieve_instance_frames_rendered(study, series, finest, [4])
    assert cv2.imdecode(np.frombuffer(frame, np.uint8), cv2.IMREAD_COLOR).shape == (64, 64, 3)
    small = anyone.retrieve_series_rendered(
        study, series, media_types=("image/jpeg",), params={"viewport": "50,50"}
    )
    assert cv2.imdecode(np.frombuffer(small, np.uint8), cv2.IMREAD_COLOR).shape == (32, 50, 3)


def test_bulk_data_by_its_address(anyone, dicomweb):
    study, series, (finest, _) = names(anyone)
    told = requests.get(
        f"{dicomweb[0]}/studies/{study}/series/{series}/instances/{finest}/metadata", timeout=20
    ).json()[0]
    frames = dicomweb[2][f"bb-image-openzz-{'a' * 6}", 0]
    got = list(anyone.retrieve_bulkdata(told["7FE00010"]["BulkDataURI"], ("image/*",)))
    assert even(got) == even(frames)
    assert json.dumps(told).count("BulkDataURI") == 1


def test_instances_are_stored(dicomweb):
    """Into a submission, where they wait: what is stored is not found before it is published."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {dicomweb[3]}"
    client = DICOMwebClient(dicomweb[0], session=session)
    study = made_uid()
    named = {"StudyInstanceUID": study, "SeriesInstanceUID": made_uid()}
    made = [pydicom.dcmread(BytesIO(make_level(side, 64, **named)[0])) for side in (64, 200)]
    told = client.store_instances(made)
    stored = {each.ReferencedSOPInstanceUID for each in told.ReferencedSOPSequence}
    assert stored == {each.SOPInstanceUID for each in made}
    assert client.search_for_series(study) == []
    other = DICOMwebClient(dicomweb[0])
    with pytest.raises(requests.HTTPError, match="401"):
        other.store_instances(made)
