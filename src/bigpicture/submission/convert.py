"""Convert: one vendor slide becomes de-identified DICOM, proven clean and equal, or nothing."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path

from bigpicture.deidentify.dates import days_of
from bigpicture.deidentify.derive import fingerprint_of
from bigpicture.deidentify.look import look_at_levels
from bigpicture.deidentify.proof import prove
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.report import (
    Compared,
    Looked,
    Report,
    Scanned,
    Written,
    rules_digest,
    software,
    told_mark,
)
from bigpicture.deidentify.scan import Scan
from bigpicture.dicom.codecs import JPEG_2000_LOSSLESS
from bigpicture.dicom.convert import ConvertedInstance
from bigpicture.dicom.open import belongings
from bigpicture.dicom.subject import Subject
from bigpicture.model.dates import Dates
from bigpicture.model.errors import (
    ConflictError,
    IntegrityError,
    LeakError,
    SlideError,
)
from bigpicture.sandbox.run import Limits, Protection, Reach, Sandbox, kept_sandbox
from bigpicture.submission.gate import compare
from bigpicture.submission.rewrite import Rewritten, names_around, rewrite, stem_of
from bigpicture.submission.signed import REPORT_NAME, check_signature, write_signed
from bigpicture.submission.staging import move, staging_beside

__all__ = ["REPORT_NAME", "Converted", "convert_slide", "subject_from_pseudonyms", "verify"]
_BLOCK = 8 << 20

Progress = Callable[[int, int], None]


def _silent(done: int, total: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Converted:
    """A slide's instances in `folder` and their report; `was_there`: an earlier run made them."""

    source: Path
    folder: Path
    report: Report
    was_there: bool

    @property
    def instances(self) -> list[Path]:
        """The instances, finest level first, then what is beside the pyramid."""
        return [self.folder / each.name for each in self.report.written]


def convert_slide(
    source: Path,
    folder: Path,
    *,
    pseudonyms: Pseudonyms,
    subject: Subject | None = None,
    mpp: float | None = None,
    dates: Dates = Dates.REMOVED,
    limits: Limits | None = None,
    progress: Progress = _silent,
    sandbox: Sandbox | None = None,
    may_replace: bool = True,
    keeps_overview: bool = False,
) -> Converted:
    """Convert `source` into `folder`, which appears whole, with its signed report, or not at all.

    In child processes with `limits`: the slide is read and rewritten, every byte written is
    searched for what identified the source and judged by the allow-list, and sampled regions are
    compared with the source. An earlier result of the same slide, subject and rules is verified
    and used again; another one is replaced, unless `may_replace` is off and the source differs.
    Without a `subject` the slide gets pseudonyms from its name. Where `dates` are shifted, they
    are moved by the days of `subject.patient`. With `keeps_overview` a picture of the glass stays
    where the detector finds no writing, label or code in it.

    Raises `SlideError`, `LeakError`, `IntegrityError`, `SandboxError`, `ConflictError`,
    `StorageFullError`; then nothing of it is left in or beside `folder`.
    """
    subject = subject or subject_from_pseudonyms(pseudonyms, stem_of(source))
    subject = replace(subject, mpp=mpp) if mpp is not None else subject
    if dates is Dates.SHIFTED:
        subject = replace(subject, days_back=days_of(pseudonyms.key, subject.patient))
    mark = _mark(source, pseudonyms)
    recipe = _recipe(subject, pseudonyms, keeps_overview=keeps_overview)
    earlier = _earlier(folder)
    if earlier is not None and earlier.mark == mark and earlier.recipe == recipe:
        with suppress(IntegrityError):
            verify(folder, earlier)
            check_signature(folder, site=earlier.site)
            return Converted(source, folder, earlier, was_there=True)
    _refuse_another(folder, earlier, mark, may_replace=may_replace)
    made = _Making(
        source,
        subject,
        fingerprint_of(pseudonyms.key),
        keeps_overview,
        sandbox or kept_sandbox(__name__),
        limits or Limits(),
        progress,
    )
    with staging_beside(folder) as staging:
        report = made.make(staging, mark=mark, recipe=recipe)
        write_signed(staging, report, pseudonyms.key)
        move(staging, folder)
    return Converted(source, folder, report, was_there=False)


