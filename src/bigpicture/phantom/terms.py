"""Terms: the codes that the invented studies use, as facts of their terminologies."""

from __future__ import annotations

from bigpicture.model.code import Code

SNOMED = "SNOMED CT"
SEND = "SEND"


def snomed(code: str, meaning: str) -> Code:
    return Code(code, SNOMED, meaning)


def send(code: str, meaning: str = "") -> Code:
    """A SEND term; where no NCI code is given, its submission value is the code."""
    return Code(code, SEND, meaning or code)


HUMAN = snomed("337915000", "Homo sapiens")
RAT = send("C14266", "RAT")
COLON = snomed("71854001", "Colon structure")
BREAST = snomed("76752008", "Breast structure")
LIVER = snomed("10200004", "Liver structure")
KIDNEY = snomed("64033007", "Kidney structure")
BIOPSY = snomed("86273004", "Biopsy")
EXCISION = snomed("128304007", "Surgical extraction")
NECROPSY = snomed("29240004", "Autopsy examination")
FORMALIN = snomed("431510009", "Formalin")
PARAFFIN = snomed("311731000", "Paraffin wax")
TISSUE = snomed("119376003", "Tissue specimen")
HE_METHOD = snomed("104210008", "Hematoxylin and eosin stain method")
HAEMATOXYLIN = snomed("12710003", "Hematoxylin stain")
EOSIN = snomed("36879007", "Water soluble eosin stain")
KI67 = Code("HGNC:7107", "HGNC", "MKI67")
HER2 = Code("HGNC:3430", "HGNC", "ERBB2")
ANTIBODY = "Antibody"

ADENOCARCINOMA = snomed("408645001", "Adenocarcinoma of colon")
TUBULAR_ADENOMA = snomed("444408007", "Tubular adenoma")
NO_DIAGNOSIS = snomed("23875004", "No pathologic diagnosis")
DUCTAL_CARCINOMA = snomed("408643008", "Infiltrating duct carcinoma of breast")

WISTAR = send("WISTAR")
SACRIFICE = send("TERMINAL SACRIFICE")
NON_NEOPLASTIC = send("C53529", "NON-NEOPLASTIC")
QUALITATIVE = send("C147493", "General Histopathologic Exam, Qual")
MULTIFOCAL = send("C25253", "MULTIFOCAL")
UNREMARKABLE = send("UNREMARKABLE")
DURATION = Code("P28D", SEND, "28 days")
GRADES = {
    1: send("C147501", "1 OF 5"),
    2: send("C147502", "2 OF 5"),
    3: send("C147503", "3 OF 5"),
}
