"""Find an installed algorithm by its name and version: those that are shipped."""

from __future__ import annotations

from importlib import import_module

from bigpicture.analysis.builtin import BUILTIN
from bigpicture.analysis.installed import Installed
from bigpicture.model.algorithm import Needs, version_key
from bigpicture.model.errors import UnknownError


def find_installed(algorithm: str, version: str = "") -> Installed:
    """The newest that meets `version` (see `Needs`); raises `UnknownError`."""
    needed = Needs("algorithm", algorithm, version)
    manifests = [import_module(f"bigpicture.analysis.builtin.{name}").MANIFEST for name in BUILTIN]
    found = [each for each in manifests if each.id == algorithm and needed.is_met_by(each.version)]
    if not found:
        raise UnknownError("there is no such algorithm here.", place=f"{algorithm} {version}")
    return Installed(max(found, key=lambda each: version_key(each.version)))
