"""Results of one image kept at a node as a run keeps them: a value of each kind that is drawn."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import insert

from bigpicture.analysis.encode import encode
from bigpicture.analysis.result_store import Encoded, Source, prepare, settle, subjects_of
from bigpicture.analysis.values import Facet, Geometry, Heatmap, Mask, Shape
from bigpicture.dicom.slide_frame import read_frame
from bigpicture.model.algorithm import Algorithm, Output, OutputKind
from bigpicture.storage.records.run_tables import runs
from bigpicture.viewing.stored import read_stored
from published import CONTROLLED, OPEN, image_name

ALGORITHM = Algorithm(
    id="org.example.all",
    version="1.0.0",
    title="All kinds",
    licence="MIT",
    entry="m:f",
    outputs=(
        Output("tissue", OutputKind.MASK, classes=("tissue", "fold")),
        Output("focus", OutputKind.HEATMAP, unit="um"),
        Output("nuclei", OutputKind.GEOMETRY),
        Output("area", OutputKind.FACET, unit="mm2"),
    ),
)
KEY = {OPEN: "a" * 64, CONTROLLED: "b" * 64}


def values():
    pixels = np.zeros((10, 10), np.uint8)
    pixels[2, 3] = 1  # level-0 pixels 24 to 32 across, 16 to 24 down
    focus = np.linspace(0, 1, 100, dtype=np.float32).reshape(10, 10)
    nuclei = Geometry((Shape("point", np.array([[40.5, 20.25]]), "nucleus", 0.5),))
    return {
        "tissue": Mask(pixels, 0.0, 0.0, 8.0, ("tissue", "fold")),
        "focus": Heatmap(focus, 0.0, 0.0, 8.0, "um", (0.0, 1.0)),
        "nuclei": nuclei,
        "area": Facet(1.5, "mm2"),
    }


def keep_results(stores, dataset, person="node"):
    """As a run keeps them."""
    image, now = image_name(dataset, 0), datetime.now(UTC)
    with stores.records.read() as connection:
        subjects = subjects_of(connection, image)
        base = read_stored(connection, image).at(0)
    frame = read_frame(stores.vault.open(base.source))
    computed = values()
    encoded = {
        name: Encoded(one.media_type, one.data)
        for name, value in computed.items()
        if not isinstance(value, Facet)
        for one in [encode(value, frame=frame, name=name)]
    }
    run = hashlib.sha256(dataset.encode()).hexdigest()[:32]
    source = Source(image, dataset, run)
    kept = prepare(
        stores.vault, KEY[dataset], source, ALGORITHM, computed, encoded, subjects=subjects
    )
    with stores.records.write() as connection:
        connection.execute(insert(runs).values(run_row(run, person, now)))
        assert settle(connection, stores.vault, kept, now=now)


def run_row(run, person, now):
    row = {
        "id": run,
        "person": person,
        "algorithm": ALGORITHM.id,
        "version": ALGORITHM.version,
        "title": ALGORITHM.title,
        "stages": [],
        "cohort": "",
        "images": 1,
        "state": "done",
        "reason": "",
        "deadline": 60.0,
        "created": now,
    }
    return {name: value for name, value in row.items() if name in runs.c}
