"""Descriptions made for elsewhere, invented after the public formats, become manifests."""

from __future__ import annotations

import json

import pytest

from bigpicture.analysis.adapt import import_foreign
from bigpicture.analysis.manifest import read_manifest
from bigpicture.analysis.weights import digest_of
from bigpicture.analysis.write_manifest import write_manifest
from bigpicture.model.algorithm import OutputKind
from bigpicture.model.errors import InputError

EAD = {
    "$schema": "https://developer.empaia.org/schema/ead-app-schema-draft-3.json",
    "name": "Invented island finder",
    "name_short": "Islands",
    "namespace": "org.empaia.invented_lab.island_finder.v2",
    "description": "Finds islands.",
    "classes": {"island": {"name": "Island"}, "other": {"lake": {"name": "L"}}},
    "configuration": {
        "threshold": {"type": "float", "storage": "global", "optional": True},
        "licence_key": {"type": "string", "storage": "secret_global"},
    },
    "inputs": {
        "slide": {"type": "wsi"},
        "roi": {"type": "rectangle", "reference": "inputs.slide"},
        "least_area": {"type": "integer"},
    },
    "outputs": {
        "islandCount": {"type": "integer"},
        "islands": {
            "type": "collection",
            "items": {"type": "polygon", "reference": "inputs.slide"},
        },
        "confidences": {"type": "collection", "items": {"type": "float"}},
        "kinds": {"type": "collection", "items": {"type": "class"}},
    },
}
SLICER = """<?xml version="1.0" encoding="UTF-8"?>
<executable>
  <title>Invented Spot Counter</title>
  <description>Counts spots.</description>
  <version>0.3.0.$Revision$</version>
  <license>Apache 2.0</license>
  <parameters>
    <label>IO</label>
    <image><name>inputImage</name><channel>input</channel></image>
    <image type="label"><name>spotMask</name><channel>output</channel></image>
    <file fileExtensions=".anot" reference="_annotation">
      <name>spotAnnotations</name><channel>output</channel></file>
    <file><name>table</name><channel>output</channel></file>
    <region><name>analysisRoi</name><default>-1,-1,-1,-1</default></region>
  </parameters>
  <parameters>
    <label>Finding</label>
    <double><name>minRadius</name><default>2.5</default>
      <constraints><minimum>0.5</minimum><maximum>50</maximum></constraints></double>
    <boolean><name>isDark</name><default>true</default></boolean>
    <string-enumeration><name>stain</name><default>hematoxylin</default>
      <element>hematoxylin</element><element>dab</element></string-enumeration>
    <float-vector><name>matrix</name><default>1,2,3</default></float-vector>
  </parameters>
</executable>
"""
MONAI = {
    "version": "0.4.1",
    "name": "Invented gland net",
    "task": "glands",
    "description": "Segments glands.",
    "eval_metrics": {"mean_dice": 0.5},
    "network_data_format": {
        "inputs": {
            "image": {
                "type": "image",
                "format": "magnitude",
                "num_channels": 3,
                "spatial_shape": [512, 512],
            }
        },
        "outputs": {
            "pred": {
                "type": "image",
                "format": "labels",
                "num_channels": 3,
                "spatial_shape": [512, 512],
                "value_range": [0, 1],
                "channel_def": {"0": "background", "1": "gland", "2": "lumen"},
            },
            "volume": {"type": "image", "format": "magnitude", "spatial_shape": [8, 8, 8]},
        },
    },
}


def _left(imported):
    return {each.place: each.why for each in imported.left_out}


def _same_again(imported):
    assert read_manifest(write_manifest(imported.algorithm)) == imported.algorithm


