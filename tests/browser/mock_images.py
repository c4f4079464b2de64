"""What the mock node's questions are asked of: invented images of the mock's datasets."""

from __future__ import annotations

import random
from typing import Any

from bigpicture.model.field import FIELDS
from browser import mock_catalogue as catalogue
from browser.mock_find import Corpus, Image, Term, described

CHARACTERS = [
    "Acute", "Chronic", "Focal", "Diffuse", "Mild", "Marked", "Mixed", "Granular", "Cystic",
    "Healing", "Fibrous", "Papillary",
]  # fmt: skip
CHANGES = [
    "inflammation", "necrosis", "hyperplasia", "atrophy", "fibrosis", "oedema", "metaplasia",
    "congestion", "erosion", "mineralisation", "haemorrhage", "dilatation",
]  # fmt: skip


def _terms(*given: tuple[str, str, str | None]) -> dict[str, Term]:
    return {key: Term(key, label, parent) for key, label, parent in given}


def _plain(*labels: str) -> dict[str, Term]:
    return {label: Term(label, label) for label in labels}


ORGANS = _terms(
    ("bigpicture organ:digestive", "Digestive system", None),
    ("SNOMED CT:71854001", "Colon", "bigpicture organ:digestive"),
    ("SNOMED CT:60184004", "Sigmoid colon", "SNOMED CT:71854001"),
    ("SNOMED CT:34402009", "Rectum", "bigpicture organ:digestive"),
    ("SNOMED CT:10200004", "Liver", "bigpicture organ:digestive"),
    ("bigpicture organ:integument", "Skin and breast", None),
    ("SNOMED CT:76752008", "Breast", "bigpicture organ:integument"),
    ("SNOMED CT:39937001", "Skin", "bigpicture organ:integument"),
    ("bigpicture organ:urinary", "Urinary system", None),
    ("SNOMED CT:64033007", "Kidney", "bigpicture organ:urinary"),
    ("SNOMED CT:78961009", "Spleen", None),
)
DIAGNOSES = _terms(
    ("SNOMED CT:108369006", "Neoplasm", None),
    ("SNOMED CT:32048006", "Adenoma", "SNOMED CT:108369006"),
    ("SNOMED CT:444408007", "Tubular adenoma", "SNOMED CT:32048006"),
    ("SNOMED CT:35917007", "Adenocarcinoma", "SNOMED CT:108369006"),
    ("SNOMED CT:82711006", "Invasive ductal carcinoma", "SNOMED CT:108369006"),
    ("SNOMED CT:62047007", "Hyperplastic polyp", None),
    *((f"INVENTED:{n:03d}", f"{CHARACTERS[n % 12]} {CHANGES[n // 12]}", None) for n in range(144)),
)
ORGANS_OF = [
    ["SNOMED CT:71854001", "SNOMED CT:71854001", "SNOMED CT:60184004", "SNOMED CT:34402009"],
    ["SNOMED CT:10200004", "SNOMED CT:64033007", "SNOMED CT:78961009"],
    ["SNOMED CT:76752008"],
    ["SNOMED CT:39937001"],
]
TITLES = {one["accession"]: one["title"] for one in catalogue.DATASETS}


def corpus(seed: int = 7) -> Corpus:
    """Some 480 images of four datasets, the same ones each time."""
    chance = random.Random(seed)
    terms = {
        "organ": ORGANS,
        "diagnosis": DIAGNOSES,
        "confirmed": DIAGNOSES,
        "extraction": _plain("Resection", "Biopsy", "Necropsy"),
        "fixation": _plain("Formalin", "Frozen"),
        "species": _plain("Homo sapiens", "Rattus norvegicus"),
        "sex": _plain("female", "male", "unknown"),
        "stain": _plain("H&E", "Ki-67", "ER", "HER2", "PAS", "Masson trichrome"),
        "scanner": _plain("Invented S60", "Invented XR", "Slidecopy 4"),
        "image": {},
        "dataset": {key: Term(key, title) for key, title in TITLES.items()},
        "type": _plain("clinical", "non-clinical"),
        "country": _plain("Norway", "Netherlands"),
    }
    bands = {
        "age": [float(n) for n in range(0, 100, 10)],
        "mpp": [0, 0.15, 0.3, 0.6, 1.2],
        "magnification": [0, 10, 30, 60],
    }
    known = [each for name, each in FIELDS.items() if name in terms or name in bands]
    made = Corpus([described(each) for each in known], terms, bands)
    for dataset, many in enumerate([230, 110, 90, 50]):
        made.images += [_image(chance, dataset, n, terms) for n in range(many)]
    terms["image"].update(
        {one.card["accession"]: Term(one.card["accession"], "") for one in made.images}
    )
    return made


