"""What a header says becomes MSMdad's words, by the clauses of DICOM; nothing is made up.

Expected values are written out from PS3.3, PS3.6 and PS3.16 and from MSMdad 6.2.
"""

from __future__ import annotations

from dataclasses import replace

import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from bigpicture.dicom.image_facts import image_attributes
from bigpicture.metaflex.submission import read_submission
from bigpicture.model.attribute import as_json
from bigpicture.model.errors import SlideError
from bigpicture.standard.check import check
from invented_submission import submission
from places import shared
from slide_making import convert_all, write_jpeg_tiff

NATIVE, JPEG, J2K = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.91"
J2K_LOSSLESS, JPEG_LS = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.80"


def coded(value: str, scheme: str, meaning: str = "words") -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def path(identifier="0", method="111744", colour="414298005", **more) -> Dataset:
    made = Dataset()
    made.OpticalPathIdentifier = identifier
    if method:
        made.IlluminationTypeCodeSequence = Sequence([coded(method, "DCM")])
    if colour:
        made.IlluminationColorCodeSequence = Sequence([coded(colour, "SCT")])
    for keyword, value in more.items():
        setattr(made, keyword, value)
    return made


def header(*, syntax=JPEG, flavour="VOLUME", size=(4096, 2048), without=(), **more) -> Dataset:
    """A brightfield level as PS3.3 A.32.8 asks for it."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = UID(syntax)
    made.ImageType = ["ORIGINAL", "PRIMARY", flavour, "NONE"]
    made.Manufacturer, made.ManufacturerModelName = "Invented Optics", "Scanner 1"
    made.DeviceSerialNumber, made.SoftwareVersions = "S-1", ["1.2", "driver 3"]
    made.AcquisitionDateTime = "20240229134501.500000+0100"
    made.TotalPixelMatrixColumns, made.TotalPixelMatrixRows = size
    made.Columns, made.Rows, made.NumberOfFrames = 512, 256, 64
    made.SamplesPerPixel, made.BitsAllocated, made.BitsStored = 3, 8, 8
    made.PhotometricInterpretation = "YBR_FULL_422"
    made.LossyImageCompression = "01"
    made.LossyImageCompressionMethod = "ISO_10918_1"
    made.LossyImageCompressionRatio = "12.5"
    origin = Dataset()
    origin.XOffsetInSlideCoordinateSystem, origin.YOffsetInSlideCoordinateSystem = "20.5", "40"
    made.TotalPixelMatrixOriginSequence = Sequence([origin])
    made.ImageOrientationSlide = ["0", "-1", "0", "-1", "0", "0"]
    measures, shared_groups = Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = ["0.0005", "0.00025"], "0.0015"
    shared_groups.PixelMeasuresSequence = Sequence([measures])
    made.SharedFunctionalGroupsSequence = Sequence([shared_groups])
    made.OpticalPathSequence = Sequence([path()])
    made.FocusMethod, made.ExtendedDepthOfField = "AUTO", "NO"
    made.BurnedInAnnotation = made.SpecimenLabelInImage = "NO"
    for keyword, value in more.items():
        setattr(made, keyword, value)
    for keyword in without:
        delattr(made, keyword)
    return made


def facts(*headers: Dataset, stored_bytes=()) -> dict:
    return as_json(image_attributes(headers or [header()], stored_bytes=stored_bytes))


def findings_of(attributes) -> set[str]:
    """The rules of an Image that it would break in an invented submission."""
    study = read_submission(submission())
    [image] = study.images
    told = check(replace(study, images=(replace(image, stated=tuple(attributes)),)))
    return {finding.rule for finding in told}


def um(value):
    return {"value": value, "units": "micrometers"}


def px(value):
    return {"value": value, "units": "pixels"}


def test_a_whole_header_becomes_every_attribute_in_the_words_and_units_of_the_standard():
    assert facts() == {
        "manufacturers_model_name": "Scanner 1",
        "device_serial_number": "S-1",
        "software_versions": ["1.2", "driver 3"],
        "acquisition_datetime": "2024-02-29T13:45:01.500000+01:00",
        "scanner_manufacturers_name": "Invented Optics",
        "base_layer_tile_size": {"width": px(512), "height": px(256)},
        "image_shape": {"image_width": px(4096), "image_height": px(2048)},
        "image_origin_in_slide_coordinate_system": {
            "x": {"value": 20.5, "units": "mm"},
            "y": {"value": 40, "units": "mm"},
        },
        "pixel_spacing": {"vertical": um(0.5), "horizontal": um(0.25)},
        "depth_of_field": um(1.5),
        "optical_paths": {
            "optical_path": {
                "optical_path_identifier": "0",
                "color_space": "YBR_FULL_422",
                "color_depth": 8,
                "illumination": {"type": "Brightfield", "color": "Full Spectrum"},
            }
        },
        "image_compressions": {"image_compression": {"ratio": 12.5, "method": "JPEG Lossy"}},
        "compression_status": "LOSSY",
        "bp_image_type": "WSI Brightfield",
        "has_overview": "False",
        "has_label": "False",
        "tma_status": "False",
        "focus_method": "AUTO",
        "extended_depth_of_field": None,
        "color_profile": "MISSING",
        "image_orientation_in_slide_coordinate_system": {
            "image_row_x_component": 0,
            "image_row_y_component": -1,
            "image_column_x_component": -1,
            "image_column_y_component": 0,
        },
        "biological_being_identifier_present_in_image": "False",
    }
    assert findings_of(image_attributes([header()])) == set()


def test_a_converted_slide_breaks_no_rule_of_an_image(tmp_path):
    write_jpeg_tiff(tmp_path / "slide.tif", rows=900, columns=700)
    made = convert_all(tmp_path / "slide.tif", tmp_path / "out")
    headers = [pydicom.dcmread(one.path, stop_before_pixels=True) for one in made.instances]
    told = image_attributes(headers[::-1])
    assert findings_of(told) == set()
    shown = as_json(told)
    assert shown["image_shape"] == {"image_width": px(700), "image_height": px(900)}
    assert shown["pixel_spacing"] == {"vertical": um(0.5), "horizontal": um(0.5)}


# Depth of field, focus method and a burned-in identifier are asked of every whole-slide image by
# DICOM; these files leave some out. Light of fluorescence is no row's `bp_image_type`.
@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("imagingdatacommons__sm_image.dcm", set()),
        ("imagingdatacommons__sm_image_grayscale.dcm", {"6.2.14"}),
        ("openslide__boxes_0.dcm", {"6.2.10"}),
        (
            "googlecloudplatform__multi_frame_jpeg_camelyon_challenge_image.dcm",
            {"6.2.10", "6.2.18", "6.2.22"},
        ),
        # its paths tell neither colour nor wavelength
        ("3dhistech_BPAEC", {"6.2.11.1.4.2", "6.2.11.1.4.3", "6.2.14"}),
    ],
)
def test_slides_of_other_makers_lack_only_what_their_headers_do_not_say(name, missing):
    place = shared(f"testdata/dicom_wsi/{name}")
    files = sorted(place.glob("*.dcm")) if place.is_dir() else [place]
    headers = [pydicom.dcmread(file, stop_before_pixels=True) for file in files]
    assert findings_of(image_attributes(headers)) == missing


def test_the_largest_volume_instance_is_the_base_and_flavours_are_noticed():
    told = facts(
        header(flavour="LABEL", size=(90000, 90000)),
        header(flavour="OVERVIEW", size=(90000, 90000)),
        header(size=(1024, 512)),
        header(size=(4096, 2048)),
        header(flavour="THUMBNAIL", size=(90000, 90000)),
    )
    assert told["image_shape"]["image_width"] == px(4096)
    assert (told["has_overview"], told["has_label"]) == ("True", "True")


def test_without_a_volume_instance_nothing_is_told():
    with pytest.raises(SlideError, match="VOLUME"):
        image_attributes([header(flavour="LABEL")])


def test_channels_that_lie_in_instances_of_their_own_count_together():
    shown = {"SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2", "BitsStored": 12}
    first, second = (
        header(
            **shown,
            OpticalPathSequence=Sequence([path(name, "111743", None, IlluminationWaveLength=wave)]),
        )
        for name, wave in (("DAPI", 405.0), ("FITC", 488.0))
    )
    [one, other] = facts(first, second)["optical_paths"]["optical_path"]
    assert one == {
        "optical_path_identifier": "DAPI",
        "color_space": "MONOCHROME2",
        "color_depth": 12,
        "illumination": {
            "type": "Epifluorescence",
            "wavelength": {"value": 405, "units": "nanometers"},
        },
    }
    assert other["illumination"]["wavelength"]["value"] == 488
    assert len(facts(first, first)["optical_paths"]) == 1
    assert "bp_image_type" not in facts(first, second)  # there is no word for fluorescence


# PS3.16 CID 8123.
@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("111741", "Transmission"),
        ("111742", "Reflection"),
        ("111743", "Epifluorescence"),
        ("111744", "Brightfield"),
        ("111745", "Darkfield"),
        ("111746", "Oblique"),
        ("111747", "Phase contrast illumination"),
        ("111748", "Differential interference contrast"),
        ("111749", "Total internal reflection fluorescence"),
    ],
)
def test_light_is_told_in_the_words_of_the_standard(code, word):
    told = facts(header(OpticalPathSequence=Sequence([path(method=code)])))
    assert told["optical_paths"]["optical_path"]["illumination"]["type"] == word


def test_of_two_methods_the_one_that_says_more_counts():
    """PS3.3 C.8.12.5.1.2: transmission and DIC are transmission DIC."""
    both = path()
    both.IlluminationTypeCodeSequence = Sequence([coded("111741", "DCM"), coded("111748", "DCM")])
    told = facts(header(OpticalPathSequence=Sequence([both])))
    light = told["optical_paths"]["optical_path"]["illumination"]
    assert light["type"] == "Differential interference contrast"


@pytest.mark.parametrize(
    ("code", "word"), [("R-102C0", "Full Spectrum"), ("G-A12F", "Blue"), ("371240000", "Red")]
)
def test_colours_of_light_are_read_in_both_generations_of_snomed(code, word):
    told = facts(header(OpticalPathSequence=Sequence([path(colour=code)])))
    assert told["optical_paths"]["optical_path"]["illumination"]["color"] == word


# PS3.3 C.7.6.1.1.5: 01 stays 01 whatever is done later; PS3.5 A.4.4: .91 may be reversible.
@pytest.mark.parametrize(
    ("syntax", "lossy", "methods", "status", "steps"),
    [
        (NATIVE, "00", [], "NOT COMPRESSED", None),
        (NATIVE, "01", ["ISO_10918_1"], "LOSSY", ["JPEG Lossy"]),
        (J2K_LOSSLESS, "01", ["ISO_10918_1"], "LOSSY", ["JPEG Lossy", "JPEG 2000 Reversible"]),
        (
            J2K,
            "01",
            ["ISO_10918_1", "ISO_15444_1"],
            "LOSSY",
            ["JPEG Lossy", "JPEG 2000 Irreversible"],
        ),
        (J2K, "00", [], "LOSSLESS", ["JPEG 2000 Reversible"]),
        (JPEG_LS, "00", [], "LOSSLESS", ["JPEG-LS Lossless"]),
        (JPEG, "00", [], "LOSSY", ["JPEG Lossy"]),
        ("1.2.840.10008.1.2.5", "00", [], "LOSSLESS", ["RLE Lossless"]),
    ],
)
def test_compression_is_told_step_by_step(syntax, lossy, methods, status, steps):
    told = facts(
        header(
            syntax=syntax,
            LossyImageCompression=lossy,
            LossyImageCompressionMethod=methods,
            LossyImageCompressionRatio=["10"] * len(methods),
        ),
        stored_bytes=[64 * 512 * 256 * 3 // 4],
    )
    assert told["compression_status"] == status
    found = told.get("image_compressions", {}).get("image_compression")
    found = [found] if isinstance(found, dict) else found
    assert (found and [step["method"] for step in found]) == steps
    # 64 frames of 512 by 256 by 3 bytes, stored in a quarter of that
    known = 10 if methods else 4
    assert found is None or found[0]["ratio"] == known
    assert found is None or syntax != J2K_LOSSLESS or found[-1]["ratio"] == 4


def test_the_ratio_that_nobody_knows_is_left_for_validation_to_ask_for():
    told = image_attributes([header(syntax=JPEG_LS, LossyImageCompression="00",
                                    without=["LossyImageCompressionMethod",
                                             "LossyImageCompressionRatio"])])  # fmt: skip
    assert findings_of(told) == {"6.2.12.1.1"}


# PS3.5 6.2: DT may end after any part; (0028,0303) tells of removed times.
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"AcquisitionDateTime": "20240229"}, "2024-02-29"),
        ({"AcquisitionDateTime": "202402291345"}, "2024-02-29T13:45:00"),
        ({"AcquisitionDateTime": "19700101000000"}, "1970-01-01"),
        ({"AcquisitionDateTime": ""}, "1970-01-01"),
        ({"AcquisitionDateTime": "2024"}, "1970-01-01"),
        ({"AcquisitionDateTime": "20241399"}, "1970-01-01"),
        ({"LongitudinalTemporalInformationModified": "REMOVED"}, "1970-01-01"),
        ({"AcquisitionDateTime": "", "AcquisitionDate": "20240229"}, "2024-02-29"),
        (
            {"AcquisitionDateTime": "", "AcquisitionDate": "20240229", "AcquisitionTime": "0102"},
            "2024-02-29T01:02:00",
        ),
    ],
)
def test_the_time_of_scanning(given, expected):
    assert facts(header(**given))["acquisition_datetime"] == expected


def test_what_a_header_does_not_say_is_nil_where_the_standard_allows_it():
    told = facts(
        header(
            Manufacturer="",
            ManufacturerModelName="UNKNOWN",
            DeviceSerialNumber="not told",
            without=["SoftwareVersions", "TotalPixelMatrixOriginSequence", "ImageOrientationSlide"],
        )
    )
    assert told["scanner_manufacturers_name"] is None
    assert told["manufacturers_model_name"] is None
    assert told["device_serial_number"] is None
    assert told["software_versions"] is None
    assert told["image_origin_in_slide_coordinate_system"] is None
    assert told["image_orientation_in_slide_coordinate_system"] is None


def test_extended_depth_of_field_is_told_in_micrometres():
    """PS3.3 C.8.12.4: both are asked for where Extended Depth of Field is YES."""
    told = facts(
        header(ExtendedDepthOfField="YES", NumberOfFocalPlanes=5, DistanceBetweenFocalPlanes=0.8)
    )
    assert told["extended_depth_of_field"] == {
        "number_of_focal_planes": 5,
        "distance_between_focal_planes": um(0.8),
    }


def profile(maker=bytes(4)) -> bytes:
    """The head of an ICC profile (ICC.1:2010 7.2): signature at 36, device maker at 48."""
    return bytes(36) + b"acsp" + bytes(8) + maker + bytes(100)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, "MISSING"),
        (profile(), "CUSTOM"),
        (profile(b"INVT"), "MANUFACTURE SPECIFIC"),
        (b"no profile at all", "NOT EXTRACTABLE"),
    ],
)
def test_the_colour_profile(data, expected):
    more = {"ICCProfile": data} if data else {}
    told = facts(header(OpticalPathSequence=Sequence([path(**more)])))
    assert told["color_profile"] == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"BurnedInAnnotation": "YES"}, "True"),
        ({"SpecimenLabelInImage": "YES"}, "True"),
        ({"BurnedInAnnotation": ""}, None),
    ],
)
def test_an_identifier_in_any_picture_of_the_slide(given, expected):
    told = facts(header(), header(size=(512, 256), **given))
    assert told.get("biological_being_identifier_present_in_image") == expected


@pytest.mark.parametrize(
    "given",
    [
        {"TotalPixelMatrixOriginSequence": Sequence([Dataset()])},
        {"ImageOrientationSlide": ["0", "-1", "0"]},
        {"OpticalPathSequence": Sequence([])},
        {"SharedFunctionalGroupsSequence": Sequence([Dataset()])},
        {"Manufacturer": "\x00\x07 "},
        {"DistanceBetweenFocalPlanes": float("nan"), "ExtendedDepthOfField": "YES"},
        {"LossyImageCompressionRatio": ["0", "1"]},
        {"BitsStored": None},
    ],
)
def test_a_header_that_says_nonsense_still_tells_the_rest(given):
    told = facts(header(**given))
    assert told["image_shape"] == {"image_width": px(4096), "image_height": px(2048)}
