"""What cohorts need to know of every published dataset: its name, its terms, when it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from bigpicture.model.standing import Standing
from bigpicture.model.use_policy_json import USE
from bigpicture.storage.records.tables import datasets


@dataclass(frozen=True, slots=True)
class KnownDataset:
    """`policy` and `landing` as its contributor gave them, without what is only matched."""

    accession: str
    title: str
    version: str
    published: datetime
    policy: Mapping[str, object]
    landing: Mapping[str, object]
    is_withdrawn: bool = False

    @property
    def center(self) -> str:
        """Who made the slides; empty where that is not said."""
        return str(self.landing.get("center_name") or "").strip()

    @property
    def contact(self) -> str:
        return str(self.landing.get("contact_email") or "")


def read_datasets(connection: Connection) -> dict[str, KnownDataset]:
    """Every dataset that was published, by its accession."""
    names = ("accession", "title", "version", "published", "policy", "landing")
    is_withdrawn = (datasets.c.standing == Standing.WITHDRAWN).label("is_withdrawn")
    asked = select(*(datasets.c[name] for name in names), is_withdrawn)
    rows = connection.execute(asked).mappings()
    return {row["accession"]: _known(row) for row in rows}


def _known(row: RowMapping) -> KnownDataset:
    whole = KnownDataset(**row)
    return replace(whole, policy={name: said for name, said in whole.policy.items() if name != USE})
