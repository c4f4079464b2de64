"""Tables of a notebook: the same in pandas and Polars, and shown without either."""

from __future__ import annotations

import sys

import pytest

from bigpicture.client.query import Answer, FoundImage
from bigpicture.client.snapshot import Snapshot
from bigpicture.client.table import Table
from bigpicture.client.tables import FoundImages
from bigpicture.model.errors import SettingsError

FOUND = FoundImages(
    tuple(
        FoundImage(
            accession=f"bb-image-{number}",
            dataset="bb-dataset-1",
            alias=f"image {number}",
            organ="Liver",
            stain="H&E",
            species="Human",
            diagnoses=("Adenoma", "Fibrosis?")[:number],
            columns=1000 + number,
            rows=800,
            mpp=(0.25, 0.26),
            magnification=None if number else 40.0,
            age=None if number else 50.0,
        )
        for number in range(3)
    )
)
MIXED = Table({"image": ["a", "b"], "quality": [0.123456, None], "stain": [None, "<H&E>"]})


def test_polars_has_a_row_for_each_image():
    polars = pytest.importorskip("polars")
    table = FOUND.to_polars()
    assert table.shape == (3, 14)
    assert table["accession"].to_list() == [each.accession for each in FOUND]
    assert table["mpp"].to_list() == [0.25] * 3
    assert table["magnification"].to_list() == [40.0, None, None]
    assert table["diagnoses"].to_list() == [[], ["Adenoma"], ["Adenoma", "Fibrosis?"]]
    assert table.schema["columns"] == polars.Int64
    assert table.filter(polars.col("columns") > 1001)["alias"].to_list() == ["image 2"]
    assert MIXED.to_polars().to_dict(as_series=False) == dict(MIXED.columns)


def test_polars_opens_a_snapshot(tmp_path):
    polars = pytest.importorskip("polars")
    polars.DataFrame({"organ": [["Liver"], ["Lung"]]}).write_parquet(tmp_path / "s.parquet")
    opened = Snapshot(tmp_path / "s.parquet", "tag", is_fresh=True).polars()
    liver = opened.filter(polars.col("organ").list.contains("Liver")).collect()
    assert liver["organ"].to_list() == [["Liver"]]


def test_pandas_has_the_same():
    pandas = pytest.importorskip("pandas")
    table = FOUND.to_pandas()
    assert table.shape == (3, 14)
    assert list(table["diagnoses"]) == [[], ["Adenoma"], ["Adenoma", "Fibrosis?"]]
    assert pandas.isna(MIXED.to_pandas()["quality"][1])


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_a_library_that_is_missing_is_named(monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SettingsError, match=f"pip install {name}"):
        getattr(FOUND, f"to_{name}")()


def test_what_is_shown_is_short_and_escaped():
    shown = MIXED._repr_html_()
    assert "<td>0.1235</td>" in shown
    assert "<td></td>" in shown
    assert "&lt;H&amp;E&gt;" in shown
    assert "more" not in shown
    long = Table({"number": list(range(1021))})._repr_html_()
    assert long.count("<tr>") == 21
    assert "… and 1,001 more" in long
    assert len(Table({})) == 0


def test_counts_are_plotted():
    facets = {"stain": (("H&E", 30), ("<PAS>", 15))}
    answer = Answer(45, (), facets, "", (), 0, None, beings=9)
    shown = answer._repr_html_()
    assert "45 images of 9 beings" in shown
    assert ">H&amp;E</text>" in shown
    assert "&lt;PAS&gt;" in shown
    widths = [float(part.split('"')[0]) for part in shown.split(' width="')[1:]][1:]
    assert widths[0] == pytest.approx(2 * widths[1])
