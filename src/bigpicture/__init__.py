"""A repository for whole-slide images of pathology: submit, govern, find, view, compute."""

from importlib.metadata import version as _version

__version__ = _version("bigpicture")
