"""A person as other people see them: who it is, and of which organisation."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel

from bigpicture.model.person import Person


class PersonRef(BaseModel):
    """`id` is empty where the person is no longer known by name."""

    id: str
    display_name: str
    organisation: str

    @classmethod
    def of(cls, person: Person | None, *, otherwise: str = "") -> Self:
        """`otherwise` is the id of one whose account is not there (the node itself, say)."""
        if person is None:
            return cls(id=otherwise, display_name=otherwise, organisation="")
        return cls(id=person.id, display_name=person.display_name, organisation=person.organisation)
