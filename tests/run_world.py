"""A node with slides to run over: tiny, each of its own, in a controlled dataset."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import insert

from bigpicture.access.grant import record_grant
from bigpicture.access.people import add_hashed_person
from bigpicture.analysis.installed import Installed
from bigpicture.analysis.planner import key_slides, read_slides
from bigpicture.analysis.runs import Asked, begin_run
from bigpicture.analysis.stages import stages_of
from bigpicture.dicom.index import build_index
from bigpicture.dicom.read import read_instance
from bigpicture.model.algorithm import Algorithm, Needs, Output, OutputKind, Resources
from bigpicture.model.grant import GrantUse
from bigpicture.model.person import Role
from bigpicture.storage.records import tables as t
from bigpicture.vault.subject import Subject
from bigpicture.worker.run_slide import compute_slide
from published import (
    CONTROLLED,
    OPEN,
    PUBLISHED,
    BytesSource,
    dataset_row,
    insert_samples,
    insert_submission,
    make_level,
)

FOLDER = Path(__file__).parent / "run_algorithms"
BEING = "being 0"

MEAN = Algorithm(
    id="test.mean",
    version="1.0.0",
    title="Mean red",
    licence="MIT",
    entry="of_runs:mean",
    outputs=(
        Output("mean_red", OutputKind.FACET, range=(0.0, 255.0)),
        Output("red", OutputKind.MASK, classes=("red",)),
    ),
    parameters={
        "above": {"type": "integer", "default": 100},
        "seconds": {"type": "number", "default": 0.0},
    },
    resources=Resources(seconds=20.0),
    code="0" * 64,
)
SHARE = Algorithm(
    id="test.share",
    version="1.0.0",
    title="Share of red",
    licence="MIT",
    entry="of_runs:share",
    outputs=(Output("share", OutputKind.FACET, range=(0.0, 1.0)),),
    needs=(Needs("reds", "test.mean", ">=1"),),
    resources=Resources(seconds=20.0),
    code="1" * 64,
)


OPENED = []
"""The stores that a worker of a cluster in this process opens, the last of them."""


def opened():
    return OPENED[-1]


NAMES = (MEAN.id, SHARE.id)


def find(algorithm, version=""):
    """What is installed in these tests."""
    return Installed({each.id: each for each in (MEAN, SHARE)}[algorithm], FOLDER)


def compute(stores, reference):
    """The task of one slide, with the algorithms of these tests: found by name elsewhere, too."""
    compute_slide(stores, reference, find=find)


def add_datasets(stores, *datasets):
    with stores.records.write() as connection:
        for seq, dataset in enumerate(datasets or (OPEN, CONTROLLED), start=1):
            tier = "open" if dataset == OPEN else "controlled"
            connection.execute(insert(t.changes).values(dataset=dataset, kind="published", time=PUBLISHED))  # fmt: skip  # noqa: E501
            row = dataset_row(dataset, tier, seq)
            if dataset not in (OPEN, CONTROLLED):
                row |= {"alias": dataset}
            connection.execute(insert(t.datasets).values(row))
            insert_submission(connection, dataset)
            insert_samples(connection, dataset, None)


def image_at(dataset, number):
    return f"bb-image-{dataset.split('-')[2]}-{number:06d}"


def add_slide(stores, dataset, number, *, pixels=None):
    """A slide of 128 x 64 pixels, one level, its red given by its number; returns its accession."""
    if pixels is None:
        pixels = np.full((64, 128, 3), (number * 7 % 200, 90, 160), np.uint8)
        pixels[:, :64, 0] = 220
    data, _ = make_level(pixels.shape[1], pixels.shape[0], pixels=pixels, is_native=True)
    source = BytesSource(data)
    instance = read_instance(source)
    index = build_index(source, instance).to_bytes()
    subjects = [Subject.being(BEING)]
    kept = [stores.vault.keep([each], owner=dataset, subjects=subjects) for each in (data, index)]
    accession, level = image_at(dataset, number), instance.level
    with stores.records.write() as connection:
        for one in kept:
            stores.vault.settle(connection, one)
        sides = {"columns": level.columns, "rows": level.rows, "mpp_x": 0.25, "mpp_y": 0.25}
        connection.execute(
            insert(t.images).values(
                accession=accession,
                dataset=dataset,
                alias=f"image {number}",
                attributes={},
                slide=f"bb-sample-{dataset.split('-')[2]}-slide0",
                ordinal=number,
                pixels_root=f"{number:064x}",
                **sides,
            )
        )
        connection.execute(
            insert(t.levels).values(
                image=accession,
                level=0,
                tile_columns=64,
                tile_rows=64,
                media_type="application/octet-stream",
                photometric="RGB",
                sop_instance_uid=str(instance.header.SOPInstanceUID),
                object=kept[0].key,
                index_object=kept[1].key,
                transfer_syntax=instance.transfer_syntax,
                **sides,
            )
        )
    return accession


def add_researcher(stores, dataset=CONTROLLED, *, name="rita", uses=(GrantUse.COMPUTE,)):
    """A person who may compute on a dataset; returns the person and the grant."""
    with stores.records.write() as connection:
        person = add_hashed_person(
            connection,
            name=name,
            display_name=name.title(),
            organisation="Invented",
            roles=[Role.RESEARCHER],
            password_hash="none",
            by="node",
        )
    return person, add_grant(stores, person, dataset, uses=uses)


def add_grant(stores, person, dataset, *, uses):
    now = datetime.now(UTC)
    with stores.records.write() as connection:
        return record_grant(
            connection,
            person=person.id,
            dataset=dataset,
            start=now - timedelta(days=1),
            end=now + timedelta(days=30),
            reason="a test",
            by="node",
            uses=frozenset(uses),
        )


def begin(stores, person, images, *, algorithm=MEAN, **parameters):
    """Plan a run of an algorithm over images."""
    stages, _ = stages_of(algorithm, parameters, lambda name, _: find(name).algorithm)
    with stores.records.read() as connection:
        facts = read_slides(connection, images)
    slides = key_slides(facts, stages)
    asked = Asked(title=algorithm.title, stages=tuple(stages))
    with stores.records.write() as connection:
        return begin_run(connection, person.id, asked, slides, now=datetime.now(UTC))
