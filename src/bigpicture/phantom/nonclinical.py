"""The non-clinical study: 28 days in invented rats, liver and kidney, control and treated."""

from __future__ import annotations

from bigpicture.model.code import Code
from bigpicture.model.policy import AccessTier, DatasetType
from bigpicture.phantom import terms
from bigpicture.phantom.chance import seed_of
from bigpicture.phantom.stain import Stain
from bigpicture.phantom.study import Being, Format, PlannedSlide, Specimen, Statement, Study

_ANIMALS: tuple[tuple[str, str, tuple[tuple[str, str, int], ...]], ...] = (
    ("Male", "CONTROL", (("liver", "normal", 0), ("kidney", "normal", 0))),
    ("Male", "TREATED", (("liver", "vacuolation", 3), ("kidney", "basophilia", 2))),
    ("Female", "TREATED", (("liver", "necrosis", 2), ("kidney", "basophilia", 1))),
    ("Female", "CONTROL", (("liver", "normal", 0), ("kidney", "normal", 0))),
)
"""Sex, group, and for each organ the finding and its grade of five."""

_FORMATS = (Format.DICOM, Format.SVS, Format.TIFF, Format.SVS, Format.DICOM)
_TERMS = {
    "normal": (terms.UNREMARKABLE, "No abnormality detected."),
    "vacuolation": (terms.send("VACUOLATION"), "Vacuolation, hepatocyte, centrilobular."),
    "necrosis": (terms.send("NECROSIS"), "Necrosis, hepatocyte, multifocal."),
    "basophilia": (terms.send("BASOPHILIA"), "Basophilia, tubule, with hyaline casts."),
}


def nonclinical(seed: int, slides: int) -> Study:
    """Plan the study with at most `slides` slides."""
    planned: list[PlannedSlide] = []
    for number, (sex, group, organs) in enumerate(_ANIMALS, start=1):
        being = Being(f"animal-{number:02d}", sex, terms.RAT, terms.WISTAR, group, terms.SACRIFICE)
        for organ, finding, grade in organs:
            site = terms.LIVER if organ == "liver" else terms.KIDNEY
            specimen = Specimen(
                f"{being.alias}-{organ}", being, "", site, terms.NECROPSY, ("P10W", "P1W")
            )
            planned.append(
                PlannedSlide(
                    alias=f"{being.alias}-{organ}-he",
                    specimen=specimen,
                    organ=organ,
                    finding=finding,
                    stain=Stain.HE,
                    statement=_statement(finding, grade),
                    seed=seed_of(seed, "nonclinical", number, organ) % 2**40,
                    format=_FORMATS[len(planned) % len(_FORMATS)],
                )
            )
    return Study(
        alias="rat-28-day-phantom",
        title="Invented 28-day study in the rat: liver and kidney",
        short_name="Rat28Day",
        description=(
            "Whole slide images of liver and kidney of invented Wistar rats after 28 days, control "
            "and treated, with findings coded as in SEND: vacuolation and necrosis of hepatocytes, "
            "basophilia of renal tubules. Every pixel is computed; no animal was used."
        ),
        type=DatasetType.NON_CLINICAL_OBSCURED,
        tier=AccessTier.OPEN,
        slides=tuple(planned[:slides]),
        keywords=("rat", "liver", "kidney", "toxicology", "SEND", "synthetic"),
        center="Example Toxicology Broker",
        email="archive@toxicology.example",
        observer="toxpath-1",
        duration=terms.DURATION,
    )


def _statement(finding: str, grade: int) -> Statement:
    code, words = _TERMS[finding]
    codes: list[tuple[str, Code]] = [
        ("MITEST", terms.QUALITATIVE),
        ("MISTRESC", code),
        ("MIRESCAT", terms.NON_NEOPLASTIC),
    ]
    if grade:
        codes += [("MISEV", terms.GRADES[grade]), ("MIDISTR", terms.MULTIFOCAL)]
    return Statement("Finding", "Distinct", tuple(codes), words, (("MIORRES", words),))
