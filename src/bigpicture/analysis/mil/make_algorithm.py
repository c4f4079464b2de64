"""Make an algorithm of a trained model: a folder that is tested, published and run as any other."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from bigpicture.analysis.evidence_file import EVIDENCE_NAME, write_evidence
from bigpicture.analysis.folder import open_folder
from bigpicture.analysis.installed import Installed
from bigpicture.analysis.manifest import MANIFEST_NAME
from bigpicture.analysis.mil.outputs import FEATURES, outputs_of
from bigpicture.analysis.mil.train import Trained
from bigpicture.analysis.weights import digest_of
from bigpicture.analysis.write_manifest import write_manifest
from bigpicture.model.algorithm import Algorithm, Needs, Resources, Weights
from bigpicture.model.errors import ConflictError

_WEIGHTS, _MODULE = "model.npz", "model"
_CODE = '''"""A model of slides, trained with Bigpicture: `model.npz` beside this file."""

from bigpicture.analysis.mil.classify import run

__all__ = ["run"]
'''


def make_algorithm(
    trained: Trained,
    folder: Path,
    *,
    id: str,  # noqa: A002 - as the manifest calls it
    version: str,
    licence: str,
    title: str = "",
    description: str = "",
    features: str = "org.bigpicture.features",
    features_version: str = "",
) -> Installed:
    """Write the folder: manifest, code, weights, and what was measured, of which the card is made.

    `features` is the algorithm whose features the model learned from: a run of the model needs
    them. Of the beings that it learned from the weights hold the SHA-256 of each name, so that it
    is never evaluated on them. All of the folder is written, or none. Raises `ConflictError` where
    it exists, `InputError` for a name that breaks a rule.
    """
    if folder.exists():
        raise ConflictError(
            "this folder exists.", place=folder.name, remedy="Choose another, or remove it."
        )
    classes = trained.fitted.training.classes
    half = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
    half.mkdir(parents=True)
    try:
        trained.fitted.with_hidden_names().save(half / _WEIGHTS)
        algorithm = Algorithm(
            id=id,
            version=version,
            title=title or f"Slides: {' or '.join(classes)}",
            licence=licence,
            entry=f"{_MODULE}:run",
            outputs=outputs_of(classes),
            needs=(Needs(FEATURES, features, f"=={features_version}" if features_version else ""),),
            # Torch maps far more than it fills.
            resources=Resources(memory_bytes=8 << 30, seconds=300),
            weights=(Weights(_WEIGHTS, digest_of(half / _WEIGHTS)),),
            evidence=EVIDENCE_NAME,
            description=description or _described(trained),
        )
        (half / f"{_MODULE}.py").write_text(_CODE, encoding="utf-8", newline="\n")
        (half / EVIDENCE_NAME).write_text(
            write_evidence(trained.measured), encoding="utf-8", newline="\n"
        )
        (half / MANIFEST_NAME).write_text(write_manifest(algorithm), encoding="utf-8", newline="\n")
        open_folder(half)
        half.rename(folder)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return open_folder(folder)


def _described(trained: Trained) -> str:
    classes = ", ".join(trained.fitted.training.classes)
    return f"A model of whole slides, learned from one word for each: {classes}."
