"""The clinical study: six invented patients with lesions of colon and breast."""

from __future__ import annotations

from bigpicture.model.code import Code
from bigpicture.model.policy import AccessTier, DatasetType
from bigpicture.phantom import terms
from bigpicture.phantom.artefacts import Kind
from bigpicture.phantom.chance import seed_of
from bigpicture.phantom.stain import Stain
from bigpicture.phantom.study import Being, Format, PlannedSlide, Specimen, Statement, Study

_HE, _KI67, _HER2 = Stain.HE, Stain.KI67, Stain.HER2
_CASES: tuple[tuple[str, str, str, str, Code, tuple[tuple[Stain, tuple[Kind, ...]], ...]], ...] = (
    ("Female", "P60Y", "colon", "carcinoma", terms.ADENOCARCINOMA, ((_HE, (Kind.PEN,)),)),
    (
        "Female",
        "P50Y",
        "breast",
        "carcinoma",
        terms.DUCTAL_CARCINOMA,
        ((_HE, ()), (_KI67, ()), (_HER2, ())),
    ),
    ("Male", "P50Y", "colon", "adenoma", terms.TUBULAR_ADENOMA, ((_HE, ()),)),
    ("Male", "P40Y", "colon", "normal", terms.NO_DIAGNOSIS, ((_HE, (Kind.BUBBLE,)),)),
    ("Female", "P40Y", "breast", "normal", terms.NO_DIAGNOSIS, ((_HE, ()),)),
    ("Male", "P70Y", "colon", "carcinoma", terms.ADENOCARCINOMA, ((_HE, (Kind.FOLD, Kind.BLUR)),)),
)
"""Sex, age from, organ, finding, diagnosis, and the stains with their artefacts."""

_SUFFIX = {_HE: "he", _KI67: "ki67", _HER2: "her2"}


def clinical(seed: int, slides: int) -> Study:
    """Plan the study with at most `slides` slides, whole cases first."""
    planned: list[PlannedSlide] = []
    for number, (sex, age, organ, finding, code, stains) in enumerate(_CASES, start=1):
        being = Being(f"patient-{number:02d}", sex, terms.HUMAN)
        specimen = Specimen(
            alias=f"specimen-{number:02d}",
            being=being,
            case=f"case-{number:02d}",
            site=terms.COLON if organ == "colon" else terms.BREAST,
            method=terms.BIOPSY if finding == "adenoma" else terms.EXCISION,
            age=(age, "P10Y"),
        )
        statement = Statement(
            "Diagnosis", "Summary", (("diagnosis", code),), f"{code.meaning}.", on_case=True
        )
        planned.extend(
            PlannedSlide(
                alias=f"slide-{number:02d}-{_SUFFIX[stain]}",
                specimen=specimen,
                organ=organ,
                finding=finding,
                stain=stain,
                statement=statement,
                artefacts=artefacts,
                seed=seed_of(seed, "clinical", number) % 2**40,
                format=Format.SVS,
            )
            for stain, artefacts in stains
        )
    return Study(
        alias="colon-breast-phantom",
        title="Invented colon and breast: tumours and normal tissue",
        short_name="ColonBreast",
        description=(
            "Whole slide images of invented patients: adenocarcinoma, adenoma and normal mucosa of "
            "the colon, ductal carcinoma of the breast with Ki-67 and HER2, and normal breast. "
            "Every pixel is computed; no person is meant."
        ),
        type=DatasetType.CLINICAL_PSEUDONYMIZED,
        tier=AccessTier.CONTROLLED,
        slides=tuple(planned[:slides]),
        keywords=("colon", "breast", "adenocarcinoma", "immunohistochemistry", "synthetic"),
        center="Invented General Hospital",
        email="data-office@hospital.example",
        observer="pathologist-1",
    )
