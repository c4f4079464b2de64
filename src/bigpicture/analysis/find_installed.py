"""Find an installed algorithm by its name and version: shipped, or plugged in."""

from __future__ import annotations

from bigpicture.analysis.installed import Installed
from bigpicture.analysis.shipped import plugged, shipped
from bigpicture.model.algorithm import Needs, version_key
from bigpicture.model.errors import UnknownError


def find_installed(algorithm: str, version: str = "") -> Installed:
    """The newest that meets `version` (see `Needs`); raises `UnknownError`."""
    needed = Needs("algorithm", algorithm, version)
    found = [
        each
        for each in (*shipped(), *plugged())
        if each.algorithm.id == algorithm and needed.is_met_by(each.algorithm.version)
    ]
    if not found:
        raise UnknownError("there is no such algorithm here.", place=f"{algorithm} {version}")
    return max(found, key=lambda each: version_key(each.algorithm.version))