def test_an_empaia_app_description(tmp_path):
    (tmp_path / "ead.json").write_text(json.dumps(EAD))
    imported = import_foreign(tmp_path / "ead.json")
    found = imported.algorithm
    assert (found.id, found.version) == ("org.empaia.invented-lab.island-finder", "2.0.0")
    assert [(each.name, each.kind, each.classes) for each in found.outputs] == [
        ("island_count", OutputKind.FACET, ()),
        ("islands", OutputKind.GEOMETRY, ("island", "lake")),
    ]
    assert found.parameters == {
        "least_area": {"type": "integer"},
        "threshold": {"type": "number"},
    }
    assert set(_left(imported)) == {
        "inputs.roi",
        "configuration.licence_key",
        "outputs.confidences",
        "outputs.kinds",
        "licence",
    }
    _same_again(imported)


def test_an_empaia_app_description_of_version_three(tmp_path):
    io = EAD["inputs"] | EAD["outputs"]
    modes = {
        "standalone": {"inputs": ["slide", "roi"], "outputs": ["islands"]},
        "preprocessing": {"inputs": ["slide"], "outputs": ["islandCount"]},
    }
    told = {name: EAD[name] for name in ("name", "namespace", "description")}
    (tmp_path / "ead.json").write_text(json.dumps(told | {"io": io, "modes": modes}))
    imported = import_foreign(tmp_path / "ead.json")
    assert [each.name for each in imported.algorithm.outputs] == ["island_count"]
    assert "modes.standalone" in _left(imported)


def test_a_slicer_module(tmp_path):
    (tmp_path / "Spots.xml").write_text(SLICER)
    imported = import_foreign(tmp_path / "Spots.xml")
    found = imported.algorithm
    assert (found.id, found.version, found.licence) == (
        "slicer.invented-spot-counter",
        "0.3.0",
        "Apache 2.0",
    )
    assert [(each.name, each.kind) for each in found.outputs] == [
        ("spot_mask", OutputKind.MASK),
        ("spot_annotations", OutputKind.GEOMETRY),
    ]
    assert found.parameters == {
        "min_radius": {"type": "number", "default": 2.5, "minimum": 0.5, "maximum": 50.0},
        "is_dark": {"type": "boolean", "default": True},
        "stain": {"type": "string", "default": "hematoxylin", "enum": ["hematoxylin", "dab"]},
    }
    assert {"region analysisRoi", "file table", "float-vector matrix"} <= set(_left(imported))
    _same_again(imported)


def test_a_monai_bundle(tmp_path):
    folder = tmp_path / "gland_net"
    (folder / "configs").mkdir(parents=True)
    (folder / "models").mkdir()
    (folder / "configs" / "metadata.json").write_text(json.dumps(MONAI))
    (folder / "models" / "model.onnx").write_bytes(b"onnx")
    (folder / "models" / "model.pt").write_bytes(b"pickle")
    (folder / "LICENSE").write_text("\nApache License\nVersion 2.0\n")
    imported = import_foreign(folder)
    found = imported.algorithm
    assert (found.id, found.version, found.licence) == (
        "monai.gland-net",
        "0.4.1",
        "Apache License",
    )
    (output,) = found.outputs
    assert (output.name, output.kind, output.classes) == (
        "pred",
        OutputKind.MASK,
        ("gland", "lumen"),
    )
    (weights,) = found.weights
    assert (weights.path, weights.sha256) == (
        "models/model.onnx",
        digest_of(folder / "models" / "model.onnx"),
    )
    assert {"models/model.pt", "eval_metrics", "network_data_format.outputs.volume"} <= set(
        _left(imported)
    )
    _same_again(imported)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", "{"),
        ("a.json", "[]"),
        ("a.json", '{"name": "x"}'),
        ("a.json", json.dumps(EAD | {"outputs": {}})),
        ("a.xml", "<executable>"),
        ("a.xml", "<other/>"),
        ("a.xml", "<executable><title>x</title></executable>"),
        ("a.xml", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><executable>&e;</executable>'),
    ],
)  # fmt: skip
def test_what_is_none_of_them_is_refused(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError):
        import_foreign(tmp_path / name)
