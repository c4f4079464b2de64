"""A campaign of damaged slides: `python tests/fuzz.py SECONDS [FORMAT...]`, each in a child.

A mutant is named by its seed and a number, `python tests/fuzz.py --again SEED NUMBER` makes it
once more and reads it here, with the whole traceback.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bigpicture.model.errors import SandboxError
from bigpicture.sandbox.run import Limits, Reach, Sandbox
from fuzz_tasks import Judged, Stock, exercise, judge_batch, mutant
from seed_slides import SEEDS, Seed, seeds, write_files

BATCH = 100
ALONE = Limits(memory_bytes=1 << 30, seconds=20)
TOGETHER = Limits(memory_bytes=1 << 30, seconds=120)
PRELOAD = ("fuzz_tasks", "bigpicture.submission.convert", "cv2", "imagecodecs", "tifffile")


@dataclass(frozen=True)
class Finding:
    seed: str
    number: int
    told: str

    def __str__(self) -> str:
        return f"{self.seed}/{self.number}: {self.told}"


@dataclass
class Campaign:
    """Mutants run, read and refused by format, and the findings."""

    stock: tuple[Stock, ...]
    formats: tuple[str, ...]
    sandbox: Sandbox
    folder: Path
    tell: Callable[[str], None] = print
    read: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def run(self, seed: int, numbers: range) -> None:
        """Judge some mutants of a seed; one that ends its child is passed over and judged alone."""
        while numbers:
            diary = self.folder / "diary"
            try:
                judged = self._child(seed, numbers, diary, TOGETHER)
            except SandboxError:
                culprit = int(diary.read_text())
                if culprit > numbers.start:
                    self._take(seed, self._child(seed, range(numbers.start, culprit), diary))
                self._alone(seed, culprit)
                numbers = range(culprit + 1, numbers.stop)
                continue
            suspects = self._take(seed, judged)
            for number in suspects:
                self._alone(seed, number)
            return

    def _child(self, seed: int, numbers: range, diary: Path, limits: Limits = TOGETHER) -> Judged:
        place = self.folder / "mutant"
        task = (self.stock, seed, numbers, place, diary)
        reach = Reach(writable=(self.folder,))
        return self.sandbox.run(judge_batch, *task, limits=limits, reach=reach).value

    def _take(self, seed: int, judged: Judged) -> list[int]:
        """Count a batch; returns those to be judged again alone, for what came before them."""
        told = self.formats[seed]
        read, refused, findings = judged
        self.read[told] += read
        self.refused[told] += refused
        return sorted({number for number, _ in findings})

    def _alone(self, seed: int, number: int) -> None:
        diary = self.folder / "diary-alone"
        try:
            judged = self._child(seed, range(number, number + 1), diary, ALONE)
            told = [text for _, text in judged[2]]
        except SandboxError as error:
            self.refused[self.formats[seed]] += 1
            told = [error.what]
        for text in told:
            self.findings.append(Finding(self.stock[seed].name, number, text))
            self.tell(f"FOUND {self.findings[-1]}")


def load(chosen: list[Seed]) -> tuple[Stock, ...]:
    """Write the seeds once and read their bytes."""
    made = []
    for seed in chosen:
        with tempfile.TemporaryDirectory() as folder:
            files = seed.files(Path(folder))
        made.append(Stock(seed.name, seed.file, files, seed.secrets))
    return tuple(made)


def campaign(
    seconds: float, formats: tuple[str, ...] = (), *, first: int = 0, tell=print
) -> Campaign:
    """Fuzz all formats, or some, seed after seed, until the time is over."""
    chosen = seeds()
    folder = Path(tempfile.mkdtemp(prefix="fuzz-", dir=_memory()))
    end, at = time.monotonic() + seconds, first
    try:
        with Sandbox(preload=PRELOAD) as sandbox:
            made = Campaign(
                load(chosen), tuple(each.format for each in chosen), sandbox, folder, tell
            )
            while time.monotonic() < end:
                for seed, each in enumerate(chosen):
                    if time.monotonic() < end and (not formats or each.format in formats):
                        made.run(seed, range(at, at + BATCH))
                at += BATCH
                tell(f"{at}: {dict(made.read + made.refused)}, {len(made.findings)} findings")
            return made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def again(name: str, number: int) -> None:
    """Make a mutant once more, keep its files, and read it in this process.

    The stock must be the whole one, for a mutant may have pieces of any other seed.
    """
    stock = load(seeds())
    index = next(place for place, each in enumerate(stock) if each.name == name)
    folder = Path(tempfile.mkdtemp(prefix="mutant-"))
    write_files(folder / "slide", mutant(stock, index, number))
    sys.stdout.write(f"{folder / 'slide' / stock[index].file}\n")
    exercise(folder / "slide" / stock[index].file, folder / "out", number)


def _memory() -> str | None:
    """Where files cost no disk, if there is such a place."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--again"]:
        again(arguments[1], int(arguments[2]))
        return 0
    known = {seed.format for seed in SEEDS}
    numbers = [each for each in arguments if each not in known]
    formats = tuple(each for each in arguments if each in known)
    first = int(numbers[1]) if len(numbers) > 1 else 0
    made = campaign(float(numbers[0]), formats, first=first)
    lines = []
    for each in sorted(made.read | made.refused):
        lines.append(f"{each}: {made.read[each]} read, {made.refused[each]} refused")
    lines += map(str, made.findings)
    sys.stdout.write("\n".join([*lines, ""]))
    return 1 if made.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
