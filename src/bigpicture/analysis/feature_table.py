"""Features of a slide as a Parquet table: a row for each patch, what they are in the metadata."""

from __future__ import annotations

import json
from dataclasses import asdict
from io import BytesIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bigpicture.analysis.values import Features
from bigpicture.model.algorithm import RESEARCH_ONLY
from bigpicture.model.errors import InputError
from bigpicture.model.slide_frame import Maker, SlideFrame

_KEY = b"bigpicture"
_COLUMNS = ("x", "y", "features")
_REFERENCES = ("study_uid", "series_uid", "instance_uid", "frame_of_reference_uid")


def write_features(features: Features, *, frame: SlideFrame, maker: Maker) -> bytes:
    """The file: `x`, `y` (int64, level-0 pixels, the patch's upper left), `features` (float32, d).

    The schema's metadata hold under `bigpicture`, as JSON, `encoder`, `mpp` and `size` of the
    patches, the slide's identifiers, and what made them. Vectors keep all their bits.
    """
    many, dimensions = features.vectors.shape
    flat = pa.array(np.ascontiguousarray(features.vectors).reshape(-1), pa.float32())
    columns = [
        pa.array(np.ascontiguousarray(features.coordinates[:, 0])),
        pa.array(np.ascontiguousarray(features.coordinates[:, 1])),
        pa.FixedSizeListArray.from_arrays(flat, dimensions),
    ]
    told = {
        "encoder": features.encoder,
        "mpp": features.mpp,
        "size": features.size,
        "patches": many,
        "dimensions": dimensions,
        "slide": {name: getattr(frame, name) for name in _REFERENCES},
        "algorithm": {name: value for name, value in asdict(maker).items() if name != "moment"},
        "use": RESEARCH_ONLY,
    }
    table = pa.Table.from_arrays(columns, list(_COLUMNS))
    table = table.replace_schema_metadata({_KEY: json.dumps(told, sort_keys=True).encode()})
    buffer = BytesIO()
    # Floats of an encoder repeat nothing that a dictionary would find.
    pq.write_table(table, buffer, compression="zstd", use_dictionary=False)
    return buffer.getvalue()


def read_features(data: bytes) -> Features:
    """Read such a file; raises `InputError` where it is none."""
    try:
        table = pq.read_table(BytesIO(data))
    except pa.ArrowException as error:
        raise InputError("this is no Parquet file.") from error
    metadata = table.schema.metadata or {}
    if _KEY not in metadata or tuple(table.column_names) != _COLUMNS:
        raise InputError("this Parquet file holds no features.", rule=", ".join(_COLUMNS))
    told = json.loads(metadata[_KEY])
    places = [table[name].to_numpy().astype(np.int64) for name in _COLUMNS[:2]]
    vectors = table["features"].combine_chunks().flatten().to_numpy()
    return Features(
        np.stack(places, axis=1),
        vectors.reshape(len(table), int(told["dimensions"])).astype(np.float32, copy=False),
        float(told["mpp"]),
        int(told["size"]),
        str(told["encoder"]),
    )
