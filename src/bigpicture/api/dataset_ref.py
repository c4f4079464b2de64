"""A dataset as other things name it."""

from __future__ import annotations

from pydantic import BaseModel


class DatasetRef(BaseModel):
    accession: str
    title: str
