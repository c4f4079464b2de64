"""A repository for whole-slide images of pathology: submit, govern, find, view, compute."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version as _version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bigpicture.analysis.mil.train import train as train
    from bigpicture.client.bags import bags as bags
    from bigpicture.client.cohort import cohort as cohort
    from bigpicture.client.connect import connect as connect
    from bigpicture.client.duplicates import find_duplicates as find_duplicates
    from bigpicture.client.patches import patches as patches
    from bigpicture.client.query import query as query
    from bigpicture.client.run import job as job
    from bigpicture.client.run import run as run
    from bigpicture.client.slide import slide as slide
    from bigpicture.client.snapshot import snapshot as snapshot

__version__ = _version("bigpicture")

_HOMES = {
    "bags": "bigpicture.client.bags",
    "cohort": "bigpicture.client.cohort",
    "connect": "bigpicture.client.connect",
    "find_duplicates": "bigpicture.client.duplicates",
    "job": "bigpicture.client.run",
    "patches": "bigpicture.client.patches",
    "query": "bigpicture.client.query",
    "run": "bigpicture.client.run",
    "slide": "bigpicture.client.slide",
    "snapshot": "bigpicture.client.snapshot",
    "train": "bigpicture.analysis.mil.train",
}
"""What researchers call by the package's own name, loaded when it is first asked for."""


def __getattr__(name: str) -> object:
    if name in _HOMES:
        try:
            return getattr(import_module(_HOMES[name]), name)
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("bigpicture"):
                raise
            extra = "ai" if error.name == "torch" else "slides"
            told = f"{name} needs the library {error.name}: pip install 'bigpicture[{extra}]'"
            raise ModuleNotFoundError(told, name=error.name) from error
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
