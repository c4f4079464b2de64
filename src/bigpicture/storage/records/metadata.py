"""What every table of the records shares: one MetaData, and the types of columns."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Integer, MetaData

from bigpicture.storage.records.moment import Moment

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BIG = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts only INTEGER by itself
TIME = Moment()
JSON_HELD = JSON(none_as_null=True)  # None is absent, not the JSON word null
