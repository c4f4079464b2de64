"""DICOMweb searches on both databases, matched as PS3.4 C.2.2.2 has it."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.storage.records.tables import images
from published import (
    CONTROLLED,
    OPEN,
    Client,
    image_name,
    instance_uid,
    make_stores,
    named_series,
    publish_two,
)

FIRST, SECOND, THIRD = (named_series(OPEN, number) for number in range(3))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def searched(request, tmp_path_factory):
    """A client of a node with both datasets; some patients have words that are hard to match."""
    url = request.getfixturevalue("make_postgresql_url")() if request.param != "sqlite" else ""
    stores = make_stores(tmp_path_factory.mktemp("search") / "data", url)
    publish_two(stores)
    with stores.records.write() as connection:
        where = images.c.accession == image_name(OPEN, 2)
        told = connection.scalar(select(images.c.searched).where(where))
        told |= {
            "PatientID": "50%_[a].(b)",
            "PatientName": "Søster^Invented",
            "SeriesDescription": "H&E  slide",
            "StudyTime": "101530",
        }
        connection.execute(update(images).where(where).values(searched=told))
    with Client(build(Node.open(stores, start_work=lambda _: None))) as client:
        yield client
    stores.records.close()


def ask(client, kind, **wanted):
    query = "&".join(f"{name}={value}" for name, value in wanted.items())
    answer = client.get(f"/dicomweb/{kind}?{query}")
    assert answer.status_code in (200, 204), answer.text
    return answer.json() if answer.content else []


@pytest.mark.parametrize(
    ("kind", "wanted", "count"),
    [
        ("studies", {}, 2),
        ("series", {}, 3),
        ("instances", {}, 6),
        ("studies", {"PatientID": FIRST["PatientID"]}, 1),
        ("studies", {"00100020": FIRST["PatientID"]}, 1),
        ("series", {"PatientID": FIRST["PatientID"]}, 2),
        ("instances", {"PatientID": FIRST["PatientID"]}, 4),
        ("studies", {"PatientID": FIRST["PatientID"].lower()}, 0),  # case counts here
        ("studies", {"PatientID": "patient-*"}, 0),
        ("studies", {"PatientID": "PATIENT-*"}, 1),
        ("studies", {"PatientID": "PATIENT-OPENZ??"}, 1),
        ("studies", {"PatientID": "PATIENT-OPENZ?"}, 0),
        ("studies", {"PatientID": "50%25_[a].(b)"}, 1),
        ("studies", {"PatientID": "50%25_[a].*"}, 1),
        ("studies", {"PatientID": "50%25_[?].(b)"}, 1),
        ("studies", {"PatientID": "50%25?[a]?(b)"}, 1),
        ("studies", {"PatientID": "*"}, 2),
        ("studies", {"PatientName": "s%C3%B8ster^*"}, 1),
        ("studies", {"PatientName": "nobody"}, 0),
        ("series", {"SeriesDescription": "H%26E++slide"}, 1),
        ("series", {"SeriesNumber": "1"}, 3),
        ("series", {"SeriesNumber": "2"}, 0),
        ("studies", {"StudyDate": "20200301"}, 1),
        ("studies", {"StudyDate": "20200301-20200301"}, 1),
        ("studies", {"StudyDate": "20200302-"}, 1),
        ("studies", {"StudyDate": "-20200229"}, 0),
        ("studies", {"StudyTime": "10-11"}, 1),
        ("studies", {"StudyTime": "09-10"}, 1),
        ("studies", {"StudyTime": "11-"}, 0),
        ("studies", {"StudyTime": "-1015"}, 1),
        ("studies", {"AccessionNumber": "OPENZZ1"}, 1),
        ("instances", {"ImageType": "VOLUME"}, 6),
        ("instances", {"ImageType": "VOL*"}, 6),
        ("instances", {"ImageType": "LUME"}, 0),
        ("instances", {"ImageType": "PRIMARY*VOLUME"}, 0),  # one value at a time
        ("instances", {"AvailableTransferSyntaxUID": "1.2.840.10008.1.2.4.50"}, 3),
        ("instances", {"Rows": "64", "NumberOfFrames": "4"}, 3),
        ("instances", {"SOPInstanceUID": instance_uid(OPEN, 1, 1)}, 1),
        ("instances", {"SOPInstanceUID": instance_uid(CONTROLLED, 0, 0)}, 0),
        (
            "series",
            {"SeriesInstanceUID": f"{FIRST['SeriesInstanceUID']},{THIRD['SeriesInstanceUID']}"},
            2,
        ),
        ("series", {"0020000E": f"{FIRST['SeriesInstanceUID']}%5C1.2.3"}, 1),
        ("series", {"StudyInstanceUID": FIRST["StudyInstanceUID"], "Modality": "SM"}, 2),
        ("instances", {"ContainerIdentifier": "SLIDE-*-1"}, 2),
        ("instances", {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.77.1.6", "Modality": "SM"}, 6),
        ("studies", {"PatientID": "", "includefield": "all"}, 2),
    ],
)
def test_matches(searched, kind, wanted, count):
    assert len(ask(searched, kind, **wanted)) == count


@pytest.mark.parametrize(
    ("kind", "query", "place"),
    [
        ("studies", "SOPInstanceUID=1.2.3", "query"),
        ("series", "Rows=3", "query"),
        ("instances", "PixelSpacing=3", "query"),
        ("instances", "nonsense=3", "query"),
        ("instances", "00480105.00282000=3", "query"),
        ("studies", "StudyDate=yesterday", "StudyDate"),
        ("studies", "StudyDate=2020-", "StudyDate"),
        ("studies", "StudyDate=-", "StudyDate"),
        ("studies", f"PatientID={'x' * 65}", "PatientID"),
        ("studies", "PatientID=*a*b*c*d*", "PatientID"),
        ("studies", "limit=x", "limit"),
        ("studies", "offset=-1", "offset"),
    ],
)
def test_what_cannot_be_searched_for(searched, kind, query, place):
    answer = searched.get(f"/dicomweb/{kind}?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.json()["place"] == place
    assert "x" * 65 not in answer.text


def test_answers_come_by_pages(searched):
    first = searched.get("/dicomweb/instances?limit=4")
    assert "additional results" in first.headers["warning"]
    rest = searched.get("/dicomweb/instances?limit=4&offset=4")
    assert "warning" not in rest.headers
    both = [each["00080018"]["Value"][0] for each in (*first.json(), *rest.json())]
    wanted = [instance_uid(OPEN, number, level) for number in range(3) for level in (0, 1)]
    assert both == wanted
    assert searched.get("/dicomweb/instances?offset=6").status_code == 204
    assert searched.get("/dicomweb/instances?limit=0").status_code == 204


def test_fuzzy_matching_is_told_not_to_happen(searched):
    answer = searched.get("/dicomweb/studies?fuzzymatching=true&PatientName=nobody")
    assert answer.status_code == 204
    assert "Only literal matching" in answer.headers["warning"]


def test_what_each_kind_tells(searched):
    """PS3.18 tables 10.6.3-3 to -5."""
    (study,) = ask(searched, "studies", PatientID=FIRST["PatientID"])
    wanted = {
        "00080020", "00080030", "00080050", "00080056", "00080061", "00080090", "00081190",
        "00100010", "00100020", "00100030", "00100040", "0020000D", "00200010", "00201206",
        "00201208",
    }  # fmt: skip
    assert wanted <= set(study)
    assert study["00080061"] == {"vr": "CS", "Value": ["SM"]}
    assert study["00100010"] == {"vr": "PN", "Value": [{"Alphabetic": FIRST["PatientName"]}]}
    assert study["00201208"] == {"vr": "IS", "Value": [4]}
    assert study["00080030"] == {"vr": "TM"}
    assert list(study) == sorted(study)
    series = ask(searched, f"studies/{FIRST['StudyInstanceUID']}/series")
    assert {"00080060", "0020000E", "00200011", "00201209", "00081190"} <= set(series[0])
    where = f"studies/{FIRST['StudyInstanceUID']}/series/{SECOND['SeriesInstanceUID']}"
    instances = ask(searched, f"{where}/instances")
    assert {"00080016", "00080018", "00280010", "00280011", "00280100", "00280008", "00083002"} <= (
        set(instances[0])
    )
    uid = instance_uid(OPEN, 1, 0)
    assert instances[0]["00081190"]["Value"] == [
        f"http://node.test/dicomweb/{where}/instances/{uid}"
    ]
