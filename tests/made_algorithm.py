"""A small algorithm as a folder, for the tests of the registry, the doors and the command."""

from __future__ import annotations

import hashlib

from bigpicture.analysis.package import pack_folder

MANIFEST = """
[algorithm]
id = "{id}"
version = "{version}"
title = "Mean grey"
licence = "Apache-2.0"
entry = "grey:run"

[input]
slide = {{ mpp = 4.0 }}

[output]
grey = {{ type = "facet", unit = "1", range = [0, 255] }}
dark = {{ type = "mask", mpp = 8, classes = ["dark"] }}

[parameters]
below = {{ type = "integer", default = 128, minimum = 0, maximum = 255 }}

[resources]
memory = "512 MiB"
timeout = "20 s"
scratch = "4 MiB"

[[weights]]
path = "w.bin"
sha256 = "{sha256}"

[card]
file = "CARD.md"
"""
CODE = """
import numpy as np

from bigpicture.analysis.values import Facet, Mask


def run(slide, *, inputs, parameters, weights):
    assert weights.read_bytes() == b"weights"
    pixels = slide.overview(8.0).mean(axis=2)
    dark = (pixels < parameters["below"]).astype(np.uint8)
    return {
        "grey": Facet(float(pixels.mean()), "1"),
        "dark": Mask(dark, 0, 0, 8.0 / slide.mpp[0], ("dark",)),
    }
"""


def make_algorithm(folder, *, name="org.example.grey", version="1.0.0", code=CODE):
    """Write the folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    sha256 = hashlib.sha256(b"weights").hexdigest()
    (folder / "algorithm.toml").write_text(MANIFEST.format(id=name, version=version, sha256=sha256))
    (folder / "grey.py").write_text(code)
    (folder / "w.bin").write_bytes(b"weights")
    (folder / "CARD.md").write_text("# Mean grey\n\nNot evaluated.\n")
    return folder


def packed_algorithm(folder, **named):
    return pack_folder(make_algorithm(folder, **named))
