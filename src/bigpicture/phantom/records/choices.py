"""What invented records choose from, each with how often; codes are facts of their schemes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from bigpicture.model.code import Code
from bigpicture.phantom import terms
from bigpicture.phantom.terms import send, snomed

_T = TypeVar("_T")

ORGANS: Final = (
    ("76752008", "Breast", 14), ("71854001", "Colon", 12), ("39937001", "Skin", 11),
    ("41216001", "Prostate", 9), ("39607008", "Lung", 8), ("10200004", "Liver", 7),
    ("64033007", "Kidney", 6), ("69695003", "Stomach", 5), ("59441001", "Lymph node", 5),
    ("12738006", "Brain", 4), ("35039007", "Uterus", 4), ("71252005", "Cervix uteri", 3),
    ("15497006", "Ovary", 3), ("69748006", "Thyroid", 3), ("89837001", "Urinary bladder", 3),
    ("15776009", "Pancreas", 3), ("34402009", "Rectum", 3), ("14016003", "Bone marrow", 2),
    ("40689003", "Testis", 2), ("78961009", "Spleen", 2), ("32849002", "Esophagus", 2),
    ("38848004", "Duodenum", 2), ("60184004", "Sigmoid colon", 2), ("32713005", "Cecum", 1),
    ("9040008", "Ascending colon", 1), ("485005", "Transverse colon", 1),
    ("32622004", "Descending colon", 1), ("66754008", "Appendix", 2),
    ("30315005", "Small intestine", 1), ("28231008", "Gallbladder", 2),
    ("78067005", "Placenta", 1), ("44567001", "Trachea", 0.5),
    ("80891009", "Heart", 1), ("2748008", "Spinal cord", 0.5), ("81745001", "Eye", 0.5),
    ("111002", "Parathyroid", 0.5), ("23451007", "Adrenal", 1), ("9875009", "Thymus", 0.5),
    ("272673000", "Bone", 1), ("127954009", "Skeletal muscle", 1), ("21974007", "Tongue", 1),
    ("385294005", "Salivary gland", 1),
)  # fmt: skip
"""Sites of people: SNOMED CT, name, weight."""
ANIMAL_ORGANS: Final = (
    ("LIVER", 10), ("KIDNEY", 9), ("HEART", 7), ("LUNG", 7), ("SPLEEN", 6), ("BRAIN", 5),
    ("THYMUS", 5), ("STOMACH", 5), ("GLAND, ADRENAL", 5), ("GLAND, THYROID", 4), ("TESTIS", 4),
    ("OVARY", 4), ("SMALL INTESTINE, DUODENUM", 3), ("SMALL INTESTINE, JEJUNUM", 3),
    ("SMALL INTESTINE, ILEUM", 3), ("LARGE INTESTINE, COLON", 3), ("LARGE INTESTINE, CECUM", 2),
    ("PANCREAS", 3), ("LYMPH NODE, MESENTERIC", 3), ("BONE MARROW, STERNUM", 3), ("SKIN", 2),
    ("URINARY BLADDER", 2), ("EYE", 2), ("SPINAL CORD", 2), ("GLAND, PITUITARY", 2),
    ("UTERUS", 2), ("EPIDIDYMIS", 2), ("GLAND, MAMMARY", 1), ("TRACHEA", 1), ("ESOPHAGUS", 1),
    ("AORTA", 1), ("TONGUE", 1), ("BONE, FEMUR", 1), ("MUSCLE, SKELETAL", 1),
    ("NERVE, SCIATIC", 1), ("GLAND, PROSTATE", 1),
)  # fmt: skip
"""Sites of animals: submission values of SEND, weight."""
STAINS: Final = (
    ("H&E", "chemical", None, 62), ("Ki-67", "immunostaining", terms.KI67, 6),
    ("HER2", "immunostaining", terms.HER2, 4), ("periodic acid Schiff", "chemical", None, 4),
    ("ESR1", "immunostaining", Code("HGNC:3467", "HGNC", "ESR1"), 3),
    ("PGR", "immunostaining", Code("HGNC:8910", "HGNC", "PGR"), 3),
    ("CD3E", "immunostaining", Code("HGNC:1674", "HGNC", "CD3E"), 2),
    ("CD8A", "immunostaining", Code("HGNC:1706", "HGNC", "CD8A"), 2),
    ("MS4A1", "immunostaining", Code("HGNC:7315", "HGNC", "MS4A1"), 2),
    ("CD274", "immunostaining", Code("HGNC:17635", "HGNC", "CD274"), 2),
    ("TP53", "immunostaining", Code("HGNC:11998", "HGNC", "TP53"), 2),
    ("CDKN2A", "immunostaining", Code("HGNC:1787", "HGNC", "CDKN2A"), 1),
    ("CD34", "immunostaining", Code("HGNC:1662", "HGNC", "CD34"), 1),
    ("trichrome", "chemical", None, 2), ("giemsa", "chemical", None, 1),
    ("Congo red", "chemical", None, 1), ("Prussian blue", "chemical", None, 1),
    ("Van Gieson", "chemical", None, 1), ("Ziehl-Neelsen", "chemical", None, 0.5),
    ("toluidine blue", "chemical", None, 0.5), ("oil red O", "chemical", None, 0.3),
    ("gram", "chemical", None, 0.3),
)  # fmt: skip
"""Label, method, target, weight."""
SPECIES: Final = (
    (terms.RAT, ("WISTAR", "SPRAGUE-DAWLEY", "FISCHER 344"), 60),
    (send("MOUSE"), ("C57BL/6", "CD-1", "BALB/c"), 20),
    (send("DOG"), ("BEAGLE",), 12),
    (send("MINIPIG"), ("GOTTINGEN",), 4),
    (send("RABBIT"), ("NEW ZEALAND",), 4),
)
"""Species, strains, weight."""
SEXES: Final = (("Female", 48), ("Male", 47), ("Not-known", 4), ("Other", 1))
EXTRACTIONS: Final = ((terms.BIOPSY, 50), (terms.EXCISION, 45), (terms.NECROPSY, 5))
FIXATIONS: Final = (
    (terms.FORMALIN, 55),
    (snomed("434162003", "Neutral Buffered Formalin"), 35),
    (snomed("419442005", "Ethanol"), 5),
    (snomed("433474002", "Bouin's fluid"), 2),
    (snomed("52836003", "Paraformaldehyde"), 3),
)
PREPARATIONS: Final = (
    (terms.PARAFFIN, 90),
    (snomed("433469005", "Frozen section embedding medium"), 8),
    (snomed("65345002", "Epoxy resin"), 2),
)
SCANNERS: Final = (
    ("Example Optics", "Sweep 40", 0.2503, 40, 30),
    ("Example Optics", "Sweep 20", 0.5006, 20, 15),
    ("Invented Imaging", "Panorama", 0.2426, 40, 20),
    ("Invented Imaging", "Panorama S", 0.2208, 40, 10),
    ("Nowhere Scan", "One", 0.2275, 40, 10),
    ("Nowhere Scan", "Two", 0.4550, 20, 8),
    ("Synthetic Slides", "Fine", 0.1214, 80, 3),
    ("Synthetic Slides", "Coarse", 1.0, 10, 4),
)
"""Maker, model, µm per pixel, magnification, weight."""
COUNTRIES: Final = (
    ("Sweden", 12), ("Germany", 12), ("Netherlands", 10), ("France", 8), ("Finland", 7),
    ("Austria", 6), ("Belgium", 6), ("Italy", 6), ("Spain", 6), ("Switzerland", 5), ("Denmark", 5),
    ("Poland", 4), ("Portugal", 3), ("Norway", 3), ("United Kingdom", 5), ("Czechia", 2),
)  # fmt: skip
SEVERITIES: Final = (
    (send("MINIMAL"), 45),
    (send("MILD"), 30),
    (send("MODERATE"), 16),
    (send("MARKED"), 7),
    (send("SEVERE"), 2),
)


def weights_of(choices: Sequence[tuple[object, ...]]) -> list[float]:
    """The last of each."""
    return [float(str(each[-1])) for each in choices]


def pick(chance: np.random.Generator, weights: Sequence[float], count: int) -> NDArray[np.int64]:
    """So many numbers of choices, by their weights."""
    summed = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.searchsorted(summed / summed[-1], chance.random(count), side="right")


def few(
    chance: np.random.Generator, choices: Sequence[tuple[object, ...]], count: int
) -> list[int]:
    """The numbers of up to so many different choices, by their weights."""
    weights = np.asarray(weights_of(choices))
    most = min(count, len(choices))
    return chance.choice(len(choices), most, replace=False, p=weights / weights.sum()).tolist()