def subject_from_pseudonyms(
    pseudonyms: Pseudonyms, name: str, *, mpp: float | None = None
) -> Subject:
    """Who a slide without metadata is of: pseudonyms made from the slide's own name."""
    return Subject(
        uid=pseudonyms.uid,
        image=pseudonyms.name("image", name),
        patient=pseudonyms.name("patient", name),
        case=pseudonyms.name("case", name),
        specimen=pseudonyms.name("specimen", name),
        container=pseudonyms.name("slide", name),
        mpp=mpp,
        pseudonym=pseudonyms.name,
    )


def verify(folder: Path, report: Report) -> None:
    """Check that the folder holds what its report says, byte for byte.

    Raises `IntegrityError` naming the instance that is missing or changed.
    """
    for each in report.written:
        path = folder / each.name
        if not path.is_file() or path.stat().st_size != each.bytes:
            raise IntegrityError("an instance is missing or has another size.", place=each.name)
        if _digest([path]) != each.sha256:
            raise IntegrityError("an instance has changed since it was written.", place=each.name)


@dataclass
class _Making:
    """One conversion under way: child after child, and the walls that stood around all of them."""

    source: Path
    subject: Subject
    site: str
    keeps_overview: bool
    sandbox: Sandbox
    limits: Limits
    progress: Progress
    protections: frozenset[Protection] = frozenset(Protection)

    def make(self, staging: Path, *, mark: str, recipe: str) -> Report:
        rewritten = self._rewrite(staging)
        names = [each.path.name for each in rewritten.conversion.instances]
        beside = [each.path.name for each in rewritten.conversion.beside]
        scanned = self._prove(staging, [*names, *beside], rewritten)
        looked = self._look(staging, names)
        compared = self._compare(staging, names, rewritten)
        report = _report(
            self,
            rewritten,
            mark=mark,
            recipe=recipe,
            scanned=scanned,
            compared=compared,
            looked=looked,
        )
        findings = Scan(rewritten.needles).search_text(report.told(), name=REPORT_NAME)
        if findings:
            raise LeakError(findings[0].what, place=findings[0].place, rule=findings[0].rule)
        return report

    def _rewrite(self, staging: Path) -> Rewritten:
        ran = self.sandbox.run(
            rewrite,
            self.source,
            staging,
            self.subject,
            named={"keeps_overview": self.keeps_overview, "names": names_around(self.source)},
            limits=self.limits,
            reach=Reach(writable=(staging,), readable=(*belongings(self.source), staging)),
            progress=self.progress,
        )
        self.protections &= ran.protections
        return ran.value

    def _prove(self, staging: Path, names: list[str], rewritten: Rewritten) -> Scanned:
        ran = self.sandbox.run(
            prove,
            staging,
            names,
            rewritten.needles,
            limits=self.limits,
            reach=Reach(readable=(staging,)),
        )
        self.protections &= ran.protections
        findings, scanned = ran.value
        if findings:
            more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
            raise LeakError(
                findings[0].what + more,
                place=findings[0].place,
                rule=findings[0].rule,
                remedy="The output was destroyed. Please report the scanner and its software.",
            )
        return scanned

    def _look(self, staging: Path, names: list[str]) -> Looked | None:
        ran = self.sandbox.run(
            look_at_levels, staging, names, limits=self.limits, reach=Reach(readable=(staging,))
        )
        self.protections &= ran.protections
        name, marks = ran.value
        return Looked(name, tuple(told_mark(each) for each in marks)) if name else None

    def _compare(self, staging: Path, names: list[str], rewritten: Rewritten) -> Compared:
        exact = [
            each.frames_encoded == 0 or each.transfer_syntax == JPEG_2000_LOSSLESS
            for each in rewritten.conversion.instances
        ]
        ran = self.sandbox.run(
            compare,
            self.source,
            staging,
            names,
            named={"exact": exact},
            limits=self.limits,
            reach=Reach(readable=(*belongings(self.source), staging)),
        )
        self.protections &= ran.protections
        return ran.value


