"""Datasets of many beings without pixels, for what counts and splits: as the records hold them."""

from __future__ import annotations

from sqlalchemy import insert

from bigpicture.storage.records import tables as t
from published import HUMAN, LIVER, LUNG, PUBLISHED, dataset_row

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
KIDNEY = {"code": "64033007", "scheme": "SNOMED CT", "meaning": "Kidney", "scheme_version": "1"}
FINDINGS = (
    ("Adenocarcinoma", "35917007"),
    ("Adenoma", "32048006"),
    ("Fibrosis", "112674009"),
    ("Normal tissue", "17621005"),
)


def named(kind, dataset, number):
    """An accession of a dataset's `number`th thing of a kind."""
    digits = "".join(LETTERS[number // 31**at % 31] for at in range(4))
    return f"bb-{kind}-{dataset.split('-')[2]}-{digits}zz"


def add_dataset(stores, key, *, seq, tier, title, site, beings, images_each, center=""):
    """Publish `beings` with `images_each` images each; the finding goes round with the being."""
    dataset = f"bb-dataset-{key}-{key}"
    row = dataset_row(dataset, tier, seq)
    row |= {"alias": key, "title": title, "landing": {**row["landing"], "center_name": center}}
    with stores.records.write() as connection:
        connection.execute(
            insert(t.changes).values(dataset=dataset, kind="published", time=PUBLISHED)
        )
        connection.execute(insert(t.datasets).values(row))
        stains = [_own(dataset, "staining", at, t.stainings, connection, label=label)
                  for at, label in enumerate(("H&E", "Ki-67"))]  # fmt: skip
        number = 0
        for being in range(beings):
            who = _own(dataset, "sample", 9000 + being, t.beings, connection,
                       sex="Female", species=HUMAN)  # fmt: skip
            specimen = _own(dataset, "sample", 18000 + being, t.specimens, connection,
                            being=who, site=site)  # fmt: skip
            block = _own(dataset, "sample", 27000 + being, t.blocks, connection)
            connection.execute(insert(t.block_specimens).values(block=block, specimen=specimen))
            for _ in range(images_each):
                slide = _own(dataset, "sample", 100_000 + number, t.slides, connection,
                             block=block, staining=stains[number % 2])  # fmt: skip
                image = _own(dataset, "image", number, t.images, connection, slide=slide,
                             ordinal=number, columns=40_000, rows=30_000, mpp_x=0.25, mpp_y=0.25,
                             magnification=40.0)  # fmt: skip
                _find(connection, dataset, image, number, FINDINGS[being % len(FINDINGS)])
                number += 1
    return dataset


def add_three(stores):
    """An open dataset, one under a grant, and a small one under a grant; their accessions."""
    return (
        add_dataset(stores, "kidney", seq=11, tier="open", title="Kidneys of two centers",
                    site=KIDNEY, beings=40, images_each=3, center="Invented General"),
        add_dataset(stores, "hepata", seq=12, tier="controlled", title="Livers, a year long",
                    site=LIVER, beings=14, images_each=4, center="Invented University"),
        add_dataset(stores, "smallz", seq=13, tier="controlled", title="A rare finding of the lung",
                    site=LUNG, beings=3, images_each=2, center="Invented University"),
    )  # fmt: skip


def _own(dataset, kind, number, table, connection, **values):
    accession = named(kind, dataset, number)
    row = {"accession": accession, "dataset": dataset, "alias": f"{table.name} {number}"}
    connection.execute(insert(table).values(**row, attributes={}, **values))
    return accession


def _find(connection, dataset, image, number, finding):
    meaning, code = finding
    connection.execute(
        insert(t.observations).values(
            accession=named("observation", dataset, number),
            dataset=dataset,
            alias=f"finding {number}",
            attributes={},
            kind="Diagnosis",
            status="Distinct",
            on_kind="image",
            on=image,
            codes=[
                {
                    "tag": "diagnosis",
                    "code": code,
                    "scheme": "SNOMED CT",
                    "meaning": meaning,
                    "scheme_version": "1",
                }
            ],
            text=None,
            observers=[],
        )
    )
