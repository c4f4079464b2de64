"""A landing page: the world-visible face of a dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bigpicture.model.attribute import find, find_all
from bigpicture.model.data_file import DataFile
from bigpicture.model.entity import Entity, EntityKind, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingPage(Entity):
    """MSMdad 17. Counts and policy are never taken from here: they are generated."""

    kind: ClassVar[EntityKind] = EntityKind.LANDING_PAGE

    dataset: Reference | None
    rems_access_link: str | None = None
    thumbnails: tuple[DataFile, ...] = ()

    @property
    def center_name(self) -> str | None:
        return self._text("center_name")

    @property
    def doi(self) -> str | None:
        return self._text("doi")

    @property
    def year_of_submission(self) -> str | None:
        return self._text("year_of_submission")

    @property
    def keywords(self) -> tuple[str, ...]:
        return self._texts("keywords")

    @property
    def citations(self) -> tuple[str, ...]:
        return self._texts("cite_as")

    @property
    def references(self) -> tuple[str, ...]:
        return self._texts("references")

    @property
    def geographical_areas(self) -> tuple[str, ...]:
        return self._texts("geographical_areas")

    @property
    def changelog(self) -> tuple[tuple[str, str], ...]:
        """Version and what changed, in the contributor's order."""
        entries = [entry for log in find_all(self.stated, "changelog") for entry in log.members]
        return tuple((entry.tag, entry.text or "") for entry in entries)

    def _text(self, tag: str) -> str | None:
        attribute = find(self.stated, tag)
        return attribute.text if attribute else None

    def _texts(self, tag: str) -> tuple[str, ...]:
        """The members of a set, or the attribute itself where it is no set."""
        values = [
            member
            for attribute in find_all(self.stated, tag)
            for member in (attribute.members or (attribute,))
        ]
        return tuple(value.text for value in values if value.text)