def _report(
    making: _Making,
    rewritten: Rewritten,
    *,
    mark: str,
    recipe: str,
    scanned: Scanned,
    compared: Compared,
    looked: Looked | None,
) -> Report:
    instances = rewritten.conversion.instances
    return Report(
        image=making.subject.image,
        format=rewritten.conversion.format,
        mark=mark,
        recipe=recipe,
        instances=tuple(map(_written, instances)),
        beside=tuple(map(_written, rewritten.conversion.beside)),
        fields=rewritten.fields,
        left_out=rewritten.left_out,
        frames_copied=rewritten.conversion.frames_copied,
        frames_encoded=rewritten.conversion.frames_encoded,
        frames_empty=sum(each.frames_background for each in instances),
        frames_compared=sum(each.frames_compared for each in instances),
        pixels_root=rewritten.conversion.pixels_root,
        remarks=rewritten.remarks,
        scan=scanned,
        gate=compared,
        looked=looked,
        protections=tuple(sorted(making.protections)),
        software=software(),
        rules=rules_digest(),
        site=making.site,
    )


def _written(each: ConvertedInstance) -> Written:
    return Written(
        name=each.path.name,
        sha256=each.sha256,
        bytes=each.size,
        level=each.level.index,
        columns=each.level.columns,
        rows=each.level.rows,
        frames=each.level.frame_count,
        frames_root=each.frames_root,
        sop_instance_uid=each.sop_instance_uid,
    )


def _mark(source: Path, pseudonyms: Pseudonyms) -> str:
    """A keyed digest of the source's bytes; a plain one would let anyone who has it search us."""
    found: list[Path] = []
    for part in belongings(source):
        if part in source.parents:
            continue  # a reader may look around there, but what else lies there is not the slide
        is_folder = part.is_dir()
        if not is_folder:
            _refuse_device(part)  # reading a pipe would never end
        found += sorted(each for each in part.rglob("*") if each.is_file()) if is_folder else [part]
    return pseudonyms.name("source", _digest(found))


def _refuse_device(source: Path) -> None:
    if source.exists() and not source.is_file():
        raise SlideError(
            "this is not a regular file.",
            place=source.name,
            remedy="Name a slide, or a folder of DICOM instances.",
        )


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    try:
        for path in paths:
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
    except OSError as error:
        raise SlideError(
            f"the file cannot be read ({os.strerror(error.errno or 0)}).",
            place=paths[0].name if paths else "",
            remedy="Check that it exists and that you may read it.",
        ) from error
    return digest.hexdigest()


def _recipe(subject: Subject, pseudonyms: Pseudonyms, *, keeps_overview: bool) -> str:
    """A digest of what else decides the bytes: the subject, the rules, the program."""
    told = [
        f"{each.name}={getattr(subject, each.name)!r}"
        for each in fields(subject)
        if not callable(getattr(subject, each.name))
    ]
    told += ["overview"] * keeps_overview
    return pseudonyms.name("recipe", "\n".join([*told, rules_digest(), software()]))


def _earlier(folder: Path) -> Report | None:
    try:
        return Report.from_bytes((folder / REPORT_NAME).read_bytes())
    except (OSError, IntegrityError):
        return None


def _refuse_another(folder: Path, earlier: Report | None, mark: str, *, may_replace: bool) -> None:
    """An own earlier result may be replaced; a folder that holds anything else may not."""
    if not folder.exists():
        return
    if earlier is None and any(folder.iterdir()):
        raise ConflictError(
            "the output folder exists and holds something else.",
            place=folder.name,
            remedy="Remove it, or choose another with --out.",
        )
    if earlier is not None and earlier.mark != mark and not may_replace:
        raise ConflictError(
            "another slide of the same name was converted there before.",
            place=folder.name,
            remedy="Rename one of them, or choose another folder with --out.",
        )
