"""The detector of marks: what it finds and what it takes for a mark, on what training never saw.

Usage: python -m benchmarks.detector [NUMBER] prints every kind with its 95 % interval.

Pictures come from `training.detector.evaluation`: fonts, hands, scripts and symbologies held out
from training and from the choice of thresholds. The peer for text is OpenCV's MSER with the usual
filters (letters of like height in a row), for codes zxing-cpp alone, for time MSER.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from math import sqrt
from pathlib import Path

import cv2
import numpy as np
import zxingcpp
from training.detector import evaluation, fonts, grounds, scene, tissue
from training.detector.evaluation import CLEAN, KINDS

from benchmarks.claim import Claim
from bigpicture.deidentify.marks import detect_marks

NUMBER = int(os.environ.get("DETECTOR_NUMBER", "120"))
"""Pictures of each kind; five times as many clean ones."""
CLEAN_TIMES = 5
_STOCK = Path(tempfile.gettempdir()) / "bigpicture_detector_tissue"
_TISSUES = 40
_ROOM = 8
_ROW = 3
"""Letters in a row from which the classical peer calls them text."""


@dataclass(frozen=True)
class Share:
    """Hits of tries, with Wilson's 95 % interval."""

    hits: int
    tries: int

    @property
    def value(self) -> float:
        return self.hits / max(1, self.tries)

    @property
    def interval(self) -> tuple[float, float]:
        z, n, p = 1.96, max(1, self.tries), self.value
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:7.2%}  [{low:.2%}, {high:.2%}]  {self.hits}/{self.tries}"


def claims() -> list[Claim]:
    ours, peer = judged(NUMBER)
    found, alarms = _all(ours), ours[CLEAN]
    text = [kind for kind in KINDS if kind not in {"symbology", "label"}]
    seconds, peer_seconds = _times()
    return [
        Claim.of(
            f"detector: recall, what training never saw, {found} (text peer: MSER)",
            ours=found.value,
            peer=max(0.001, _all(peer, text).value),
            unit="of marks",
            target=1,
        ),
        Claim.of(
            f"detector: recall of codes, {ours['symbology']} (peer: zxing-cpp)",
            ours=ours["symbology"].value,
            peer=max(0.001, peer["symbology"].value),
            unit="of codes",
            target=1,
        ),
        Claim.of(
            f"detector: false alarms, {alarms}",
            ours=max(0.0005, alarms.value),
            peer=max(0.0005, peer[CLEAN].value),
            unit="of clean pictures",
            target=1,
            more_is_better=False,
        ),
        Claim.of(
            "detector: one core, overview 1300 x 430 with levels 2000 x 1500, 500 x 375",
            ours=seconds,
            peer=peer_seconds,
            unit="s",
            target=1,
            more_is_better=False,
        ),
    ]


def _all(shares: dict[str, Share], kinds: list[str] | None = None) -> Share:
    chosen = [shares[kind] for kind in kinds or KINDS]
    return Share(sum(one.hits for one in chosen), sum(one.tries for one in chosen))


def judged(number: int) -> tuple[dict[str, Share], dict[str, Share]]:
    """Ours and the peers', kind by kind: recall, and for clean pictures false alarms."""
    tissue.stock(_STOCK, _TISSUES, tissue.EVALUATION_SEED)
    _means()
    tasks = [
        (kind, index)
        for kind in (*KINDS, CLEAN)
        for index in range(number * (CLEAN_TIMES if kind == CLEAN else 1))
    ]
    with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
        answers = pool.map(_answer, tasks, chunksize=8)
    ours, peer = {}, {}
    for kind in (*KINDS, CLEAN):
        rows = [answer for answer in answers if answer[0] == kind]
        ours[kind] = Share(sum(row[1] for row in rows), len(rows))
        peer[kind] = Share(sum(row[2] for row in rows), len(rows))
    return ours, peer


@cache
def _means() -> scene.Means:
    _, held = fonts.shelves(fonts.fonts())
    return scene.held_means(held, grounds.load(_STOCK))


def _answer(task: tuple[str, int]) -> tuple[str, bool, bool]:
    """Kind; whether ours and the peer found the mark, or anything where there is none."""
    cv2.setNumThreads(1)
    question = evaluation.question(*task, _means())
    ours = [mark.box for mark in detect_marks(question.picture)]
    peer = codes_of(question.picture) + rows_of_letters(question.picture)
    return task[0], _is_hit(ours, question.box), _is_hit(peer, question.box)


def _is_hit(
    boxes: list[tuple[int, int, int, int]], truth: tuple[int, int, int, int] | None
) -> bool:
    if truth is None:
        return bool(boxes)
    x, y, width, height = truth
    return any(
        left - _ROOM < x + width
        and x - _ROOM < left + wide
        and top - _ROOM < y + height
        and y - _ROOM < top + high
        for left, top, wide, high in boxes
    )


def codes_of(picture: np.ndarray) -> list[tuple[int, int, int, int]]:
    """The peer for codes: boxes of what zxing-cpp reads."""
    boxes = []
    for code in zxingcpp.read_barcodes(np.ascontiguousarray(picture)):
        corners = [
            getattr(code.position, name)
            for name in ("top_left", "top_right", "bottom_right", "bottom_left")
        ]
        boxes.append(cv2.boundingRect(np.array([(c.x, c.y) for c in corners], np.int32)))
    return boxes


def rows_of_letters(picture: np.ndarray) -> list[tuple[int, int, int, int]]:
    """The peer for text: extremal regions of the shape of letters, three or more in a row."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    finder = cv2.MSER_create(min_area=15, max_area=3000)
    _, boxes = finder.detectRegions(grey)
    letters = sorted(
        {tuple(map(int, b)) for b in boxes if 6 < b[3] < 90 and 0.1 < b[2] / b[3] < 2.5}
    )
    found = []
    for x, y, width, height in letters[:2000]:
        row = [
            b
            for b in letters
            if x <= b[0] < x + 6 * height
            and abs(b[1] + b[3] - y - height) < 0.25 * height
            and 0.7 < b[3] / height < 1.4
        ]
        if len({b[0] // max(1, width) for b in row}) >= _ROW:
            found.append(
                cv2.boundingRect(
                    np.array([(b[0] + b[2], b[1] + b[3]) for b in row] + [(x, y)], np.int32)
                )
            )
    return found


def _times() -> tuple[float, float]:
    """Seconds of one core a slide, ours and the peer's (best of three)."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    chance = np.random.default_rng(5)
    stock = grounds.load(_STOCK)
    pictures = [
        grounds.ground(chance, *size, stock)[0] for size in ((430, 1300), (1500, 2000), (375, 500))
    ]
    ours = min(_seconds(lambda: [detect_marks(picture) for picture in pictures]) for _ in range(3))
    peer = _seconds(lambda: [codes_of(picture) + rows_of_letters(picture) for picture in pictures])
    cv2.setNumThreads(threads)
    return ours, peer


def _seconds(act) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else NUMBER
    _, held = fonts.shelves(fonts.fonts())
    for name, part in (("printed", held.printed), ("written", held.written)):
        print(
            f"held-out fonts, {name}:",
            *sorted({font.family for row in part.values() for font in row}),
        )
    ours, peer = judged(number)
    for kind in (*KINDS, CLEAN):
        print(f"{kind:12} ours {ours[kind]}   peer {peer[kind]}")
    print(f"{'all marks':12} ours {_all(ours)}   peer {_all(peer)}")
    print("seconds a slide, ours and peer:", *(f"{value:.2f}" for value in _times()))


if __name__ == "__main__":
    main()
