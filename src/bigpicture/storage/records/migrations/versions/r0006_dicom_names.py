"""What DICOM calls studies, series and instances, so that a search is a query."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Of what was published before they are null: `bigpicture migrate` reads them afterwards."""
    comment = "DICOM's own names; null: not read yet"
    op.add_column("images", sa.Column("study_uid", sa.String(length=64), comment=comment))
    op.add_column("images", sa.Column("series_uid", sa.String(length=64)))
    told = "of patient, study and series, by DICOM keyword"
    op.add_column("images", sa.Column("searched", sa.JSON(none_as_null=True), comment=told))
    unread = "null: not read yet"
    op.add_column("levels", sa.Column("transfer_syntax", sa.String(length=64), comment=unread))
    told = "of the instance, by DICOM keyword"
    op.add_column("levels", sa.Column("searched", sa.JSON(none_as_null=True), comment=told))
    op.create_index(op.f("ix_images_study_uid"), "images", ["study_uid"])
    op.create_index(op.f("ix_images_series_uid"), "images", ["series_uid"])
    op.create_index(op.f("ix_levels_sop_instance_uid"), "levels", ["sop_instance_uid"])
