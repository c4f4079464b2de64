"""What is seen about people in texts: recall, precision and time. `python -m benchmarks.people`.

Over the invented texts of the tests, and over clinical, toxicological and technical texts of the
shared folder beside the checkout, in which there are no patients' names.
"""

from __future__ import annotations

import csv
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bigpicture.standard.people.look import look

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
RULES = {"name": "BP-name", "birth": "BP-birth-date", "number": "BP-national-number",
         "contact": "BP-contact", "age": "BP-age"}  # fmt: skip


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


def corpora() -> Iterator[tuple[str, set[str]]]:
    data = SHARED / "testdata/metadata"
    tables = [
        csv.reader(each.open(encoding="utf-8"), delimiter="\t") for each in data.glob("gdc/*.tsv")
    ]
    cells = {cell for table in tables for row in table for cell in row}
    for each in [*data.glob("gdc/*.json"), *data.glob("slidetap/*.json")]:
        cells.update(strings(json.loads(each.read_text(encoding="utf-8"))))
    yield "clinical (GDC, SlideTap)", cells
    lines = {line.strip() for each in data.glob("openslide_cases/*.yaml")
             for line in each.read_text(encoding="utf-8").splitlines()}  # fmt: skip
    yield "scanners (OpenSlide cases)", lines
    cells = set()
    for each in data.glob("send_*/*.xpt"):
        text = each.read_bytes().decode("latin-1")
        cells.update(cell.strip() for cell in re.split(r"\s{2,}|[\x00-\x1f]+", text))
    yield "toxicology (SEND)", {cell for cell in cells if len(cell) > 3}
    examples = [*(SHARED / "reference/metaflex").rglob("*.xml"), *data.glob("bp_xml/*.xml")]
    texts: set[str] = set()
    for each in examples:
        if each.name != "datacite.xml":
            texts.update(re.findall(r">([^<>]+)<", each.read_text(encoding="utf-8")))
    yield "example submissions", {each.strip() for each in texts if each.strip()}


def main() -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    from people_texts import INNOCENT, MISSED, TELLING

    asked, seen = Counter(), Counter()
    for _, kind, text, stretch in TELLING:
        asked[kind] += 1
        seen[kind] += any(
            each.kind == RULES[kind] and (stretch in each.of(text) or each.of(text) in stretch)
            for each in look(text)
        )
    asked.update(kind for kind, _ in MISSED)
    languages = len({each[0].partition("-")[0] for each in TELLING})
    print(f"invented texts that tell, in {languages} languages, with those known to be missed")
    for kind, count in asked.items():
        print(f"  {kind:8} {seen[kind]:3} of {count:3} seen")
    wrong = sum(bool(look(each)) for each in INNOCENT)
    print(f"invented texts that tell of nobody: {wrong} of {len(INNOCENT)} taken for somebody")
    for name, texts in corpora():
        begun = time.process_time()
        found = [(each, text) for text in texts for each in look(text)]
        spent = (time.process_time() - begun) / max(len(texts), 1)
        by_kind = dict(Counter(each.kind.value for each, _ in found))
        sure = sum(each.is_sure for each, _ in found)
        told = f"{len(found)} sightings, {sure} sure {by_kind or ''}"
        print(f"{name}: {len(texts)} texts, {told}, {spent * 1e6:.0f} µs a text")
    labels = [
        f"IMAGES/IMAGE_ab-{each:06d}/level-{each * 7919 % 100003}.dcm" for each in range(20_000)
    ]
    begun = time.process_time()
    found = [label for label in labels if look(label, is_label=True)]
    spent = (time.process_time() - begun) / len(labels)
    print(f"names of files: {len(labels)}, {len(found)} sightings, {spent * 1e6:.0f} µs a name")


if __name__ == "__main__":
    main()
