"""The manifest at the door: what it says, what breaks a rule and where, and that it is lossless."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bigpicture.analysis.folder import open_folder
from bigpicture.analysis.manifest import read_manifest
from bigpicture.analysis.write_manifest import write_manifest
from bigpicture.model.algorithm import Needs, Output, OutputKind, Resources
from bigpicture.model.errors import InputError
from made_algorithm import make_algorithm

WHOLE = """
[algorithm]
id = "org.example.focus"
version = "1.2.0"
title = "Focus \\"map\\""
licence = "Apache-2.0"
description = "How sharp it is, in µm."
entry = "focus:run"
[input]
slide = { mpp = [0.2, 1.0], stains = ["HE", "IHC"] }
tissue = { result = "core.tissue@>=1" }
[output]
map = { type = "heatmap", mpp = 8, unit = "1", range = [0, 10] }
focus_p10 = { type = "facet", unit = "1", range = [0, 10] }
[parameters]
sigma = { type = "number", default = 1.5, minimum = 0.1 }
[resources]
cpu = 2
memory = "3 GiB"
timeout = "2 min"
scratch = "8 MiB"
"""


def test_a_manifest_says_what_the_algorithm_is():
    found = read_manifest(WHOLE)
    assert (found.id, found.version, found.entry) == ("org.example.focus", "1.2.0", "focus:run")
    assert found.mpp == (0.2, 1.0)
    assert found.stains == ("HE", "IHC")
    assert found.needs == (Needs("tissue", "core.tissue", ">=1"),)
    assert found.outputs[0] == Output("map", OutputKind.HEATMAP, "1", 8.0, (0, 10))
    assert found.defaults() == {"sigma": 1.5}
    assert found.resources == Resources(2, 3 << 30, 120.0, 1, 8 << 20)


def test_a_single_scale_takes_every_slide_that_is_as_fine():
    found = read_manifest(WHOLE.replace("[0.2, 1.0]", "1.0"))
    assert found.mpp is not None
    assert found.mpp[0] == 0
    assert found.mpp[1] == pytest.approx(1.01)


def test_what_is_written_reads_the_same_again():
    found = read_manifest(WHOLE)
    assert read_manifest(write_manifest(found)) == found
    odd = replace(found, title='Weird "title" \\ with\ttabs and \x7f', mpp=None, stains=())
    assert read_manifest(write_manifest(odd)) == odd


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('version = "1.2.0"', "version = 1", "algorithm.version"),
        ('version = "1.2.0"', 'version = "1.2"', "version"),
        ('entry = "focus:run"', 'entry = "focus.py"', "algorithm.entry"),
        ('entry = "focus:run"', 'image = "node.example/focus:latest"', "algorithm.image"),
        ('type = "facet"', 'type = "number"', "output.focus_p10.type"),
        ("cpu = 2", "gpu = 1", "resources.gpu"),
        ("cpu = 2", "network = true", "resources.network"),
        ('memory = "3 GiB"', 'memory = "lots"', "resources.memory"),
        ("default = 1.5", "default = 0.0", "parameters.sigma.default"),
        ("default = 1.5", 'default = "1"', "parameters.sigma.default"),
        ('result = "core.tissue@>=1"', 'result = "core.tissue@>1"', "tissue"),
        ("mpp = [0.2, 1.0]", "mpp = [1.0, 0.2]", "input.slide.mpp"),
        ("[parameters]", "[parameter]", "parameter"),
        ("[algorithm]", "[algorithm", "algorithm.toml"),
    ],
)
def test_what_breaks_a_rule_is_told_by_its_field(old, new, place):
    with pytest.raises(InputError) as caught:
        read_manifest(WHOLE.replace(old, new))
    assert place in caught.value.place


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../w.bin", "a/../../w.bin", "a\\w.bin", "C:w.bin", "a/./../b", ""]
)
def test_weights_and_card_stay_inside_the_folder(path):
    digest = "0" * 64
    for more in (
        f"[[weights]]\npath = {path!r}\nsha256 = '{digest}'",
        f"[card]\nfile = {path!r}",
    ):
        with pytest.raises(InputError):
            read_manifest(WHOLE + more)


def test_a_folder_is_known_by_all_its_files(tmp_path):
    first = open_folder(make_algorithm(tmp_path / "a")).algorithm
    assert open_folder(make_algorithm(tmp_path / "b")).algorithm.digest == first.digest
    (tmp_path / "b" / "__pycache__").mkdir()
    (tmp_path / "b" / "__pycache__" / "grey.pyc").write_bytes(b"x")
    assert open_folder(tmp_path / "b").algorithm.digest == first.digest
    (tmp_path / "b" / "more.py").write_text("x = 1")
    assert open_folder(tmp_path / "b").algorithm.digest != first.digest


def test_links_and_missing_files_are_refused(tmp_path):
    folder = make_algorithm(tmp_path / "a")
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(InputError, match="link"):
        open_folder(folder)
    (folder / "link").unlink()
    (folder / "grey.py").unlink()
    with pytest.raises(InputError, match="module"):
        open_folder(folder)
    (folder / "algorithm.toml").unlink()
    with pytest.raises(InputError, match="manifest"):
        open_folder(folder)
