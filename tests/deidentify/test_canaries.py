"""Identifiers planted in every place of every format are refused or removed; none survives."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import pydicom
import pytest
import tifffile
from pydicom.datadict import DicomDictionary
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

import made_dicom
import made_gross
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.rules import allow_list
from bigpicture.model.errors import SlideError
from bigpicture.sandbox.run import Sandbox
from bigpicture.submission.convert import convert_slide
from canaries import (
    DAY,
    NUMBER,
    ROOT,
    WRITINGS,
    Planting,
    Tiff,
    as_element,
    canary,
    found_below,
    found_in,
    row_names,
    run,
    segment,
)
from slides_of_every_format import CASES

PSEUDONYMS = Pseudonyms(bytes(range(32)))
BASES = {
    "aperio-svs": ("svs, ycbcr", "Aperio."),
    "hamamatsu-ndpi": ("ndpi", "Hamamatsu."),
    "leica-scn": ("scn", "Leica."),
    "philips-tiff": ("philips", "Philips."),
    "ventana-bif": ("bif", "Ventana."),
    "akoya-qptiff": ("qptiff", "Akoya."),
    "ome-tiff": ("ome-tiff, one channel, 16 bit", "OME."),
    "imagej-tiff": ("imagej tiff", "ImageJ."),
    "olympus-vsi": ("vsi", "Olympus."),
    "olympus-sis": ("sis tiff", "OlympusSIS."),
    "generic-tiff": ("tiff, jpeg", "TIFF."),
    "mirax": ("mirax", "Mirax."),
    "hamamatsu-vms": ("vms", "VMS."),
    "zeiss-czi": ("czi, jpeg", "Zeiss."),
    "gross-image": ("photograph, jpeg", "Photo."),
    "gross-png": ("photograph, png", "Photo."),
    "dicom": ("", "DICOM."),
}
FORMATS = {"gross-png": "gross-image"}
TIFFS = ("aperio-svs", "hamamatsu-ndpi", "leica-scn", "philips-tiff", "ventana-bif",
         "akoya-qptiff", "ome-tiff", "imagej-tiff", "olympus-vsi", "olympus-sis",
         "generic-tiff")  # fmt: skip
_PICTURE = made_dicom.stack(rows=100, columns=130)
_NEEDED = frozenset(
    {254, 256, 257, 258, 259, 262, 270, 273, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325,
     330, 338, 339, 347, 529, 530, 532}
)  # fmt: skip
"""Tags without which there is no picture; in 270 the keys of the format are planted."""
_MARKUP_TAG = {"ventana-bif": 700}


@pytest.fixture(scope="module")
def convert():
    with Sandbox(preload=("bigpicture.submission.convert",)) as sandbox:

        def convert(source, folder):
            mpp = 50.0 if source.suffix in {".jpg", ".png"} else None
            return convert_slide(source, folder, pseudonyms=PSEUDONYMS, mpp=mpp, sandbox=sandbox)

        yield convert


def base(slide_format: str, folder: Path) -> Path:
    if slide_format == "dicom":
        return made_dicom.write(folder / "slide.dcm", _PICTURE)
    name, _ = BASES[slide_format]
    return next(case for case in CASES if case.name == name).make(folder)


# Tags of TIFF: each registered one as text, and private ones, in every directory.


def tag_plantings(slide_format: str, pages: int) -> list[Planting]:
    """Tags that have a rule in every page, others, each of which stops the slide, in one each."""
    registered = {int(code): name for code, name in tifffile.TIFF.TAGS.items()}
    numbers = sorted({*registered, *range(65000, 65100, 7)} - _NEEDED)
    allowed = allow_list(slide_format)
    writings = list(WRITINGS.values())
    return [
        (f"tag {number} of page {page}", (page, number, writings[(number + page) % len(writings)]))
        for number in numbers
        for page in range(pages)
        if page == number % pages or allowed.action(f"TIFF.{registered.get(number)}")
    ]


def build_tags(slide_format: str):
    def build(folder: Path, plantings: Sequence[Planting]) -> Path:
        path = base(slide_format, folder)
        tiff = Tiff(path.read_bytes())
        for page in {planted[0] for _, planted in plantings}:
            tags = {
                number: (7 if number % 3 else 2, writing(canary(number)) + b"\0")
                for _, (there, number, writing) in plantings
                if there == page
            }
            tiff.plant(page, tags)
        path.write_bytes(tiff.data)
        return path

    return build


def pages_of(slide_format: str, folder: Path) -> int:
    folder.mkdir()
    return len(list(Tiff(base(slide_format, folder).read_bytes()).directories()))


# Keys of a format: each row of its table and some that stand in none.


def row_plantings(slide_format: str) -> list[Planting]:
    names = [*row_names(slide_format, BASES[slide_format][1]), "Unheard", "Unheard.Of", "A@Unheard"]
    return [(name, (name, canary(number))) for number, name in enumerate(names)]


def build_rows(slide_format: str):
    def build(folder: Path, plantings: Sequence[Planting]) -> Path:
        path = base(slide_format, folder)
        pairs = [planted for _, planted in plantings]
        if slide_format in {"mirax", "hamamatsu-vms"}:
            _into_settings(path, slide_format, pairs)
        elif slide_format == "zeiss-czi":
            _into_czi(path, pairs)
        else:
            _into_description(path, slide_format, pairs)
        return path

    return build


def _into_description(path: Path, slide_format: str, pairs) -> None:
    tiff = Tiff(path.read_bytes())
    tag = _MARKUP_TAG.get(slide_format, 270)
    entry = next(tiff.directories()).entries[tag]
    text = tiff.value(entry).rstrip(b"\0")
    if slide_format == "aperio-svs":
        text += "".join(f"|{name} = {value}" for name, value in pairs).encode()
    elif slide_format == "imagej-tiff":
        text += "".join(f"\n{name}={value}" for name, value in pairs).encode()
    else:
        inside = "".join(_markup(slide_format, name, value) for name, value in pairs).encode()
        at = text.rindex(b"</")
        text = text[:at] + inside + text[at:]
    tiff.plant(0, {tag: (entry[0], text + b"\0")})
    path.write_bytes(tiff.data)


def _markup(slide_format: str, name: str, value: str) -> str:
    if slide_format == "philips-tiff":
        told = f'Name="{name}" Group="0x301D" Element="0x1000" PMSVR="IString"'
        return f"<Attribute {told}>{value}</Attribute>"
    return as_element(name, value)


def _into_settings(path: Path, slide_format: str, pairs) -> None:
    settings = path.with_suffix("") / "Slidedat.ini" if slide_format == "mirax" else path
    text = settings.read_bytes().decode("utf-8")
    for name, value in pairs:
        section, _, key = name.replace("_n", "_0").rpartition(".")
        section = section or "Virtual Microscope Specimen"
        if f"[{section}]" not in text:
            text = f"{text.rstrip()}\r\n[{section}]\r\n"
        lines = text.splitlines()
        start = lines.index(next(each for each in lines if each.strip("\ufeff") == f"[{section}]"))
        end = next((n for n in range(start + 1, len(lines)) if lines[n][:1] == "["), len(lines))
        there = [n for n in range(start + 1, end) if lines[n].partition("=")[0].strip() == key]
        for number in reversed(there):
            del lines[number]
        lines.insert(start + 1, f"{key}={value}")
        text = "\r\n".join(lines)
    settings.write_bytes(text.encode("utf-8"))


def _into_czi(path: Path, pairs) -> None:
    data = path.read_bytes()
    inside = "".join(as_element(name, value) for name, value in pairs).encode()
    at = data.index(b"ZISRAWMETADATA")
    (length,) = struct.unpack_from("<I", data, at + 32)
    start = at + 32 + 256
    text = data[start : start + length]
    cut = text.rindex(b"</Metadata>")
    text = text[:cut] + inside + text[cut:]
    body = struct.pack("<I", len(text)) + data[at + 36 : start] + text
    body += bytes(-len(body) % 32)
    made = data[at : at + 16] + struct.pack("<QQ", len(body), len(body)) + body
    whole = bytearray(data + bytes(-len(data) % 32))
    told = whole.index(struct.pack("<Q", at), 32, 128)
    struct.pack_into("<Q", whole, told, len(whole))
    path.write_bytes(bytes(whole) + made)


ROWS = ("aperio-svs", "leica-scn", "philips-tiff", "ventana-bif", "akoya-qptiff", "ome-tiff",
        "imagej-tiff", "mirax", "hamamatsu-vms", "zeiss-czi")  # fmt: skip


# Outside of all fields: the end of the file, its name, its folder, the tiles.


def outside_plantings() -> list[Planting]:
    places = ["end", "gap", "name", "folder", "tiles COM", "tiles APP1", "tiles APP13", "profile"]
    return [(f"{place} in {name}", (place, name)) for place in places for name in WRITINGS]


def build_outside(slide_format: str):
    def build(folder: Path, plantings: Sequence[Planting]) -> Path:
        planted = [each for _, each in plantings]
        texts = {
            place: b" ".join(WRITINGS[name](canary(7)) for there, name in planted if there == place)
            for place, _ in planted
        }
        if "folder" in texts:
            folder /= canary(1)
            folder.mkdir()
        path = base(slide_format, folder)
        _into_bytes(path, slide_format, texts)
        if "name" in texts and slide_format not in _SEVERAL_FILES:
            ending = "".join(path.suffixes)
            path = path.rename(path.with_name(f"{canary(2)}{ending}"))
        return path

    return build


_SEVERAL_FILES = frozenset({"mirax", "hamamatsu-vms", "olympus-vsi"})
_MARKERS = {"tiles COM": 0xFE, "tiles APP1": 0xE1, "tiles APP13": 0xED}


def _into_bytes(path: Path, slide_format: str, texts: dict[str, bytes]) -> None:
    segments = b"".join(segment(_MARKERS[each], texts[each]) for each in _MARKERS if each in texts)
    data = path.read_bytes()
    if slide_format in TIFFS:
        tiff = Tiff(data)
        if "gap" in texts:
            tiff.add(texts["gap"])
        if "profile" in texts:
            profile = made_gross.profile()
            tiff.plant(0, {34675: (7, _with_text(profile, texts["profile"]))})
        if segments:
            tiff.plant_in_tiles(segments)
        data = bytes(tiff.data)
    elif slide_format == "gross-image" and segments:
        data = data[:2] + segments + data[2:]
    elif slide_format == "gross-png" and segments:
        data = data[:33] + made_gross.chunk(b"tEXt", b"Comment\0" + segments) + data[33:]
    path.write_bytes(data + texts.get("end", b""))


def _with_text(profile: bytes, text: bytes) -> bytes:
    """A profile whose first tag is followed by text within its own length."""
    whole = bytearray(profile)
    offset, length = struct.unpack_from(">II", whole, 136)
    body = bytes(whole[offset : offset + length]) + text
    struct.pack_into(">II", whole, 136, len(whole), len(body))
    whole += body + bytes(-len(body) % 4)
    struct.pack_into(">I", whole, 0, len(whole))
    whole[48:56] = canary(3)[:8].encode()
    whole[84:100] = canary(3).encode()[:16].ljust(16, b"\0")
    return bytes(whole)


# DICOM: every attribute of the dictionary, at the top and in a sequence.

_TEXTS = {"LO", "SH", "LT", "ST", "UT", "UC", "AE", "CS", "UR", "PN"}
_NUMBERS = {"IS": NUMBER, "DS": NUMBER, "FD": 735904.25, "FL": 735904.25, "UL": int(NUMBER),
            "SL": int(NUMBER), "DA": DAY, "TM": "101500", "DT": f"{DAY}101500",
            "AS": "073Y"}  # fmt: skip


def value_of(representation: str, number: int) -> object:
    if representation in _TEXTS:
        return canary(number)[:16] if representation in {"SH", "CS", "AE"} else canary(number)
    if representation == "UI":
        return f"{ROOT}.{number}"
    if representation in {"OB", "UN"}:
        text = canary(number).encode()
        return text + b"\0" * (len(text) % 2)
    return _NUMBERS.get(representation)


def dicom_plantings(there: set[int]) -> list[Planting]:
    found: list[Planting] = []
    for number, (tag, row) in enumerate(sorted(DicomDictionary.items())):
        representation = row[0].split(" or ")[-1]
        value = value_of(representation, number)
        group = tag >> 16
        if value is None or group in {0, 2} or tag in there or tag >= 0x7FE00000:
            continue
        if group < 8 or row[4] in {"", "SpecificCharacterSet"}:
            continue
        for depth in ("top", "dropped", "kept", "specimen"):
            found.append((f"{row[4]} ({depth})", (tag, representation, value, depth)))
    private = [(0x00290010 + n, "LO", canary(n), "private") for n in range(1, 40)]
    return [*found, *((f"private {tag:08x}", each) for each in private for tag in [each[0]])]


def build_dicom(folder: Path, plantings: Sequence[Planting]) -> Path:
    def change(made: Dataset) -> None:
        made.OperatorIdentificationSequence = Items([Dataset()])
        made.SpecimenDescriptionSequence = Items([Dataset()])
        homes = {
            "top": made,
            "dropped": made.OperatorIdentificationSequence[0],
            "kept": made.OpticalPathSequence[0],
            "specimen": made.SpecimenDescriptionSequence[0],
        }
        for _, (tag, representation, value, depth) in plantings:
            if depth == "private":
                made.private_block(0x0029, "SCANWORKS", create=True).add_new(
                    tag & 0xFF, representation, value
                )
            elif tag not in homes[depth]:
                homes[depth].add_new(tag, representation, value)

    path = made_dicom.write(folder / "slide.dcm", _PICTURE, change=change)
    data = bytearray(path.read_bytes())
    data[:24] = b"MZ" + canary(1).encode().ljust(22, b"\0")
    path.write_bytes(data)
    return path


def there_in_dicom(folder: Path) -> set[int]:
    folder.mkdir()
    header = pydicom.dcmread(base("dicom", folder), stop_before_pixels=True)
    return {int(element.tag) for element in header.iterall()}


# The campaign, and a sample of it.


def campaign(slide_format: str, convert, folder: Path, *, every: int = 1):
    """All kinds of plantings in one format; of each kind every `every`-th."""
    names = {int(code): name for code, name in tifffile.TIFF.TAGS.items()}
    allowed = allow_list(FORMATS.get(slide_format, slide_format))

    def stops(planting: Planting) -> bool:
        place, planted = planting
        is_tag = place.startswith("tag ")
        return is_tag and allowed.action(f"TIFF.{names.get(planted[1])}") is None

    counts = []
    if slide_format in TIFFS:
        pages = pages_of(slide_format, folder / "pages")
        counts.append((tag_plantings(slide_format, pages), build_tags(slide_format)))
    if slide_format in ROWS:
        counts.append((row_plantings(slide_format), build_rows(slide_format)))
    if slide_format == "dicom":
        counts.append((dicom_plantings(there_in_dicom(folder / "there")), build_dicom))
    counts.append((outside_plantings(), build_outside(slide_format)))
    return [
        run(plantings[::every], build, convert, folder / str(number), stops)
        for number, (plantings, build) in enumerate(counts)
    ]


def test_the_search_finds_a_canary_in_every_writing():
    for name, write in WRITINGS.items():
        assert found_in(b"\1\2" * 50 + write(canary(12)) + b"\3" * 9), name
    assert found_in(b"x" + zlib.compress(canary(3).encode()))
    assert not found_in(bytes(range(256)) * 20)


@pytest.mark.parametrize("slide_format", BASES)
def test_what_stands_outside_of_all_fields_is_removed(slide_format, convert, tmp_path):
    source = build_outside(slide_format)(tmp_path, outside_plantings())
    if slide_format == "hamamatsu-vms":
        # A text file: what is put behind it is read as a line of it.
        with pytest.raises(SlideError) as caught:
            convert(source, tmp_path / "out")
        assert not found_in(str(caught.value).encode())
        return
    convert(source, tmp_path / "out")
    assert (tmp_path / "out").is_dir()
    assert found_below(tmp_path / "out") == []


@pytest.mark.parametrize("slide_format", TIFFS)
def test_a_tag_that_no_table_names_stops_a_slide(slide_format, convert, tmp_path):
    source = build_tags(slide_format)(tmp_path, [("", (0, 65063, WRITINGS["utf-8"]))])
    with pytest.raises(SlideError, match="65063") as caught:
        convert(source, tmp_path / "out")
    assert not found_in(str(caught.value).encode())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("slide_format", ROWS)
def test_a_key_that_no_table_names_stops_a_slide(slide_format, convert, tmp_path):
    source = build_rows(slide_format)(tmp_path, [("", ("UNHEARD", canary(1)))])
    with pytest.raises(SlideError, match="UNHEARD") as caught:
        convert(source, tmp_path / "out")
    assert not found_in(str(caught.value).encode())
    assert not (tmp_path / "out").exists()


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("slide_format", BASES)
def test_no_canary_survives_a_campaign(slide_format, convert, tmp_path):
    counts = campaign(slide_format, convert, tmp_path)
    survived = [place for count in counts for place in count.survived]
    planted, refused, removed = (
        sum(getattr(count, name) for count in counts) for name in ("planted", "refused", "removed")
    )
    print(f"\n{slide_format}: planted {planted}, refused {refused}, removed {removed}, "
          f"survived {len(survived)}")  # fmt: skip
    assert survived == []
    assert planted == refused + removed
