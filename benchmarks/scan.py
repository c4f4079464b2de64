"""The scan with 200 strings on one core, beside the engine it had, `bytes.find` and grep."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from benchmarks.claim import Claim
from benchmarks.svs_of_noise import write_noise
from bigpicture.deidentify.needles import Needle
from bigpicture.deidentify.scan import Scan
from bigpicture.deidentify.spans import spans_of
from bigpicture.dicom.convert import convert
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.read import read_instance
from bigpicture.dicom.subject import Subject
from bigpicture.model.allowance import Action, AllowList
from bigpicture.phantom.identity import identity

STRINGS = 200
SIDE = 46_080
"""Of the slide that is searched: about 330 MB."""
WANTED = 500.0
"""MB/s on one core."""
ROUNDS = 5
MEGA = 1_000_000
_CHUNK = 4 << 20
_SLICE = 8 << 20
"""For the peer that needs a pass for each pattern."""
_FORMER = ("utf-8", "utf-16-le", "utf-16-be", "latin-1")


def claims() -> list[Claim]:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name, _one_core():
        return _measure(Path(name))


def _measure(folder: Path) -> list[Claim]:
    source = write_noise(folder / "invented.svs", SIDE)
    instance, whole = _converted(source, folder / "converted")
    size = instance.stat().st_size
    needles = [Needle(text, "a field") for text in strings()]
    patterns = _former_patterns(needles)
    words = folder / "words"
    words.write_text("\n".join(each.text for each in needles) + "\n", encoding="utf-8")
    former = BytesAhoCorasick(patterns, matchkind=MatchKind.Standard)
    acts: dict[str, tuple[int, Callable[[], object]]] = {
        "ours": (size, lambda: _scan(instance, needles)),
        "former": (size, lambda: _former(instance, former)),
        "find": (_SLICE, lambda: _find(instance, patterns)),
    }
    if shutil.which("grep"):
        acts["grep"] = (size, lambda: _grep(instance, words))
    seconds: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(ROUNDS):
        for name, (_, act) in acts.items():
            seconds[name].append(_timed(act))
    speed = {name: length / MEGA / median(seconds[name]) for name, (length, _) in acts.items()}
    forms = Scan(needles).pattern_count
    what = f"scan {size / MEGA:.0f} MB for {STRINGS} strings ({forms:,} forms) on one core"
    found = [
        Claim.of(
            f"{what}, against {WANTED:.0f} MB/s",
            ours=speed["ours"], peer=WANTED, unit="MB/s", target=1.0,
        ),
        Claim.of(
            f"{what}, against ahocorasick_rs for {len(patterns)} forms",
            ours=speed["ours"], peer=speed["former"], unit="MB/s", target=4.0,
        ),
        Claim.of(
            f"{what}, against bytes.find for {len(patterns)} forms",
            ours=speed["ours"], peer=speed["find"], unit="MB/s", target=20.0,
        ),
    ]  # fmt: skip
    if "grep" in speed:
        found.append(
            Claim.of(
                f"{what}, against grep -i -F for {STRINGS}",
                ours=speed["ours"], peer=speed["grep"], unit="MB/s", target=1.0,
            )
        )  # fmt: skip
    share = median(seconds["ours"])
    found.append(
        Claim.of(
            "the scan on one core, against the conversion without it on one core",
            ours=share, peer=whole, unit="s", target=1.0, more_is_better=False,
        )
    )  # fmt: skip
    return found


def strings() -> list[str]:
    """Names, dates, numbers and codes of invented persons, as slides carry them."""
    told: dict[str, None] = {}
    seed = 0
    while len(told) < STRINGS:
        told.update(dict.fromkeys(identity(seed).planted.values()))
        seed += 1
    return list(told)[:STRINGS]


def _scan(path: Path, needles: list[Needle]) -> None:
    """All of it: making the patterns, and reading, parsing and searching the file."""
    with FileSource(path) as source:
        spans = spans_of(source, read_instance(source))
        assert not Scan(needles).search(source, name=path.name, spans=spans)


def _former_patterns(needles: list[Needle]) -> list[bytes]:
    forms: dict[bytes, None] = {}
    for each in needles:
        for text in (each.text, each.text.lower(), each.text.upper()):
            for encoding in _FORMER:
                data = text.encode(encoding, "ignore").lower()
                if len(data) >= 8:
                    forms[data] = None
    return list(forms)


def _former(path: Path, engine: BytesAhoCorasick) -> None:
    with path.open("rb") as file:
        while data := file.read(_CHUNK):
            assert not engine.find_matches_as_indexes(data.lower(), overlapping=True)


def _find(path: Path, patterns: list[bytes]) -> None:
    with path.open("rb") as file:
        data = file.read(_SLICE).lower()
    assert all(data.find(each) < 0 for each in patterns)


def _grep(path: Path, words: Path) -> None:
    command = ["grep", "-c", "-a", "-i", "-F", "-f", str(words), str(path)]
    done = subprocess.run(
        command, check=False, env={**os.environ, "LC_ALL": "C"}, capture_output=True
    )
    assert done.returncode < 2


def _converted(source: Path, folder: Path) -> tuple[Path, float]:
    """The finest level of the slide as DICOM, and the seconds that converting all of it took."""
    with open_slide(source) as slide:
        allowed = AllowList(slide.format, {field.name: Action.DROP for field in slide.fields})
    subject = Subject(_uid, "image", "patient", "case", "specimen", "slide")
    seconds: list[float] = []
    for _ in range(3):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        seconds.append(_timed(lambda: convert(source, folder, allowed=allowed, subject=subject)))
    return folder / "level-0.dcm", median(seconds)


def _uid(text: str) -> str:
    return f"2.25.{int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], 'big')}"


def _timed(act: Callable[[], object]) -> float:
    """Seconds of processor time, of this process and those it starts: others share the machine."""
    start = _used()
    act()
    return _used() - start


def _used() -> float:
    told = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in told)


@contextmanager
def _one_core() -> Iterator[None]:
    """Keep this process and its children on one core, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