def _image(
    chance: random.Random, dataset: int, number: int, terms: dict[str, dict[str, Term]]
) -> Image:
    is_rat = dataset == 1
    real = [
        one
        for one in catalogue.IMAGES
        if one["dataset"] == catalogue.DATASETS[dataset]["accession"]
    ]
    shown = real[number % len(real)]
    accession = f"bb-image-{'abcdefghjk'[dataset]}f{number:03d}k-q8w3zt".replace("0", "z")
    organ = chance.choice(ORGANS_OF[dataset])
    stain = chance.choice(["H&E"] * 4 + list(terms["stain"]))
    keys = list(DIAGNOSES)
    named = [
        keys[chance.choice([2, 2, 3, 5]) if not is_rat else 6 + int(144 * chance.random() ** 2)]
    ]
    if dataset == 2:
        named = ["SNOMED CT:82711006"]
    named += [keys[6 + int(144 * chance.random() ** 1.5)]] * (chance.random() < 0.6)
    age = 0.2 if is_rat else min(95, max(1, int(chance.gauss(58, 15))))
    mpp = chance.choice([0.25, 0.25, 0.5])
    scanner = chance.choice(list(terms["scanner"]))
    sex = chance.choice(["female", "male"] * 6 + ["unknown"])
    magnification = 40 if mpp < 0.3 else 20
    accession = shown["accession"] if number < len(real) else accession
    card: dict[str, Any] = {
        "accession": accession,
        "alias": f"{'CRBS'[dataset]}{number:03d}-{stain.replace('&', '').upper()[:6]}",
        "dataset": catalogue.DATASETS[dataset]["accession"],
        "dataset_title": TITLES[catalogue.DATASETS[dataset]["accession"]],
        "stain": stain,
        "organ": ORGANS[organ].label,
        "species": "Rattus norvegicus" if is_rat else "Homo sapiens",
        "sex": sex,
        "age": age,
        "scanner": scanner,
        "year": 2024 + number % 3,
        "diagnoses": [
            {
                "scheme": key.split(":")[0],
                "code": key.split(":")[1],
                "meaning": DIAGNOSES[key].label,
                "qualifier": "candidate" if place else "confirmed",
            }
            for place, key in enumerate(named)
        ],
        "columns": 40_000 + 800 * (number % 60),
        "rows": 30_000 + 500 * (number % 45),
        "mpp_x": mpp,
        "mpp_y": mpp,
        "magnification": magnification,
        "thumbnail": f"/api/v1/images/{shown['accession']}/thumbnail" if number % 7 else None,
    }
    held = {
        "organ": (organ,),
        "diagnosis": tuple(named),
        "confirmed": tuple(named[:1]),
        "species": (card["species"],),
        "sex": (sex,),
        "stain": (stain,),
        "scanner": (scanner,),
        "extraction": ("Necropsy" if is_rat else chance.choice(["Resection", "Biopsy"]),),
        "fixation": ("Frozen" if number % 9 == 0 else "Formalin",),
        "image": (accession,),
        "dataset": (card["dataset"],),
        "type": ("non-clinical" if is_rat else "clinical",),
        "country": ("Netherlands" if dataset == 2 else "Norway",),
    }
    return Image(
        card,
        held,
        {"age": age, "mpp": mpp, "magnification": magnification},
        f"b{dataset}-{number // 3}",
    )
