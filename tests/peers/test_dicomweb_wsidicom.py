"""wsidicom opens slides from the node's DICOMweb door, and shows what their own files show."""

from __future__ import annotations

from itertools import product

import numpy as np
import openslide
import pydicom
import pytest
import requests
from pydicom.uid import UID
from wsidicom import WsiDicom, WsiDicomWebClient

from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.dicom.syntax import HIGH_THROUGHPUT
from places import shared
from published import (
    CONTROLLED,
    add_person,
    grant,
    insert_instances,
    make_stores,
    publish_two,
    served,
)
from slide_making import convert_all
from slides_of_every_format import EVERY_CASE

NUMBER = 5


class Web(WsiDicomWebClient):
    """dicomweb-client gives bytearrays, which pydicom takes for lists of numbers."""

    def get_frames(self, *given):
        return map(bytes, super().get_frames(*given))


class Shut:
    """A node that holds one controlled slide, for whom may see it."""

    def __init__(self, folder, instances):
        self.stores = make_stores(folder / "data")
        publish_two(self.stores)
        insert_instances(self.stores, CONTROLLED, NUMBER, [path.read_bytes() for path in instances])
        ada, self.token = add_person(self.stores, "ada")
        grant(self.stores, ada)

    def served(self):
        return served(build(Node.open(self.stores, start_work=lambda _: None)))

    def open(self, place, header, *syntaxes):
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {self.token}"
        client = Web.create_client(f"http://{place}/dicomweb", auth=session)
        return WsiDicom.open_web(client, UID(header[0]), [UID(header[1])], syntaxes or None)


def named(path):
    header = pydicom.dcmread(path, stop_before_pixels=True)
    return header.StudyInstanceUID, header.SeriesInstanceUID


@pytest.mark.parametrize(
    "name", ["wsi_svs/libvips__CMU-1-Small-Region.svs", "wsi_tiff/openslide__boxes.tiff"]
)
def test_regions_are_those_of_openslide(name, tmp_path):
    convert_all(shared(f"testdata/{name}"), tmp_path / "out")
    instances = sorted((tmp_path / "out").glob("level-*.dcm"))
    shut = Shut(tmp_path, instances)
    with (
        shut.served() as place,
        shut.open(place, named(instances[0])) as slide,
        openslide.OpenSlide(instances[0]) as peer,
    ):
        base = slide.levels[0]
        assert (base.size.width, base.size.height) == peer.dimensions
        assert base.mpp.width == pytest.approx(float(peer.properties["openslide.mpp-x"]))
        size = (min(300, base.size.width), min(200, base.size.height))
        at = ((base.size.width - size[0]) // 2, (base.size.height - size[1]) // 2)
        seen = np.asarray(slide.read_region(at, 0, size).convert("RGB")).astype(int)
        wanted = np.asarray(peer.read_region(at, 0, size).convert("RGB")).astype(int)
        assert np.abs(seen - wanted).max() <= 1
    shut.stores.records.close()


@EVERY_CASE
def test_every_format_is_as_its_own_file(case, converted, tmp_path):
    """Whatever syntax compresses it, and of each focal plane and channel."""
    slide = converted(case)
    instances = [one.path for one in slide.conversion.instances]
    syntax = UID(slide.conversion.instances[0].transfer_syntax)
    if syntax in HIGH_THROUGHPUT:
        pytest.skip("dicomweb-client does not ask for high-throughput JPEG 2000")
    shut = Shut(tmp_path, instances)
    with (
        shut.served() as place,
        shut.open(place, named(instances[0]), syntax) as remote,
        WsiDicom.open(slide.folder) as local,
    ):
        assert [one.level for one in remote.levels] == [one.level for one in local.levels]
        for one in local.levels:
            size = (min(100, one.size.width), min(100, one.size.height))
            for z, path in product(sorted(one.focal_planes), sorted(one.optical_paths)):
                seen, wanted = (
                    np.asarray(each.read_region((0, 0), one.level, size, z=z, path=path))
                    for each in (remote, local)
                )
                assert np.array_equal(seen, wanted)
        assert remote.metadata.patient.identifier == local.metadata.patient.identifier
    shut.stores.records.close()
