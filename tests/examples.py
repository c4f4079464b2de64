"""The example submissions that others published, and what the standard has to say of each.

The numbers are worked out by hand from the transcription of MSMdad 2.0.0 and the XSDs, never from
what the validator said. The peers' examples test their own indexing, not the standard: nearly all
of their objects state one attribute `test`, so that every mandatory row of their class is missing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bigpicture.metaflex.schema import BY_KIND
from bigpicture.model.finding import Severity
from places import shared

ERROR, WARNING, REPAIRED = Severity.ERROR, Severity.WARNING, Severity.REPAIRED
Said = Counter[tuple[str, Severity]]


def said(severity: Severity, *rules: str) -> Said:
    return Counter((rule, severity) for rule in rules)


@dataclass(frozen=True)
class Example:
    """`sources` are files or folders of the shared folder, later ones in place of earlier."""

    name: str
    line: str
    sources: tuple[str, ...]
    findings: Said
    why: str

    @property
    def documents(self) -> dict[str, bytes]:
        """The documents under the paths that the standard gives them."""
        paths = [
            path
            for source in self.sources
            for place in [shared(source)]
            for path in (sorted(place.glob("*.xml")) if place.is_dir() else [place])
        ]
        return {_PLACES[path.name]: path.read_bytes() for path in paths}

    def number(self, severity: Severity) -> int:
        return sum(count for (_, each), count in self.findings.items() if each == severity)


_PLACES = {each.file.rsplit("/", 1)[-1]: each.file for each in BY_KIND.values()}
_PLACES |= {"datacite.xml": "PRIVATE/datacite.xml"}
_PLACES |= dict.fromkeys(("policy_clinical.xml", "policy_non_clinical.xml"), "METADATA/policy.xml")

# Every row of 6.2 that is mandatory for everyone and stands at the top of the image. Not 6.2.2: it
# has no tag in the standard; not 6.2.19, nil where unused; not 6.2.21, which may be left out.
# 6.2.12 is left out of images that are not compressed, and these do not say so.
AN_IMAGE = said(
    WARNING,
    *("6.2.1", "6.2.3", "6.2.4", "6.2.5", "6.2.6", "6.2.7", "6.2.8", "6.2.9", "6.2.10", "6.2.11"),
    *("6.2.12", "6.2.13", "6.2.14", "6.2.15", "6.2.16", "6.2.17", "6.2.18", "6.2.20", "6.2.22"),
)
# 9.1.4 is there, spelled "Clinical / Anonymized": read as the standard's Clinical/Anonymized. Every
# other row is missing but 9.5.2, asked of pseudonymised data alone; those that may be nil have to
# say so.
A_POLICY = said(REPAIRED, "9.1.4") + said(
    WARNING,
    *("9.1.3", "9.1.5", "9.5.1", "9.5.3", "9.5.4", "9.5.5", "9.5.6", "9.5.7", "9.5.8", "9.5.9"),
    *("9.5.10", "9.5.11", "9.5.12.1"),
)
# 1.1.3: "1" is no semantic version; 1.1.12: no DATASET_TYPE; 1.1.13: no address.
A_DATASET = said(WARNING, "1.1.3", "1.1.12", "1.1.13")
# header, dataset_name and policy_text are the rows of 17 that may not be left out.
A_LANDING_PAGE = said(WARNING, "17.1.3", "17.1.5", "17.5.7")
# 16.1.3: PIC code 1 has not nine digits. Sex and species; the rows of a specimen and of a block,
# which may be nil in clinical data but have to be stated; compound, method and procedure.
OTHERS = said(
    WARNING,
    "16.1.3",
    *("2.3.1", "2.3.2", "3.2.1", "3.2.3", "3.2.4", "3.3.1", "4.2.1"),
    *("12.2.1", "12.2.3", "12.2.6"),
)
# The dataset lists one of the two images: constraint 5, which the software mends.
UNLISTED = said(REPAIRED, "constraint 5")
# datacite.xml is titled "Sample Dataset", the dataset otherwise.
A_RECORD = said(WARNING, "5.4.17")
FULL = AN_IMAGE + AN_IMAGE + A_POLICY + A_DATASET + A_LANDING_PAGE + OTHERS + UNLISTED + A_RECORD

# What an animal has to state besides: 2.2.14, 2.3.4, 2.3.5; and its study, 1.2.1.
OF_ANIMALS = said(WARNING, "2.2.14", "2.3.4", "2.3.5", "1.2.1")


def absent(*kinds: str) -> Said:
    """Constraint 1: a class of the minimum set that is not there."""
    return Counter({("constraint 1", ERROR): len(kinds)})


# The codes 1 to 7 are no SNOMED CT identifiers (six digits at least, the last a check digit), and 5
# is none of the six of DICOM CID 8115; extraction_method is not stated.
NO_CODES = said(WARNING, "2.3.2", "3.2.1", "3.2.3", "3.3.1", "4.2.1", "seen in data/search")

_SUBMITTER = "reference/metaflex/examples/metadata-submitter"
_SEARCH = "reference/metaflex/examples/sd-search-api"

EXAMPLES = (
    Example(
        "bp_xml",
        "2.0",
        ("testdata/metadata/bp_xml",),
        FULL,
        "whole; nearly every mandatory attribute is missing, and one image is not listed",
    ),
    Example("metadata-submitter", "2.0", (_SUBMITTER,), FULL, "the same documents"),
    Example(
        "metadata-submitter, fix",
        "2.0",
        (_SUBMITTER, f"{_SUBMITTER}/fix/dataset.xml"),
        # neither image, nor the annotation, nor the observation is listed: three more
        FULL + UNLISTED + UNLISTED + UNLISTED,
        "its dataset lists nothing: four references are added (constraint 5)",
    ),
    Example(
        "metadata-submitter, update",
        "2.0",
        (_SUBMITTER, f"{_SUBMITTER}/update"),
        FULL,  # image 3 in place of 2, as little listed
        "another title, another second image",
    ),
    Example(
        "metadata-submitter, non-clinical policy",
        "2.0",
        (_SUBMITTER, f"{_SUBMITTER}/single/policy_non_clinical.xml"),
        FULL + OF_ANIMALS,
        "what animals must state is missing too",
    ),
    *(
        Example(
            f"metadata-submitter, single {each} policy",
            "2.0",
            (f"{_SUBMITTER}/single/policy_{each.replace('-', '_')}.xml",),
            # 12 classes in the minimum set, and a policy is one; its dataset is not there
            A_POLICY
            + absent(*("dataset", "landing page", "rems", "organisation", "being", "specimen"))
            + absent(*("block", "slide", "staining", "image", "observation"))
            + said(ERROR, "BP-reference"),
            "a policy and nothing else",
        )
        for each in ("clinical", "non-clinical")
    ),
    Example(
        "sd-search-api 2.0, clinical",
        "2.0",
        (f"{_SEARCH}/2.0/dataset_clinical/METADATA",),
        absent("dataset", "policy", "organisation", "rems", "landing page", "image", "staining")
        # two slides name a staining, two observations an image: neither class is there
        + Counter({("BP-reference", ERROR): 4})
        + NO_CODES
        + said(REPAIRED, "BP-scheme"),  # ICDO is read as ICD-O
        "samples and observations alone, with codes that are none",
    ),
    Example(
        "sd-search-api 2.0, non-clinical",
        "2.0",
        (f"{_SEARCH}/2.0/dataset_non_clinical/METADATA",),
        absent("dataset", "policy", "organisation", "rems", "landing page", "image")
        + Counter({("BP-reference", ERROR): 2})  # both observations are of an image
        + NO_CODES
        # in each of two stainings the procedure is no code, and stands there a second time as text
        + Counter({("12.2.6", WARNING): 4})
        + said(WARNING, "12.2.7")  # an immunostaining says nil where its antibody is not known
        + said(REPAIRED, "12.2.3"),  # immunogenic, the word before 2.0
        "samples, stainings and observations alone; the method in the word of release 1",
    ),
    Example(
        "sd-search-api 3.0, clinical",
        "3.0",
        (f"{_SEARCH}/3.0/dataset_clinical/METADATA",),
        A_DATASET
        + AN_IMAGE
        + AN_IMAGE
        + UNLISTED
        + absent("policy", "organisation", "rems", "landing page", "slide", "staining")
        + absent("block", "specimen", "being", "observation")
        # the dataset names an annotation, an observation and a landing page, two images a slide
        + Counter({("BP-reference", ERROR): 5})
        # bb-image-g7w2cp-9jb4lz: accessions have no letter l (31 symbols, without i l o 0 1)
        + said(ERROR, "MetaFleX"),
        "a dataset and two images alone; an accession that no repository can have given",
    ),
)
