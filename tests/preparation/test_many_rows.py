"""Two hundred thousand rows, read and understood in bounded memory."""

from __future__ import annotations

import subprocess
import sys

import pytest
import xlsxwriter

ROWS = 200_000
MEGABYTES = 1500
HEADINGS = ("File", "Slide", "Block", "Being", "Sex", "Age", "Organ", "Stain", "Diagnosis")
MEASURE = """
import resource, sys
from pathlib import Path
from bigpicture.preparation.read import read_tables
from bigpicture.preparation.understand import understand
understood = understand(read_tables(Path(sys.argv[1])))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(len(understood.plan.images), len(understood.findings), peak)
"""


def row(number):
    code = "SNOMED CT:408645001 Adenocarcinoma of colon"
    being = number // 10
    return (f"{number}.svs", f"S{number}", f"B{number // 2}", f"P{being}", "m", "57", "Kolon", "HE",
            code)  # fmt: skip


def written(folder, ending):
    place = folder / f"slides.{ending}"
    if ending == "csv":
        lines = [",".join(HEADINGS), *(",".join(row(number)) for number in range(ROWS))]
        place.write_text("\n".join(lines))
        return place
    with xlsxwriter.Workbook(place, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("slides")
        sheet.write_row(0, 0, HEADINGS)
        for number in range(ROWS):
            sheet.write_row(number + 1, 0, row(number))
    return place


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.skipif(sys.platform == "win32", reason="the platform does not tell its peak of memory")
def test_200_000_rows_are_understood_in_bounded_memory(tmp_path, ending):
    told = subprocess.run(
        [sys.executable, "-c", MEASURE, str(written(tmp_path, ending))],
        capture_output=True,
        text=True,
        check=True,
    )
    images, findings, peak = map(int, told.stdout.split())
    assert images == ROWS
    assert findings < 100
    assert peak < MEGABYTES
