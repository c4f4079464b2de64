"""A report names fields and places, and nothing else of the source."""

from __future__ import annotations

import json

import pytest

from bigpicture.deidentify.report import (
    Compared,
    LeftOut,
    Report,
    Scanned,
    Written,
    bare_place,
    judge,
    rules_digest,
)
from bigpicture.model.allowance import Field
from bigpicture.model.errors import IntegrityError

FIELDS = [
    Field("Mustermann.svs IFD 0 ImageDescription", "Aperio.User", "Erika Mustermann"),
    Field("Mustermann.svs IFD 1 ImageDescription", "Aperio.User", "Erika Mustermann"),
    Field("Mustermann.svs IFD 0 ImageDescription", "Aperio.AppMag", "20"),
    Field("Mustermann.svs IFD 0 ImageDescription", "Aperio.CustomField.Mustermann", "1"),
]


def report():
    return Report(
        image="GEZDGNBVGY3TQOJQ",
        format="aperio-svs",
        mark="M",
        recipe="R",
        instances=(Written("level-0.dcm", "00", 1, 0, 10, 10, 1, "11", "2.25.1"),),
        fields=judge("aperio-svs", FIELDS),
        left_out=(LeftOut("LABEL", 10, 10),),
        frames_copied=1,
        frames_encoded=0,
        frames_empty=0,
        frames_compared=0,
        pixels_root="",
        remarks=(),
        scan=Scanned(2, 100, ("utf-8",), 0),
        gate=Compared("OpenSlide", 1, 100, 0, 0.0, 0.0),
        protections=("memory",),
        software="bigpicture",
        rules=rules_digest(),
        site="ABCD",
    )


def test_it_tells_what_was_done_and_repeats_no_value():
    text = report().to_bytes().decode()
    assert "Mustermann" not in text
    assert "Erika" not in text
    told = {each["name"]: each for each in json.loads(text)["fields"]}
    assert told["Aperio.User"]["action"] == "drop"
    assert told["Aperio.User"]["count"] == 2
    assert told["Aperio.User"]["places"] == ["IFD 0 ImageDescription", "IFD 1 ImageDescription"]
    assert told["Aperio.AppMag"]["action"] == "keep"
    assert told["Aperio.CustomField.*"]["action"] == "drop"


def test_it_is_read_as_it_was_written():
    assert Report.from_bytes(report().to_bytes()) == report()


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff", b'{"version": 2}'])
def test_what_is_no_report_is_refused(data):
    with pytest.raises(IntegrityError, match="report"):
        Report.from_bytes(data)


@pytest.mark.parametrize(
    ("place", "bare"),
    [
        ("S-1.svs IFD 3 ImageDescription", "IFD 3 ImageDescription"),
        ("folder/S-1.dcm (0010,0010)", "(0010,0010)"),
        ("S-1.svs", ""),
    ],
)
def test_a_place_is_told_without_the_name_of_the_file(place, bare):
    assert bare_place(place) == bare
