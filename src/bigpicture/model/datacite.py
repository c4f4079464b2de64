"""A DataCite record: what a dataset is cited by, once it has a DOI."""

from __future__ import annotations

from dataclasses import dataclass

from bigpicture.model.aside import Aside
from bigpicture.model.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class DataciteRecord:
    """The properties of kernel 4.5 that a dataset states as well; "" where one is absent.

    `prose` are its titles, descriptions and other texts, without the names of creators and
    contributors, which belong there.
    """

    place: Place
    titles: tuple[Aside, ...] = ()
    publisher: Aside | None = None
    year: Aside | None = None
    version: Aside | None = None
    resource_type: str = ""
    prose: tuple[Aside, ...] = ()
