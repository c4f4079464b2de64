"""Clean slides are let through: strangers' identities are not found in slides they are not on."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from bigpicture.deidentify.needles import Needle, needles_of
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.scan import Scan
from bigpicture.deidentify.spans import spans_of
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.read import read_instance
from bigpicture.model.allowance import Field
from bigpicture.phantom.identity import identity
from bigpicture.submission.convert import subject_from_pseudonyms
from bigpicture.submission.rewrite import rewrite
from slides_of_every_format import CASES

AT_MOST = 1 / 1000
STRANGERS = 100
FOLDERS = ("Histologie Nord", "Batch_2021_03", "S drive", "kidney-biopsies", "Dr. Invented", "AT2")


def fields_of(seed):
    """What a hospital's slide says: a DICOM header, a scanner's settings, a laboratory's words."""
    who, chance = identity(seed), random.Random(seed)
    number = lambda digits: str(chance.randrange(10 ** (digits - 1), 10**digits))  # noqa: E731
    stamp = (
        f"20{chance.randrange(10, 25)}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"
    )
    values = {
        "PatientName": f"{who.family_name}^{who.given_name}",
        "PatientID": who.hospital_number,
        "PatientBirthDate": who.birth_date.replace("-", ""),
        "AccessionNumber": who.accession,
        "InstitutionName": who.hospital,
        "OperatorsName": who.operator,
        "DeviceSerialNumber": who.scanner_serial,
        "StudyDate": stamp,
        "AcquisitionDateTime": f"{stamp}{who.scan_time.replace(':', '')}",
        "StudyID": number(5),
        "StudyDescription": who.title,
        "ContainerIdentifier": who.barcode,
        "SpecimenIdentifier": f"{who.accession} {who.block}",
        "ReferringPhysicianName": f"{identity(seed + 10**6).family_name}^Dr.",
        "StudyInstanceUID": f"1.2.826.0.1.{number(9)}.{number(6)}.{number(12)}",
        "StationName": f"{chance.choice(['SCAN', 'PATH', 'PC-'])}{number(2)}",
        "ProtocolName": chance.choice(["H&E 20x", "Ki-67", "PAS", "Giemsa 40x fast"]),
        "SeriesNumber": number(chance.randrange(1, 7)),
        "ImageComments": f"{chance.uniform(0, 100):.6f};{chance.uniform(0, 10):.3f};{number(4)}",
    }  # fmt: skip
    return [Field(f"({place:04x},0010)", f"DICOM.{name}", value)
            for place, (name, value) in enumerate(values.items())]  # fmt: skip


def strings_of(seed):
    who = identity(seed)
    chance = random.Random(seed)
    names = [chance.choice(FOLDERS), who.family_name]
    return needles_of(
        "dicom", fields_of(seed), stem=who.file_name, names=names, barcodes=[who.barcode]
    )


def upper_bound(found, trials, confidence=0.95):
    """Clopper and Pearson's one-sided bound of a rate, by halving."""
    if found >= trials:
        return 1.0

    def at_most(rate):
        logs = [
            math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
            + (k * math.log(rate) + (trials - k) * math.log1p(-rate))
            for k in range(found + 1)
        ]  # fmt: skip
        return float(np.exp(logs).sum())

    low, high = found / trials, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if at_most(middle) > 1 - confidence else (low, middle)
    return high


def scan_for(seeds):
    """One scan for the strings of many identities; each says whose it is."""
    return Scan(
        [Needle(each.text, f"{seed}|{each.text}") for seed in seeds for each in strings_of(seed)]
    )


def blocked(scan, folder, names):
    """Of the identities of `scan`, those whose strings are found in the instances of one slide."""
    told = []
    for name in names:
        with FileSource(folder / name) as source:
            spans = spans_of(source, read_instance(source))
            told += scan.search(source, name=name, spans=spans)
    return {each.what.split("value of ")[1].split("|")[0]: each for each in told}


def converted(case, folder):
    slide, out = folder / "slide", folder / "out"
    slide.mkdir()
    out.mkdir()
    subject = subject_from_pseudonyms(Pseudonyms(bytes(32)), case.name, mpp=case.mpp)
    made = rewrite(case.make(slide), out, subject, progress=lambda *_: None)
    return out, [each.path.name for each in made.conversion.instances], made.needles


def test_the_bound_is_that_of_the_tables():
    """0 of n: 1 - 0.05 ** (1 / n). 1 of 10: 0.3942 (Clopper and Pearson 1934)."""
    assert upper_bound(0, 3000) == pytest.approx(1 - 0.05 ** (1 / 3000), rel=1e-6)
    assert upper_bound(1, 10) == pytest.approx(0.3942, abs=1e-4)


def test_a_slide_is_not_blocked_by_strangers_and_is_by_its_own_barcode(tmp_path):
    out, names, _ = converted(CASES[0], tmp_path)
    scan = scan_for(range(8))
    assert blocked(scan, out, names) == {}
    (out / names[0]).write_bytes((out / names[0]).read_bytes() + identity(7).barcode.encode())
    assert "7" in blocked(scan, out, names)


@pytest.mark.long
def test_at_most_one_clean_slide_in_a_thousand_is_blocked(tmp_path, capsys):
    scan = scan_for(range(STRANGERS))
    trials, told = 0, []
    for number, case in enumerate(CASES):
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            out, names, own = converted(case, folder)
        except pytest.skip.Exception:
            continue
        assert (
            blocked(Scan([Needle(each.text, f"x|{each.text}") for each in own]), out, names) == {}
        )
        found = blocked(scan, out, names)
        trials += STRANGERS
        told += [(case.name, each.what, each.place) for each in found.values()]
    bound = upper_bound(len(told), trials)
    with capsys.disabled():
        print(f"\n{len(told)} of {trials} blocked; at most {1000 * bound:.2f} in 1,000 (95 %)")
        print(*told, sep="\n")
    assert bound <= AT_MOST
