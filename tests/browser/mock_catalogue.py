"""What the mock node knows: invented datasets, images, people and submissions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

Record = dict[str, Any]

DATASET_FACETS = {
    "organ": "organs",
    "stain": "stains",
    "species": "species",
    "diagnosis": "diagnoses",
    "type": "type",
    "tier": "tier",
}
IMAGE_FACETS = {"stain": "stain", "organ": "organ", "diagnosis": "diagnosis_names"}

RESEARCH = {
    "id": "p-res",
    "name": "researcher",
    "display_name": "Ada Lindqvist",
    "organisation": "Fjordheim University",
}
PEOPLE: list[Record] = [
    {
        "id": "p-ste",
        "name": "steward",
        "display_name": "Noor Haddad",
        "organisation": "Northern node",
        "roles": ["steward"],
        "permissions": [
            "submission:create",
            "submission:read-any",
            "submission:review",
            "grant:record",
            "person:manage",
            "event:read",
            "committee:manage",
            "application:read-any",
            "agreement:write",
            "seal:set",
            "seal:read",
            "duty:read-any",
        ],
    },
    {
        "id": "p-con",
        "name": "contributor",
        "display_name": "Iris Okafor",
        "organisation": "Sankt Aelred Hospital",
        "roles": ["contributor"],
        "permissions": ["submission:create"],
    },
    {**RESEARCH, "roles": ["researcher"], "permissions": []},
    {
        "id": "p-aud",
        "name": "auditor",
        "display_name": "Tam Ferreira",
        "organisation": "Data authority",
        "roles": ["auditor"],
        "permissions": ["event:read", "application:read-any", "seal:read", "duty:read-any"],
    },
    {
        "id": "p-mem",
        "name": "member",
        "display_name": "Lior Brandt",
        "organisation": "Sankt Aelred Hospital",
        "roles": ["committee"],
        "permissions": ["seal:set", "seal:read"],
    },
    {
        "id": "p-sig",
        "name": "signatory",
        "display_name": "Edda Nystrand",
        "organisation": "Fjordheim University",
        "roles": ["researcher"],
        "permissions": [],
    },
]


def events(count: int = 120) -> list[Record]:
    """Acts of an invented day, the oldest first; the last three are told in tests by name."""
    begun = datetime(2026, 11, 23, 8, tzinfo=UTC)
    acts: list[tuple[str, str, str, Record]] = [
        ("p-con", "session:create", f"{number:020x}", {"expires": "2026-11-24T08:00:00+00:00"})
        for number in range(count - 3)
    ]
    day = {"start": "2026-11-23T10:00:00+00:00", "end": "2027-11-24T00:00:00+00:00"}
    grant = {"person": "p-res", "dataset": DATASETS[1]["accession"], **day, "reason": "Decision 7"}
    acts += [
        ("p-con", "submission:complete", "bb-submission-live22-aaaaaa", {"files": 17}),
        ("node", "dataset:publish", DATASETS[0]["accession"], {"version": "1.2.0", "images": 9}),
        ("p-ste", "grant:record", "8f3a09c27be1d0446a51", grant),
    ]
    return [
        {
            "seq": seq,
            "time": (begun + timedelta(minutes=seq)).isoformat(),
            "actor": actor,
            "action": action,
            "subject": subject,
            "details": details,
        }
        for seq, (actor, action, subject, details) in enumerate(acts, start=1)
    ]


def _levels(columns: int, rows: int, mpp: float, media_type: str = "image/jpeg") -> list[Record]:
    """Ratios and tile sizes that no one may take for granted: 1, 3.1 and 8.7; 256, 240 and 512."""
    levels: list[Record] = []
    for level, (ratio, tile) in enumerate(
        [(1.0, (256, 256)), (3.1, (240, 200)), (8.7, (512, 512))]
    ):
        width, height = int(columns / ratio), int(rows / ratio)
        levels.append(
            {
                "level": level,
                "columns": width,
                "rows": height,
                "tile_columns": tile[0],
                "tile_rows": tile[1],
                "mpp_x": mpp * columns / width,
                "mpp_y": mpp * rows / height,
                "media_type": media_type,
            }
        )
    return levels


def _dataset(number: int, **more: Any) -> Record:
    accession = f"bb-dataset-{'abcdefghjk'[number]}7m2kq-x9tw4v"
    return {
        "accession": accession,
        "version": 1,
        "published": "2026-10-12T09:30:00Z",
        "keywords": [],
        "thumbnails": [f"/api/v1/datasets/{accession}/thumbnails/{n}" for n in range(3)],
        **more,
    }


GRADE: Record = {
    "name": "grade",
    "companion": "pathology",
    "entity": "case",
    "label": "Histological grade",
    "description": "Three tiers",
    "type": "category",
    "unit": "",
    "code": {"code": "371469007", "scheme": "SNOMED CT", "meaning": "Histologic grade of neoplasm"},
    "established": "consensus",
    "categories": ["Well differentiated", "Moderately differentiated", "Poorly differentiated"],
}
"""A variable of a companion table that every dataset here has."""


def graded(images: Sequence[Record], asked: str) -> tuple[list[Record], list[Record]]:
    """Every other image is of grade 2, the others of grade 3: those asked for, and the facet."""
    grades = {str(one["accession"]): "23"[number % 2] for number, one in enumerate(images)}
    values = [
        {"value": grade, "label": label, "count": list(grades.values()).count(grade)}
        for grade, label in (("2", "Moderately differentiated"), ("3", "Poorly differentiated"))
    ]
    kept = [one for one in images if asked in ("", f"grade:{grades[str(one['accession'])]}")]
    return kept, [{**GRADE, "values": values}]


def _counts(images: int, beings: int, cases: int, observations: int) -> Record:
    names = ("images", "beings", "cases", "observations", "annotations")
    return dict(zip(names, (images, beings, cases, observations, 0), strict=True))


DATASETS: list[Record] = [
    _dataset(
        0,
        alias="colon-adenoma",
        title="Adenoma to carcinoma in the colon, a case series",
        short_name="Colon adenoma series",
        description="Resections and biopsies of the colon along the adenoma to carcinoma "
        "sequence, read by two pathologists. Each case holds one slide of the lesion and, where "
        "there was one, of the resection margin.",
        type="clinical",
        dataset_type="Clinical/Anonymized",
        tier="open",
        counts=_counts(9, 8, 8, 31),
        organs=["Colon", "Rectum"],
        stains=["H&E", "Ki-67"],
        species=["Homo sapiens"],
        diagnoses=["Tubular adenoma", "Adenocarcinoma", "Hyperplastic polyp"],
        keywords=["colorectal", "polyp", "screening"],
    ),
    _dataset(
        1,
        alias="rat-28d",
        title="28-day oral toxicity study in the rat",
        short_name="Rat 28-day study",
        description="Control and three dose groups of Wistar rats. Liver, kidney and spleen of "
        "every animal, findings coded with SEND controlled terminology and graded by one study "
        "pathologist, peer reviewed by a second.",
        type="non-clinical",
        dataset_type="Non-Clinical/Cryptonymised",
        tier="controlled",
        counts=_counts(240, 80, 0, 611),
        organs=["Liver", "Kidney", "Spleen"],
        stains=["H&E"],
        species=["Rattus norvegicus"],
        diagnoses=["Hypertrophy, hepatocellular", "Vacuolation", "Within normal limits"],
        keywords=["toxicology", "GLP"],
    ),
    _dataset(
        2,
        alias="breast-ihc",
        title="Hormone receptors in invasive carcinoma of the breast",
        short_name="Breast receptors",
        description="Serial sections stained with H&E, ER, PR and HER2, registered to one another.",
        type="clinical",
        dataset_type="Clinical/Anonymized",
        tier="open",
        counts=_counts(4, 2, 2, 8),
        organs=["Breast"],
        stains=["H&E", "ER", "HER2"],
        species=["Homo sapiens"],
        diagnoses=["Invasive ductal carcinoma"],
    ),
    _dataset(
        3,
        alias="skin-margin",
        title="Resection margins of basal cell carcinoma",
        short_name="Skin margins",
        description="Frozen and permanent sections side by side, to study how margins change.",
        type="clinical",
        dataset_type="Clinical/Pseudonymized",
        tier="controlled",
        counts=_counts(1204, 311, 322, 1204),
        organs=["Skin"],
        stains=["H&E"],
        species=["Homo sapiens"],
        diagnoses=["Basal cell carcinoma"],
    ),
]

CODES = {
    "Tubular adenoma": ("SCT", "444408007"),
    "Adenocarcinoma": ("SCT", "35917007"),
    "Hyperplastic polyp": ("SCT", "62047007"),
    "Invasive ductal carcinoma": ("SCT", "82711006"),
    "Hypertrophy, hepatocellular": ("SEND", "C41450"),
    "Vacuolation": ("SEND", "C35867"),
    "Basal cell carcinoma": ("SCT", "1338007"),
}


def _image(
    dataset: int, number: int, *, columns: int = 3000, rows: int = 2300, **more: Any
) -> Record:
    media_type = more.pop("media_type", "image/jpeg")
    levels = _levels(columns, rows, 0.5, media_type)
    return {
        "accession": f"bb-image-{'abcdefghjk'[dataset]}{number:02d}m2k-q8w3zt".replace(
            "0", "z"
        ).replace("1", "y"),
        "dataset": DATASETS[dataset]["accession"],
        "seed": dataset * 100 + number,
        "columns": columns,
        "rows": rows,
        "mpp_x": 0.5,
        "mpp_y": 0.5,
        "magnification": 20,
        "levels": levels,
        "being": f"being-{number:02d}",
        **more,
    }


def _diagnoses(confirmed: str, candidate: str = "") -> list[Record]:
    given = [(confirmed, "confirmed")] + ([(candidate, "candidate")] if candidate else [])
    return [
        {"scheme": CODES[name][0], "code": CODES[name][1], "meaning": name, "qualifier": qualifier}
        for name, qualifier in given
    ]


def _all_images() -> list[Record]:
    human = {"species": "Homo sapiens"}
    colon = [
        _image(
            0,
            number,
            alias=f"C{number:02d}-{'KI67' if number % 4 == 3 else 'HE'}",
            stain="Ki-67" if number % 4 == 3 else "H&E",
            organ="Rectum" if number % 3 == 2 else "Colon",
            diagnoses=_diagnoses(
                ["Tubular adenoma", "Adenocarcinoma", "Hyperplastic polyp"][number % 3],
                "Adenocarcinoma" if number == 0 else "",
            ),
            **human,
        )
        for number in range(8)
    ]
    measure = _image(
        0,
        9,
        columns=3001,
        rows=2003,
        alias="ruler",
        stain="None",
        organ="None",
        diagnoses=[],
        media_type="image/png",
        **human,
    )
    stack = _image(
        2,
        3,
        columns=1500,
        rows=1000,
        alias="stack",
        stain="Immunofluorescence",
        organ="Breast",
        diagnoses=[],
        media_type="image/png",
        focal_planes=5,
        channels=[
            {"name": "DAPI", "colour": "#0060ff"},
            {"name": "Opal 520", "colour": "#00ff00"},
            {"name": "", "colour": "#ff0000"},
        ],
        **human,
    )
    breast = [
        _image(
            2,
            n,
            alias=f"B1-{s}",
            stain=s,
            organ="Breast",
            diagnoses=_diagnoses("Invasive ductal carcinoma"),
            **human,
        )
        for n, s in enumerate(["H&E", "ER", "HER2"])
    ]
    rat = [
        _image(
            1,
            n,
            alias=f"R{n:03d}-{organ}",
            stain="H&E",
            organ=organ,
            diagnoses=_diagnoses("Vacuolation"),
            species="Rattus norvegicus",
        )
        for n, organ in enumerate(["Liver", "Kidney", "Spleen"])
    ]
    skin = [
        _image(
            3,
            n,
            alias=f"S{n}",
            stain="H&E",
            organ="Skin",
            diagnoses=_diagnoses("Basal cell carcinoma"),
            **human,
        )
        for n in range(3)
    ]
    images = [*colon, measure, *breast, stack, *rat, *skin]
    for one in images:
        one["diagnosis_names"] = [diagnosis["meaning"] for diagnosis in one["diagnoses"]]
    return images


IMAGES = _all_images()


def dataset(accession: str) -> Record | None:
    return next((one for one in DATASETS if one["accession"] == accession), None)


def image(accession: str) -> Record:
    return next((one for one in IMAGES if one["accession"] == accession), {})


def search(
    records: list[Record], query: dict[str, list[str]], names: dict[str, str]
) -> tuple[list[Record], Record]:
    """Filter by words and facets; count each facet over what the rest of the query leaves."""

    def fits(record: Record, without: str = "") -> bool:
        words = query.get("q", [""])[-1].lower()
        if words and words not in str(record).lower():
            return False
        return all(
            name == without or not any(asked) or not set(asked).isdisjoint(_values(record, key))
            for name, key in names.items()
            for asked in [query.get(name, [])]
        )

    facets: Record = {}
    for name, key in names.items():
        counts: dict[str, int] = {}
        for record in records:
            if fits(record, without=name):
                for value in _values(record, key):
                    counts[value] = counts.get(value, 0) + 1
        ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        facets[name] = [
            {"value": value, "label": value, "count": count} for value, count in ordered
        ]
    return [record for record in records if fits(record)], facets


def _values(record: Record, key: str) -> list[str]:
    found = record[key]
    return found if isinstance(found, list) else [found]


def access(dataset: Record, *, may_open: bool, person: str | None) -> Record:
    if may_open:
        text = (
            "No account is needed."
            if dataset["tier"] == "open"
            else "Your grant ends on 31 December 2027."
        )
        return {"may_open": True, "reason": None, "text": text, "apply": None}
    text = (
        "The data access committee of the contributing centre decides who may open these images. "
        "You need a research question and the agreement of your organisation."
    )
    reason = "grant" if person else "sign-in"
    return {
        "may_open": False,
        "reason": reason,
        "text": text,
        "apply": "mailto:access@node.example",
    }


def landing(dataset: Record) -> Record:
    is_open = dataset["tier"] == "open"
    return {
        "policy": {
            "title": "Terms of use of this dataset",
            "dataset_type": dataset["dataset_type"],
            "tier": dataset["tier"],
            "type_of_access": "Direct Access",
            "allowed_uses": ["Research", "Training of algorithms"],
            "geography": "Worldwide" if is_open else "EU and EEA",
            "duration": "Unlimited" if is_open else "Until the project ends",
            "research_question_required": not is_open,
            "text": "The recipient shall use the data only for the purposes named, shall not "
            "attempt to identify any person, and shall not pass the data on.",
            "acknowledgement": "The contributing hospitals and the people whose tissue this is.",
            "citation": "",
            "restrictions": [] if is_open else ["No attempt may be made to uncover the sponsor."],
        },
        "landing": {
            "center_name": "Sankt Aelred Hospital",
            "keywords": dataset["keywords"],
            "citations": [],
            "references": ["https://example.org/study-protocol"],
            "changelog": "First version.",
            "contact_email": "access@node.example",
            "geographical_areas": ["Norway", "Finland"],
            "year_of_submission": 2026,
            "doi": None,
        },
        "metadata_standard": "2.0.0",
        "size_bytes": dataset["counts"]["images"] * 530_000_000,
        "resolutions": [0.25, 0.5],
        "variables": [GRADE],
        "citation": citation(dataset),
        "versions": versions(dataset),
        "quality": quality(dataset),
    }


def citation(dataset: Record) -> Record:
    forms = {
        "txt": ("Text", "text/plain"),
        "bib": ("BibTeX", "application/x-bibtex"),
        "ris": ("RIS", "application/x-research-info-systems"),
        "csl.json": ("CSL-JSON", "application/vnd.citationstyles.csl+json"),
        "datacite.xml": ("DataCite XML", "application/vnd.datacite.datacite+xml"),
        "jsonld": ("JSON-LD", "application/ld+json"),
    }
    address = f"https://node.example/datasets/{dataset['accession']}"
    return {
        "text": f"Sankt Aelred Hospital (2026): {dataset['title']}. Version {dataset['version']}. "
        f"Northern node. (Dataset). {dataset['accession']}. {address}",
        "address": address,
        "wordings": ["Sankt Aelred Hospital and partners (2026), invented slides of the colon."],
        "forms": [
            {
                "form": form,
                "label": label,
                "media_type": kind,
                "address": f"/api/v1/datasets/{dataset['accession']}/metadata.{form}",
            }
            for form, (label, kind) in forms.items()
        ],
    }


def bibtex(dataset: Record) -> str:
    return (
        f"@dataset{{{dataset['accession']},\n"
        "  author    = {{Sankt Aelred Hospital}},\n"
        f"  title     = {{{{{dataset['title']}}}}},\n"
        "  year      = {2026},\n"
        "  publisher = {{Northern node}},\n"
        f"  url       = {{https://node.example/datasets/{dataset['accession']}}}\n}}\n"
    )


def versions(dataset: Record) -> list[Record]:
    def entry(what: str, version: str, date: str | None, **more: Any) -> Record:
        return {
            "what": what,
            "version": version,
            "date": date,
            "note": "",
            "counts": {},
            "changes": {},
            "erased": "",
            **more,
        }

    version, counts = dataset["version"], dataset["counts"]
    told = {name: f"{count:,}" for name, count in counts.items()}
    return [
        entry("erased", version, "2026-11-12T08:00:00Z", erased="<5"),
        entry(
            "published",
            version,
            "2026-10-01T09:00:00Z",
            note="Ki-67 added to every fourth block; two slides scanned again.",
            counts=told,
            changes={"images": 4, "observations": -1},
        ),
        entry("stated", "0.9", None, note="Shared among the contributors only."),
    ]


def quality(dataset: Record) -> Record:
    is_shut = dataset["tier"] != "open"

    def share(field: str, label: str, percent: int) -> Record:
        held = None if is_shut and field == "sex" else percent
        return {"field": field, "label": label, "percent": held}

    def spread(field: str, label: str, unit: str, *groups: tuple[str, int]) -> Record:
        told = [{"label": name, "percent": percent} for name, percent in groups]
        return {"field": field, "label": label, "unit": unit, "groups": told}

    return {
        "images": f"{dataset['counts']['images']:,}",
        "is_withheld": is_shut,
        "shares": [
            share("organ", "Organ", 100),
            share("stain", "Stain", 100),
            share("species", "Species", 100),
            share("age", "Age", 87),
            share("sex", "Sex", 94),
            share("magnification", "Magnification", 99),
            share("scanner", "Scanner", 71),
            share("annotated", "Annotations", 3),
        ],
        "spreads": [
            spread(
                "diagnosis",
                "Diagnosis or finding",
                "",
                ("Confirmed", 58),
                ("Candidate", 31),
                ("Not stated", 11),
            ),
            spread("mpp", "Resolution", "µm/px", ("0.25", 76), ("0.5", 22), ("0.23", 2)),
            spread(
                "compression", "Compression", "", ("JPEG, lossy", 91), ("JPEG 2000, lossless", 9)
            ),
            spread(
                "scanner",
                "Scanner",
                "",
                ("Lumenscan L40", 41),
                ("Lumenscan L20", 17),
                ("Opticor One", 9),
                ("Opticor Two", 4),
                ("Not stated", 29),
            ),
        ],
    }


def image_card(image: Record) -> Record:
    hidden = {"seed", "levels", "being", "diagnosis_names", "focal_planes", "channels"}
    card = {name: value for name, value in image.items() if name not in hidden}
    return {**card, "thumbnail": f"/api/v1/images/{image['accession']}/thumbnail"}


def whole_image(image: Record, dataset: Record) -> Record:
    is_animal = dataset["type"] == "non-clinical"
    return {
        **image_card(image),
        "dataset": {name: dataset[name] for name in ("accession", "title", "short_name", "tier")},
        "being": {
            "alias": image["being"],
            "sex": "female",
            "species": image["species"],
            "strain": "Wistar Han" if is_animal else "",
            "control": "control group" if is_animal else "",
        },
        "case": None if is_animal else {"alias": image["being"].replace("being", "case")},
        "specimens": [
            {
                "alias": f"{image['alias']}-sp",
                "site": image["organ"],
                "extraction": "Excision",
                "fixation": "Neutral buffered formalin",
                "age": "60 to 69 years",
            }
        ],
        "block": {"alias": f"{image['alias']}-b1", "preparation": "Paraffin embedding"},
        "slide": {"alias": f"{image['alias']}-s1"},
        "staining": {"label": image["stain"], "method": "Routine", "target": ""},
        "labels": [
            {
                **GRADE,
                "value": "2",
                "meaning": "Moderately differentiated",
                "missing": "",
                "on": "case c-1",
            }
        ],
        "observations": [
            {
                "kind": "Diagnosis",
                "status": "Final",
                "on": "specimen",
                "text": "Low-grade dysplasia, margins free.",
                "codes": [],
                "qualifier": "confirmed",
            },
            {
                "kind": "Finding",
                "status": "Final",
                "on": "slide",
                "text": "",
                "codes": [
                    {
                        "tag": "finding",
                        "code": "M-43000",
                        "scheme": "SRT",
                        "meaning": "Chronic inflammation, mild",
                    }
                ],
                "qualifier": None,
            },
        ],
        "annotations": [],
        "levels": image["levels"],
        "focal_planes": image.get("focal_planes", 1),
        "channels": image.get("channels", []),
        "tiles": f"/tiles/{image['accession']}/{{level}}/{{column}}_{{row}}",
        "scanner": {"manufacturer": "Lumenscan", "model": "L40"},
    }


def _files(states: list[tuple[str, str, str, int]]) -> list[Record]:
    return [
        {
            "id": f"f{index}",
            "path": path,
            "role": role,
            "size": size,
            "received": 0 if state == "expected" else size // 2 if state == "receiving" else size,
            "state": state,
            "problem": None,
            "upload": f"/api/v1/uploads/f{index}",
        }
        for index, (path, role, state, size) in enumerate(states)
    ]


def submissions() -> list[Record]:
    metadata = [
        (f"METADATA/{name}.xml", "metadata", "checked", 48_000)
        for name in ("dataset", "image", "sample", "policy")
    ]
    slides = [
        (
            f"IMAGES/IMAGE_C{n:02d}/level-{level}.dcm",
            "image",
            "converted" if n < 2 else "cleaned",
            610_000_000 >> (2 * level),
        )
        for n in range(4)
        for level in range(3)
    ]
    face = [("LANDING_PAGE/landing_page.xml", "landing_page", "checked", 9_000)]
    broken = _files([*[(path, role, "received", size) for path, role, _, size in metadata], *face])
    broken[2]["state"] = "refused"
    broken[2]["problem"] = {
        "what": "alias “specimen-114” is not in any file",
        "remedy": "Correct line 114.",
    }
    finding = {
        "what": "An image refers to the specimen “specimen-114”, which no file describes.",
        "place": "METADATA/image.xml:114",
        "rule": "Constraint 2: references resolve",
        "remedy": "Add the specimen to METADATA/sample.xml, or correct the alias.",
        "severity": "error",
    }
    made = {"created": "2026-11-20T08:00:00Z", "changed": "2026-11-23T21:10:00Z"}
    return [
        {
            "accession": "bb-submission-live22-aaaaaa",
            "alias": "colon-adenoma-2",
            "title": "Adenoma to carcinoma, second series",
            "state": "converting",
            "problem": None,
            "findings": [],
            "dataset": None,
            "progress": {"done": 6, "total": 12},
            "files": _files([*metadata, *slides, *face]),
            **made,
        },
        {
            "accession": "bb-submission-bad222-bbbbbb",
            "alias": "kidney-biopsies",
            "title": "Kidney biopsies with immunofluorescence",
            "state": "refused",
            "problem": finding,
            "findings": [
                finding,
                {
                    **finding,
                    "what": "The image has no staining.",
                    "severity": "warning",
                    "place": "METADATA/image.xml:131",
                },
            ],
            "dataset": None,
            "progress": None,
            "files": broken,
            **made,
        },
        {
            "accession": DATASETS[0]["accession"],
            "alias": "colon-adenoma",
            "title": DATASETS[0]["title"],
            "state": "published",
            "problem": None,
            "findings": [],
            "dataset": f"/datasets/{DATASETS[0]['accession']}",
            "progress": None,
            "files": _files(
                [
                    (path, role, "published", size)
                    for path, role, _, size in [*metadata, *slides, *face]
                ]
            ),
            **made,
        },
    ]


def summed(submission: Record) -> Record:
    files = submission["files"]
    summary = {
        "total": len(files),
        "bytes": sum(one["size"] for one in files),
        "received_bytes": sum(one["received"] for one in files),
        "by_state": _by_state(files),
    }
    return {**submission, "files": summary}


def _by_state(files: list[Record]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in files:
        counts[one["state"]] = counts.get(one["state"], 0) + 1
    return counts


def event(submission: Record) -> Record:
    names = ("state", "problem", "progress")
    return {**{name: submission[name] for name in names}, "files": _by_state(submission["files"])}
