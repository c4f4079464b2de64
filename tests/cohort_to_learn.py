"""A dataset to learn from: invented patients, one slide each, every other with a carcinoma."""

from __future__ import annotations

from dataclasses import replace

from bigpicture.model.policy import AccessTier
from bigpicture.phantom import terms
from bigpicture.phantom.clinical import clinical
from bigpicture.phantom.datasets import write_study
from bigpicture.phantom.stain import Stain
from bigpicture.phantom.study import Being, PlannedSlide, Specimen, Statement

NORMAL, CARCINOMA = terms.NO_DIAGNOSIS, terms.ADENOCARCINOMA
CLASSES = (NORMAL.meaning, CARCINOMA.meaning)


def write_patients(out, *, beings, size=(768, 768), tier=AccessTier.CONTROLLED):
    """Write the folder of a dataset with so many patients; returns its path."""
    study = clinical(1, 1)
    slides = tuple(_slide(number) for number in range(1, beings + 1))
    study = replace(study, alias="learn-from-phantom", tier=tier, slides=slides)
    return write_study(study, out, size=size)


def _slide(number):
    finding, code = (("normal", NORMAL), ("carcinoma", CARCINOMA))[number % 2]
    name = f"{number:02d}"
    specimen = Specimen(
        f"specimen-{name}",
        Being(f"patient-{name}", "Female", terms.HUMAN),
        f"case-{name}",
        terms.COLON,
        terms.EXCISION,
        ("P50Y", "P10Y"),
    )
    said = Statement(
        "Diagnosis", "Summary", (("diagnosis", code),), f"{code.meaning}.", on_case=True
    )
    return PlannedSlide(
        alias=f"slide-{name}-he",
        specimen=specimen,
        organ="colon",
        finding=finding,
        stain=Stain.HE,
        statement=said,
        seed=100 + number,
    )
