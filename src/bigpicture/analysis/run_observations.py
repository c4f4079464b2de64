"""The observations of a run in MetaFleX: what its algorithms state of each image, by dataset."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from bigpicture.analysis.observations import observation_of, observer_of
from bigpicture.analysis.registry import find_registered
from bigpicture.analysis.result_store import ResultRow, find_results
from bigpicture.analysis.values import Measurement, Measurements, Value
from bigpicture.dicom.structured_report import read_report
from bigpicture.metaflex.compose import element_of
from bigpicture.metaflex.schema import schema_of
from bigpicture.metaflex.write import write_container
from bigpicture.model.algorithm import Algorithm, OutputKind
from bigpicture.model.entity import Entity
from bigpicture.model.identifiers import Accession
from bigpicture.model.observation import Observation
from bigpicture.model.observer import Observer
from bigpicture.model.run import Run
from bigpicture.storage.records.run_tables import run_slides
from bigpicture.storage.records.tables import images
from bigpicture.vault.vault import Vault

_RELEASE = "2.0.0"
_STATING = frozenset({OutputKind.FACET, OutputKind.MEASUREMENTS})


@dataclass(frozen=True, slots=True)
class StatedRow:
    """The results of one image that state something; `alias` is the image's in its dataset."""

    image: str
    alias: str
    dataset: str
    key: str
    rows: tuple[ResultRow, ...]


def stated_rows(connection: Connection, run: Run) -> list[StatedRow]:
    """Facets and measurements of each image of a run, in its order."""
    c = run_slides.c
    asked = (
        select(c.image, images.c.alias, c.dataset, c.key)
        .join(images, images.c.accession == c.image)
        .where(c.run == run.id)
        .order_by(c.ordinal)
    )
    found: list[StatedRow] = []
    for image, alias, dataset, key in connection.execute(asked):
        rows = tuple(row for row in find_results(connection, key, image) if row.kind in _STATING)
        if rows:
            found.append(StatedRow(image, alias, dataset, key, rows))
    return found


def observations_zip(
    connection: Connection, vault: Vault, run: Run, stated: Iterable[StatedRow], *, address: str
) -> bytes:
    """A folder for each dataset, with `METADATA/observation.xml` and `METADATA/observer.xml`.

    Each observation is a finding of a machine, with the run and the result's key among its remarks:
    whoever takes it into a dataset takes it as a candidate until a person states it. Raises
    `ErasedError` where a result was erased.
    """
    algorithm = find_registered(run.algorithm, run.version, connection=connection).algorithm
    by_dataset: dict[str, list[Observation]] = {}
    for each in stated:
        made = observation_of(
            {row.output: _value(vault, row) for row in each.rows},
            algorithm=algorithm,
            image=each.alias,
            accession=Accession(each.image),
            key=each.key,
            run=f"{address.rstrip('/')}/api/v1/runs/{run.id}",
        )
        if made is not None:
            by_dataset.setdefault(each.dataset, []).append(made)
    moment = run.created.timetuple()[:6]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in _files(by_dataset, algorithm):
            packed.writestr(zipfile.ZipInfo(name, moment), body)
    return out.getvalue()


def _files(
    by_dataset: Mapping[str, list[Observation]], algorithm: Algorithm
) -> Iterator[tuple[str, bytes]]:
    observer: Observer = observer_of(algorithm)
    for dataset, observations in by_dataset.items():
        for members in (observations, [observer]):
            yield _document(dataset, members)


def _document(dataset: str, members: Iterable[Entity]) -> tuple[str, bytes]:
    schema, listed = schema_of(_RELEASE), list(members)
    form = schema.of(listed[0].kind)
    elements = (element_of(each, schema, release=_RELEASE) for each in listed)
    return f"{dataset}/{form.file}", write_container(form.file, form.container, elements)


def _value(vault: Vault, row: ResultRow) -> Value:
    if row.facet is not None:
        return row.facet
    told = read_report(vault.read(str(row.object)))
    return Measurements(
        tuple(
            Measurement(each.name, each.value, each.unit)
            for each in told
            if not isinstance(each.value, str)
        )
    )
