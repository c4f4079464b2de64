"""A large dataset's metadata checked, beside libxml2 that reads the same documents."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from benchmarks.claim import Claim
from benchmarks.memory import peak_memory
from bigpicture.phantom.datasets import Kind, write_dataset

SLIDES = int(os.environ.get("BENCH_SLIDES", "100000"))
SECONDS, BYTES = 60.0, 500e6
"""What 100,000 slides may take on two cores."""
PER_SLIDE = ("METADATA/sample.xml", "METADATA/image.xml")

_CHECK = """
import sys
from pathlib import Path
from bigpicture.metaflex.submission import read_submission
from bigpicture.standard.check import check
root = Path(sys.argv[1])
study = read_submission({each.relative_to(root).as_posix(): each for each in root.rglob("*.xml")})
print(sum(1 for _ in study.entities), len(check(study)))
"""
_PEER = """
import sys
from pathlib import Path
from lxml import etree
for each in Path(sys.argv[1]).rglob("*.xml"):
    for _, element in etree.iterparse(each, huge_tree=True):
        if element.getparent() is not None and element.getparent().getparent() is None:
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
"""


def claims() -> list[Claim]:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        return list(_measure(Path(name)))


def _measure(folder: Path) -> Iterator[Claim]:
    one = write_dataset(Kind.CLINICAL, folder, slides=1, size=(512, 512), processes=1)
    root = folder / "large"
    _repeat(one, root, SLIDES)
    ours = _seconds(_CHECK, root)
    peer = _seconds(_PEER, root)
    size = sum(each.stat().st_size for each in root.rglob("*.xml"))
    what = f"metadata of {SLIDES:,} slides ({size / 1e6:,.0f} MB of XML)"
    yield Claim.of(
        f"{what} read and checked, against lxml reading",
        ours=ours,
        peer=peer,
        unit="s",
        target=peer / (SECONDS * SLIDES / 100_000),
        more_is_better=False,
    )
    yield Claim.of(
        f"{what}: largest memory, against {BYTES / 1e6:.0f} MB",
        ours=peak_memory([sys.executable, "-c", _CHECK, root]) / 1e6,
        peer=BYTES / 1e6,
        unit="MB",
        target=1.0,
        more_is_better=False,
    )


def _seconds(program: str, root: Path) -> float:
    start = perf_counter()
    subprocess.run([sys.executable, "-c", program, str(root)], check=True)
    return perf_counter() - start


def _repeat(one: Path, root: Path, times: int) -> None:
    """The documents of a dataset of one slide, its objects again and again under other aliases."""
    for place in one.rglob("*.xml"):
        name = place.relative_to(one).as_posix()
        out = root / name
        out.parent.mkdir(parents=True, exist_ok=True)
        text = place.read_text(encoding="utf-8")
        if name.endswith("dataset.xml"):
            text = re.sub(r'( *<IMAGE_REF alias=")([^"]*)("/>\n)', lambda m: _rows(m, times), text)
        if name not in PER_SLIDE:
            out.write_text(text, encoding="utf-8")
            continue
        found = re.fullmatch(r"(.*?<\w+_SET[^>]*>)(.*)(\n</\w+_SET>\n)", text, re.DOTALL)
        assert found is not None
        with out.open("w", encoding="utf-8") as stream:
            stream.write(found[1])
            for number in range(times):
                stream.write(_renamed(found[2], number))
            stream.write(found[3])


def _rows(found: re.Match[str], times: int) -> str:
    first, alias, last = found.groups()
    return "".join(f"{first}{alias}-{number}{last}" for number in range(times))


def _renamed(text: str, number: int) -> str:
    """The same objects under aliases of their own; a staining is one for all, as are shapes not."""
    text = re.sub(
        r'(<STAINING_INFORMATION_REF )?(alias=")([^"]*)"',
        lambda m: m[0] if m[1] else f'{m[2]}{m[3]}-{number}"',
        text,
    )
    text = re.sub(r'filename="IMAGES/([^"/]*)', rf'filename="IMAGES/\1-{number}', text)
    return text.replace("<VALUE>512</VALUE>", f"<VALUE>{50_000 + number % 9_973}</VALUE>")
