"""Counts which paths an export has, and how often each is filled; never what stands there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bigpicture.model.attribute import Json
from bigpicture.preparation.sources.export import fhir_members, files_of, members_of
from bigpicture.preparation.sources.fhir import resources_in
from bigpicture.preparation.sources.json_path import dicts, texts
from bigpicture.preparation.sources.mapping import Source

_MOST_KEYS = 60
"""Names of one object; beyond, the names are data themselves: an object by patient number."""
_LIKE_DATA = re.compile(r".*\d{3}|.*[^\w$@.-]|.{40}", re.DOTALL)
_OFTEN = 5
_CODE = re.compile(r"[\w.^-]{1,40}")


@dataclass(slots=True)
class Survey:
    """Members of each list or resource type, and how many of them fill each path."""

    lists: Counter[str] = field(default_factory=Counter[str])
    paths: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    codes: Counter[str] = field(default_factory=Counter[str])

    def add(self, name: str, value: Json) -> None:
        self.lists[name] += 1
        self.paths.setdefault(name, Counter()).update(set(_paths(value, "")))

    @property
    def specimen_codes(self) -> list[tuple[str, int]]:
        """Codes of what specimens are, if they occur often enough to tell of no one."""
        return [(code, count) for code, count in self.codes.most_common() if count >= _OFTEN]


def survey(export: Path, source: Source) -> Survey:
    """Read an export and count; raises `InputError` where a file cannot be read."""
    result = Survey()
    for file in files_of(export):
        if source is Source.LIS:
            for member in members_of(file, None):
                result.add(member.path, member.value)
            continue
        for member in fhir_members(file):
            for resource in resources_in(member):
                result.add(resource.kind, resource.body)
                if resource.kind == "Specimen":
                    result.codes.update(_codes(resource.body))
    return result


def _paths(value: Json, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _paths(each, f"{path}[]")
    elif isinstance(value, dict):
        names_are_data = _names_are_data(value)
        for key, each in value.items():
            step = "*" if names_are_data else key
            yield from _paths(each, f"{path}.{step}" if path else step)
    elif value not in (None, ""):
        yield path or "@"


def _names_are_data(value: dict[str, Json]) -> bool:
    """An object whose names are patients' numbers or names: many, odd, or all of one shape."""
    shapes = {frozenset(each) if isinstance(each, dict) else None for each in value.values()}
    alike = len(value) > 1 and len(shapes) == 1 and None not in shapes
    return len(value) > _MOST_KEYS or alike or any(_LIKE_DATA.match(key) for key in value)


def _codes(specimen: dict[str, Json]) -> set[str]:
    concepts = [specimen.get("type")]
    concepts += [each.get("type") for each in dicts(specimen.get("container"))]
    for step in dicts(specimen.get("processing")):
        concepts += [step.get("procedure"), step.get("method")]
    return {
        f"{coding.get('system', '')}|{code}"
        for concept in concepts
        for each in dicts(concept)
        for coding in dicts(each.get("coding"))
        for code in texts(coding.get("code"))
        if _CODE.fullmatch(code)
    }
