"""Identities: invented persons and what a careless laboratory writes about them on a slide."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from bigpicture.phantom.chance import one

_GIVEN = (
    "Aurelia",
    "Benno",
    "Carmina",
    "Dorian",
    "Elvira",
    "Falk",
    "Ginevra",
    "Hartmut",
    "Ilaria",
    "Joris",
    "Klotilde",
    "Leander",
    "Mirabel",
    "Nestor",
    "Ottilie",
    "Piotrek",
    "Quirin",
    "Rosalind",
    "Severin",
    "Tamsin",
    "Ursina",
    "Valentin",
    "Wendelin",
    "Xenia",
    "Yannick",
    "Zelda",
)
_FAMILY = (
    "Abendrot",
    "Birkenmoor",
    "Castellvar",
    "Drosselfels",
    "Eichwalder",
    "Fjordhaug",
    "Grünspecht",
    "Halvorsrud",
    "Immergrund",
    "Jaskulowa",
    "Kranichfeld",
    "Lindqvarn",
    "Mondschein",
    "Nachtigall",
    "Ottersbek",
    "Pfauenfeder",
    "Querfurter",
    "Rabenhorst",
    "Silberlund",
    "Tannhöfer",
    "Uhlenbruk",
    "Vasskari",
    "Wolkenstein",
    "Ypsilander",
    "Zirbelnuss",
)
_HOSPITALS = ("Invented General Hospital", "St. Nowhere University Clinic", "Example Valley Trust")
_SITES = ("COLON", "BREAST", "LIVER", "KIDNEY")


@dataclass(frozen=True)
class Identity:
    """Everything identifying that is planted on one slide; nobody of this name is meant."""

    given_name: str
    family_name: str
    birth_date: str
    accession: str
    hospital_number: str
    barcode: str
    hospital: str
    operator: str
    scanner_serial: str
    scan_date: str
    scan_time: str
    file_name: str
    title: str
    block: str

    @property
    def name(self) -> str:
        return f"{self.family_name}, {self.given_name}"

    @property
    def planted(self) -> dict[str, str]:
        """Every planted string by what it is, for tests that search for leaks."""
        return {**asdict(self), "name": self.name}


def identity(seed: int, *, organ: str = "") -> Identity:
    """Invent the identity of slide `seed`."""
    u = [one(seed, k, 901) for k in range(20)]
    given = _GIVEN[int(u[0] * len(_GIVEN))]
    family = _FAMILY[int(u[1] * len(_FAMILY))]
    year, month, day = 1931 + int(u[2] * 60), 1 + int(u[3] * 12), 1 + int(u[4] * 28)
    accession = f"S{19 + int(u[5] * 6)}-{10000 + int(u[6] * 89999)}"
    block = f"{'ABC'[int(u[7] * 3)]}{1 + int(u[8] * 9)}"
    serial = f"SS{7000 + int(u[9] * 1999)}CNTLR"
    hour, minute, second = int(u[12] * 24), int(u[13] * 60), int(u[14] * 60)
    stem = f"{accession}_{block}_{_plain(family)}"
    return Identity(
        given_name=given,
        family_name=family,
        birth_date=f"{year:04d}-{month:02d}-{day:02d}",
        accession=accession,
        hospital_number=f"{int(u[10] * 9e6) + 1000000:07d}",
        barcode=f"{accession}-{block}-{100 + int(u[11] * 899)}",
        hospital=_HOSPITALS[int(u[15] * len(_HOSPITALS))],
        operator=f"{_GIVEN[int(u[16] * len(_GIVEN))].lower()}.{_plain(family).lower()[:4]}x",
        scanner_serial=serial,
        scan_date=f"{1 + int(u[17] * 12):02d}/{1 + int(u[18] * 28):02d}/{19 + int(u[5] * 6)}",
        scan_time=f"{hour:02d}:{minute:02d}:{second:02d}",
        file_name=stem,
        title=f"{_plain(family)} {given} {organ or _SITES[int(u[19] * 4)]}".strip(),
        block=block,
    )


def _plain(text: str) -> str:
    """ASCII only: what fits an ASCII tag and a barcode."""
    return text.replace("ü", "ue").replace("ö", "oe").replace("ä", "ae")
