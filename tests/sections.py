"""A node over invented sections that was was told of, and that computes runs on them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass

import cv2
from sqlalchemy import insert

from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.phantom.artefacts import Kind
from bigpicture.phantom.slides import write_tiff
from bigpicture.phantom.tissue import Tissue
from bigpicture.storage.records import tables as t
from bigpicture.worker.pool import PoolExecutor
from bigpicture.worker.run_cohort import RunCohorts
from published import (
    CONTROLLED,
    LIVER,
    LUNG,
    OPEN,
    PUBLISHED,
    add_person,
    dataset_row,
    grant,
    image_name,
    insert_annotation,
    insert_instances,
    insert_observations,
    insert_samples,
    insert_submission,
    make_stores,
    served,
)
from slide_making import convert_all

SIDE = 2048
MPP = 0.5
BLURRED_PIXELS = 5.0
PENNED, BLURRED = image_name(OPEN, 1), image_name(CONTROLLED, 0)


@dataclass(frozen=True)
class OutOfFocus(Tissue):
    """Tissue that the scanner did not focus on."""

    def block(self, column, row):
        return cv2.GaussianBlur(super().block(column, row), (0, 0), BLURRED_PIXELS)


SLIDES = {
    (OPEN, 0): Tissue(seed=3, width=SIDE, height=SIDE, mpp=MPP),
    (OPEN, 1): Tissue(seed=4, width=SIDE, height=SIDE, mpp=MPP, kinds=(Kind.PEN,)),
    (CONTROLLED, 0): OutOfFocus(seed=5, width=SIDE, height=SIDE, mpp=MPP),
}
"""The section that each image shows, by dataset and number."""


def add_sections(stores, folder):
    with stores.records.write() as connection:
        for seq, (dataset, site) in enumerate(((OPEN, LIVER), (CONTROLLED, LUNG)), start=1):
            tier = "open" if dataset == OPEN else "controlled"
            connection.execute(insert(t.changes).values(dataset=dataset, kind="published", time=PUBLISHED))  # fmt: skip  # noqa: E501
            connection.execute(insert(t.datasets).values(dataset_row(dataset, tier, seq)))
            insert_submission(connection, dataset)
            insert_samples(connection, dataset, site)
    for (dataset, number), tissue in SLIDES.items():
        name = f"{dataset}-{number}"
        write_tiff(folder / f"{name}.tiff", tissue)
        convert_all(folder / f"{name}.tiff", folder / name)
        levels = [each.read_bytes() for each in sorted((folder / name).glob("level-*.dcm"))]
        insert_instances(stores, dataset, number, levels)
    with stores.records.write() as connection:
        for dataset in (OPEN, CONTROLLED):
            insert_observations(connection, dataset)


@contextmanager
def sections(folder):
    """The stores, the address of the node, and a token of somebody with every use of both sets."""
    stores = make_stores(folder / "data")
    add_sections(stores, folder)
    insert_annotation(stores, CONTROLLED, BLURRED)
    person, token = add_person(stores, "rita", "researcher")
    grant(stores, person)
    executor = PoolExecutor(stores, jobs=2)
    cohorts = RunCohorts(stores, executor, owner="0")
    cohorts.start()
    try:
        with served(build(Node.open(stores, start_work=lambda _: None))) as place:
            yield stores, f"http://{place}", token
    finally:
        cohorts.stop()
        executor.close()
        stores.records.close()
