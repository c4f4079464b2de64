"""A folder of slides as a scanner leaves it: invented tissue, invented people in label and tags."""

from __future__ import annotations

from bigpicture.phantom.identity import identity
from bigpicture.phantom.slides import write_svs
from bigpicture.phantom.tissue import Tissue


def scanned(folder, names):
    """Make the folder with `{name}.svs` for each name, small ones; returns it."""
    folder.mkdir()
    for seed, name in enumerate(names, start=1):
        tissue = Tissue(seed=seed, width=900, height=700, organ="colon")
        write_svs(folder / f"{name}.svs", tissue, who=identity(seed))
    return folder
