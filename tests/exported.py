"""An export as tests make it: a few images, or many, with terms that are hard to write."""

from __future__ import annotations

from datetime import UTC, datetime

from bigpicture.catalogue.cohort_sight import Hidden
from bigpicture.catalogue.export.export import About, Column, Export, Kind, Source

TERMS = ('Liver, "left"', "Größe µm; x", "=1+1", "two\nlines")
FROZEN = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def image(number):
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    name = "".join(letters[number // 31**at % 31] for at in range(6))
    return f"bb-image-{name}-aaaaaa"


def make_export(count=4, *, is_split=True, is_whole=True):
    """`count` images of two datasets."""
    numbers = range(count)
    columns = [
        Column("accession", Kind.TEXT, "Accession of the image", [image(n) for n in numbers]),
        Column(
            "dataset",
            Kind.TEXT,
            "Its dataset",
            [f"bb-dataset-{'ab'[n % 2] * 6}-x" for n in numbers],
        ),
        Column("being", Kind.TEXTS, "Who", [("1",) if n else ("1", "2") for n in numbers]),
        Column("organ", Kind.TEXTS, "Organ", [(TERMS[n % 4],) if n % 5 else () for n in numbers]),
        Column("mpp", Kind.NUMBER, "µm per pixel", [None if n % 3 == 1 else 0.25 for n in numbers]),
    ]
    if is_split:
        sides = ["train" if n % 4 else "test" for n in numbers]
        columns.insert(3, Column("split", Kind.TEXT, "Part", sides))
    return Export(
        About(
            name="Livers of two",
            notes="For the paper.",
            question="organ:liver",
            version=3,
            frozen=FROZEN,
            digest="0" * 64,
            accession="bb-cohort-aaaaaa-aaaaaa",
            address="https://node.example/cohorts/0",
            table="https://node.example/api/v1/cohorts/0/versions/3/export?form=csv",
            node="Invented node",
            images=f"{count:,}",
            hidden=()
            if is_whole
            else (Hidden("bb-dataset-zzzzzz-zzzzzz", "Closed", "of <5 beings", "<5", False),),
            gone=0,
            sources=tuple(
                Source(
                    accession=f"bb-dataset-{letter * 6}-x",
                    title=f"Set {letter}",
                    version="1.0.0",
                    images=count // 2,
                    address=f"https://node.example/datasets/bb-dataset-{letter * 6}-x",
                    policy={"title": "Terms", "allowed_uses": ["Research Use", "Teaching"]},
                    contact="access@example.org",
                )
                for letter in "ab"
            ),
            split="Split into train 75%, test 25%." if is_split else "",
        ),
        tuple(columns),
    )
