"""What a child of the fuzzing does with damaged slides: it must be importable there by name."""

from __future__ import annotations

import shutil
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bigpicture.deidentify.needles import needles_of
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.report import judge
from bigpicture.deidentify.rules import allow_list, check_forms
from bigpicture.dicom.open import open_slide
from bigpicture.model.allowance import Action
from bigpicture.model.errors import BigpictureError, SandboxError
from bigpicture.submission.convert import subject_from_pseudonyms
from bigpicture.submission.rewrite import rewrite
from mutation import mutate
from seed_slides import write_files

MOST_FRAMES = 24
"""Read of a level: the first one, and others by chance."""
SLOW = 5.0
CONVERTED_EVERY = 25
_PSEUDONYMS = Pseudonyms(bytes(range(32)))


@dataclass(frozen=True)
class Stock:
    """A seed as the child gets it."""

    name: str
    file: str
    files: dict[str, bytes]
    secrets: tuple[str, ...]


Judged = tuple[int, int, tuple[tuple[int, str], ...]]
"""How many mutants of a batch were read, and refused, and what went wrong with which number.

A plain tuple: the parent believes a child nothing but plain values.
"""


def mutant(stock: tuple[Stock, ...], seed: int, number: int) -> dict[str, bytes]:
    """The files of mutant `number` of the `seed`."""
    random = Random(f"{stock[seed].name}/{number}")
    other = stock[random.randrange(len(stock))]
    return mutate(random, stock[seed].files, other.files)


def judge_batch(
    stock: tuple[Stock, ...], seed: int, numbers: range, folder: Path, diary: Path
) -> Judged:
    """Make, open and read mutants in `folder`; the last number in `diary` is the one under way."""
    read, refused, findings = 0, 0, []
    for number in numbers:
        diary.write_text(str(number))
        home = folder / "slide"
        shutil.rmtree(folder, ignore_errors=True)
        write_files(home, mutant(stock, seed, number))
        start = time.monotonic()
        try:
            exercise(home / stock[seed].file, folder / "out", number)
            read += 1
        except (SandboxError, MemoryError, Exception) as error:  # noqa: BLE001 - that is the test
            refused += 1
            told = complaint(error, stock[seed].secrets)
            findings += [(number, told)] if told else []
        if time.monotonic() - start > SLOW:
            findings.append((number, f"slow: {time.monotonic() - start:.1f} s"))
    return read, refused, tuple(findings)


def complaint(error: BaseException, secrets: tuple[str, ...]) -> str:
    """Why an error is a finding, or nothing."""
    if not isinstance(error, BigpictureError) or isinstance(error, SandboxError):
        frames = traceback.extract_tb(error.__traceback__)
        where = " < ".join(f"{Path(each.filename).name}:{each.lineno}" for each in frames[:-6:-1])
        return f"{type(error).__name__}: {str(error)[:200]} at {where}"
    if any(secret in str(error) for secret in secrets):
        return f"repeats what identifies: {str(error)[:300]}"
    if not error.what or len(str(error)) > 2000:
        return f"says too little or too much: {str(error)[:200]}"
    return ""


def exercise(path: Path, out: Path, number: int) -> None:
    """Open a slide, read what is in it, and judge its fields; convert it now and then."""
    random = Random(number)
    with open_slide(path) as slide:
        check_forms(slide.format, slide.fields)
        judge(slide.format, slide.fields)
        needles_of(slide.format, slide.fields, stem=path.stem, vouched=[], aliases=[])
        rules = allow_list(slide.format)
        kept = {
            each.name: str(each.value)
            for each in slide.fields
            if rules.action(each.name) is Action.KEEP
        }
        slide.scanner(kept)
        slide.channels(kept)
        for level in slide.levels:
            across = -(-level.columns // level.tile_columns)
            count = across * -(-level.rows // level.tile_rows) * level.stack.depth
            rest = random.sample(range(count), min(count, MOST_FRAMES))
            for index in (0, *rest):
                if level.encoding.is_copied:
                    level.frame(index)
                level.pixels(index)
    if number % CONVERTED_EVERY == 0:
        out.mkdir(parents=True, exist_ok=True)
        subject = subject_from_pseudonyms(_PSEUDONYMS, "slide", mpp=0.5)
        rewrite(path, out, subject, progress=lambda done, total: None)
