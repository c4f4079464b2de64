"""The words that need no mapping: the standard's own names, and usual ones with one meaning.

A word stands here only where it means the same in every laboratory. Codes and their meanings are
facts of SNOMED CT as DICOM (PS3.16) and the metadata standard name them, of HGNC, and of SEND,
whose submission values stand for their codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from bigpicture.model.code import Code
from bigpicture.preparation.columns import BY_NAME
from bigpicture.preparation.meaning import Meaning, fold
from bigpicture.standard.vocabularies import HGNC, SEND, SNOMED
from bigpicture.standard.vocabulary import fold as fold_meaning

_Terms = tuple[tuple[str, str, str], ...]
"""Code, meaning, and words apart by `|`."""

_SITES: _Terms = (
    ("71854001", "Colon structure", "colon|kolon|dickdarm|tjocktarm|cólon|côlon"),
    ("32713005", "Cecum structure", "cecum|caecum|zökum|coecum|cæcum|ciego|cieco|cekum"),
    ("9040008", "Ascending colon structure", "ascending colon|colon ascendens"),
    ("485005", "Transverse colon structure", "transverse colon|colon transversum"),
    ("32622004", "Descending colon structure", "descending colon|colon descendens"),
    (
        "60184004",
        "Sigmoid colon structure",
        "sigmoid colon|sigmoid|sigma|colon sigmoideum|sigmoïde|sigmoides|sigmoideum",
    ),
    ("34402009", "Rectum structure", "rectum|rektum|enddarm|recto|retto|ändtarm"),
    ("66754008", "Appendix structure", "appendix|wurmfortsatz|vermiform appendix"),
    ("30315005", "Small intestine", "small intestine|small bowel|dünndarm|intestin grêle|tunntarm"),
    ("38848004", "Duodenum", "duodenum|duodénum|duodeno|zwölffingerdarm"),
    ("69695003", "Stomach structure", "stomach|magen|estomac|estómago|stomaco|magsäck"),
    (
        "32849002",
        "Esophagus",
        "esophagus|oesophagus|ösophagus|speiseröhre|oesophage|œsophage|esófago",
    ),
    ("10200004", "Liver structure", "liver|leber|foie|hígado|fegato|lever"),
    ("28231008", "Gallbladder structure", "gallbladder|gall bladder|gallenblase|vésicule biliaire"),
    ("15776009", "Pancreatic structure", "pancreas|pankreas|pancréas|páncreas|bauchspeicheldrüse"),
    ("78961009", "Splenic structure", "spleen|milz|bazo|milza|mjälte"),
    ("64033007", "Kidney structure", "kidney|niere|rein|riñón|rene|njure"),
    ("89837001", "Urinary bladder structure", "urinary bladder|bladder|harnblase|vessie|vejiga"),
    ("41216001", "Prostatic structure", "prostate|prostata|próstata"),
    (
        "40689003",
        "Testis structure",
        "testis|testicle|hoden|testicule|testículo|testicolo|testikel",
    ),
    ("15497006", "Ovary", "ovary|ovar|ovarium|eierstock|ovaire|ovario"),
    ("35039007", "Uterus", "uterus|gebärmutter|utérus|útero|utero|livmoder"),
    ("71252005", "Cervix uteri structure", "cervix|cervix uteri|gebärmutterhals|col utérin"),
    ("78067005", "Placental structure", "placenta|plazenta"),
    ("76752008", "Breast structure", "breast|brust|mamma|sein|mama|mammella|bröst"),
    ("39607008", "Lung structure", "lung|lunge|poumon|pulmón|polmone|lunga"),
    ("44567001", "Tracheal structure", "trachea|luftröhre|trachée|tráquea"),
    ("80891009", "Heart structure", "heart|herz|cœur|coeur|corazón|cuore|hjärta"),
    ("39937001", "Skin structure", "skin|haut|peau|piel|pelle|cute|hud"),
    ("12738006", "Brain structure", "brain|gehirn|cerveau|encéphale|cerebro|cervello|hjärna"),
    ("2748008", "Spinal cord structure", "spinal cord|rückenmark|moelle épinière|ryggmärg"),
    ("81745001", "Structure of eye proper", "eye|auge|œil|oeil|ojo|occhio|öga"),
    (
        "69748006",
        "Thyroid structure",
        "thyroid|thyroid gland|schilddrüse|thyroïde|tiroides|tiroide",
    ),
    ("111002", "Parathyroid structure", "parathyroid|parathyroid gland|nebenschilddrüse"),
    ("23451007", "Adrenal structure", "adrenal|adrenal gland|nebenniere|surrénale|binjure"),
    ("9875009", "Thymus gland structure", "thymus|timo"),
    (
        "59441001",
        "Structure of lymph node",
        "lymph node|lymphknoten|ganglion lymphatique|linfonodo",
    ),
    ("14016003", "Bone marrow structure", "bone marrow|knochenmark|moelle osseuse|benmärg"),
    ("272673000", "Bone structure", "bone|knochen|hueso|ben"),
    ("127954009", "Skeletal muscle structure", "skeletal muscle|skelettmuskel|skelettmuskulatur"),
    ("21974007", "Tongue structure", "tongue|zunge|langue|lengua|lingua|tunga"),
    ("385294005", "Salivary Glands", "salivary gland|speicheldrüse|glande salivaire"),
)

_EXTRACTION: _Terms = (
    ("86273004", "Biopsy", "biopsy|biopsie|biopsia|biopsi|pe|probeexzision"),
    (
        "128304007",
        "Surgical extraction",
        "surgical extraction|surgical excision|resection|resektion",
    ),
    ("29240004", "Autopsy", "autopsy|necropsy|autopsie|nekropsie|sektion|obduktion|autopsia"),
)

_FIXATION: _Terms = (
    ("431510009", "Formalin", "formalin|formol|formalina|ffpe"),
    ("434162003", "Neutral Buffered Formalin", "neutral buffered formalin|nbf|10% nbf"),
    ("433474002", "Bouin's fluid", "bouin|bouin's fluid"),
    ("433338005", "Carnoy's fluid", "carnoy|carnoy's fluid"),
    ("419442005", "Ethanol", "ethanol"),
    ("52836003", "Paraformaldehyde", "paraformaldehyde|pfa"),
)

_EMBEDDING: _Terms = (
    ("311731000", "Paraffin wax", "paraffin|paraffin wax|paraffine|paraffina|parafina|ffpe"),
    (
        "433469005",
        "Frozen section embedding medium",
        "frozen|frozen section|oct|gefrierschnitt|schnellschnitt|congelé|fryssnitt",
    ),
)

_SPECIES: _Terms = (
    ("337915000", "Homo sapiens", "human|homo sapiens|mensch|humain|humano|umano|människa"),
)

_HE = (
    "h&e|he|h.e.|h+e|h und e|h & e|h and e|hematoxylin and eosin|haematoxylin and eosin|"
    "hematoxylin-eosin|hämatoxylin-eosin|hämalaun-eosin|htx-eosin|"
    "hématoxyline-éosine|hematoxilina-eosina|ematossilina-eosina"
)

_STAINS: _Terms = (
    (
        "104210008",
        "Hematoxylin and eosin stain method",
        _HE,
    ),
    ("255808002", "periodic acid Schiff stain", "pas|periodic acid schiff"),
    ("373646006", "giemsa stain", "giemsa"),
    ("45106005", "Congo red stain", "congo red|kongorot|rouge congo"),
    ("406452004", "Prussian blue stain", "prussian blue|berliner blau|bleu de prusse|perls"),
    ("255813003", "Ziehl-Neelsen stain", "ziehl-neelsen|ziehl neelsen"),
    ("29522004", "toluidine blue stain", "toluidine blue|toluidinblau"),
    ("40808006", "oil red O stain", "oil red o"),
    ("406989007", "trichrome stain", "trichrome stain"),
    ("406957003", "Van Gieson stain", "van gieson"),
    ("385484003", "gram stain", "gram"),
)

_GENES: _Terms = (
    ("HGNC:7107", "MKI67", "ki-67|ki67|mib-1|mib1"),
    ("HGNC:3430", "ERBB2", "her2|her-2|her2/neu|her-2/neu"),
    ("HGNC:3467", "ESR1", "estrogen receptor|oestrogen receptor|östrogenrezeptor"),
    ("HGNC:8910", "PGR", "progesterone receptor|progesteronrezeptor"),
    ("HGNC:7315", "MS4A1", "cd20"),
    ("HGNC:1674", "CD3E", "cd3e"),
    ("HGNC:1678", "CD4", "cd4"),
    ("HGNC:1706", "CD8A", "cd8a"),
    ("HGNC:1662", "CD34", "cd34"),
    ("HGNC:1693", "CD68", "cd68"),
    ("HGNC:8823", "PECAM1", "cd31"),
    ("HGNC:9666", "PTPRC", "cd45"),
    ("HGNC:17635", "CD274", "pd-l1|pdl1"),
    ("HGNC:11998", "TP53", "p53"),
    ("HGNC:1787", "CDKN2A", "p16"),
)

_DIAGNOSES: _Terms = (
    ("23875004", "No pathologic diagnosis", "no pathologic diagnosis|kein pathologischer befund"),
)

_NEAR: Mapping[str, Mapping[str, str]] = {
    "anatomical_site": {
        "32713005": "blinddarm|blindtarm|blindedarm",
        "66754008": "blinddarm|blindtarm|blindedarm",
        "71854001": "darm|bowel|large bowel|intestine|darmbiopsie",
    },
    "diagnosis": {
        "23875004": "normal|unremarkable|normalbefund|ohne befund|o.b.|no abnormality|unauffällig|"
        "normale|sin hallazgos|u.a.|n.a.d.",
    },
    "finding": {"UNREMARKABLE": "normal|nad|no abnormality|unauffällig|o.b.|within normal limits"},
}
"""Words that mean one of these in many laboratories and not in all: proposed, and never taken."""

_SEND: Mapping[str, tuple[str, ...]] = {
    "species": ("RAT", "MOUSE", "DOG", "RABBIT", "MINIPIG", "HAMSTER", "GUINEA PIG"),
    "strain": ("WISTAR", "SPRAGUE-DAWLEY", "FISCHER 344", "BEAGLE", "C57BL/6", "CD-1", "BALB/c"),
    "termination_status": (
        "TERMINAL SACRIFICE",
        "INTERIM SACRIFICE",
        "RECOVERY SACRIFICE",
        "MORIBUND SACRIFICE",
        "FOUND DEAD",
        "ACCIDENTAL DEATH",
    ),
    "finding": ("UNREMARKABLE",),
    "finding_category": ("NEOPLASTIC", "NON-NEOPLASTIC"),
    "severity": ("MINIMAL", "MILD", "MODERATE", "MARKED", "SEVERE"),
    "chronicity": ("ACUTE", "SUBACUTE", "CHRONIC"),
    "distribution": ("FOCAL", "MULTIFOCAL", "FOCALLY EXTENSIVE", "DIFFUSE"),
}

_CODES: Mapping[str, tuple[tuple[str, _Terms], ...]] = {
    "anatomical_site": ((SNOMED, _SITES),),
    "extraction_method": ((SNOMED, _EXTRACTION),),
    "fixation": ((SNOMED, _FIXATION),),
    "block_preparation": ((SNOMED, _EMBEDDING),),
    "species": ((SNOMED, _SPECIES),),
    "stain": ((SNOMED, _STAINS), (HGNC, _GENES)),
    "stain_target": ((HGNC, _GENES),),
    "diagnosis": ((SNOMED, _DIAGNOSES),),
    "specimen_type": ((SNOMED, (("119376003", "Tissue specimen", "tissue|gewebe|tissu|vävnad"),)),),
}

_VALUES: Mapping[str, Mapping[str, str]] = {
    "sex": {
        "Male": "m|male|man|männlich|mann|masculin|homme|masculino|hombre|maschio|maschile|hane|♂",
        "Female": "f|w|female|woman|weiblich|frau|féminin|femme|femenino|mujer|femmina|femminile|"
        "kvinna|hona|♀",
        "Not-known": "unknown|u|not known|unbekannt|inconnu|desconocido|sconosciuto|okänt|?",
        "Other": "other|divers|d|x|autre|otro|altro|annat",
    },
    "control": {"CONTROL": "control|kontrolle|vehicle", "TREATED": "treated|behandelt|dosed"},
    "stain_method": {
        "chemical": "chemical|histochemistry|special stain",
        "immunostaining": "ihc|immunohistochemistry|immunhistochemie|immunohistochimie|immunogenic",
        "in situ hybridization": "ish|fish|cish|in situ hybridisation",
    },
    "stain_reporter": {"chromogen": "chromogen|dab", "fluorochrome": "fluorochrome|fluorophore"},
    "stain_reporter_color": {
        "brown": "brown|braun|dab|marron|brun",
        "red": "red|rot|rouge|röd",
    },
}


def terms_of(column: str) -> Iterator[tuple[Meaning, tuple[str, ...]]]:
    """Every meaning that is known for a column, and the words for it."""
    for value in BY_NAME[column].values:
        words = _VALUES.get(column, {}).get(value, "")
        yield value, (value, *_split(words))
    vocabulary = BY_NAME[column].vocabulary
    listed = {code for _, terms in _CODES.get(column, ()) for code, *_ in terms}
    for code, meaning in vocabulary.terms.items() if vocabulary else ():
        if code not in listed:
            yield Code(code, vocabulary.schemes[0] if vocabulary else "", meaning), (meaning,)
    for scheme, terms in _CODES.get(column, ()):
        for code, meaning, words in terms:
            yield Code(code, scheme, meaning), (meaning, *_split(words))
    for value in _SEND.get(column, ()):
        yield Code(value, SEND, value), (value,)


def near(column: str) -> Iterator[tuple[Meaning, str]]:
    """What a word of a column may mean: no more than a proposal."""
    words = _NEAR.get(column, {})
    for meaning, _ in terms_of(column):
        told = words.get(meaning.code, "") if isinstance(meaning, Code) else ""
        yield from ((meaning, each) for each in _split(told))


@cache
def known(column: str) -> Mapping[str, Meaning]:
    """Folded word to meaning, for one column; a word with two meanings is left out."""
    found: dict[str, Meaning] = {}
    unclear: set[str] = set()
    for meaning, words in terms_of(column):
        for word in {fold(each) for each in words} | {fold_meaning(words[0])}:
            if word and found.setdefault(word, meaning) != meaning:
                unclear.add(word)
    return {word: meaning for word, meaning in found.items() if word not in unclear}


def meaning_of_code(column: str, scheme: str, code: str) -> str:
    """The meaning of a code that we know for a column; empty where we do not."""
    for meaning, _ in terms_of(column):
        if isinstance(meaning, Code) and (meaning.scheme, meaning.code) == (scheme, code):
            return meaning.meaning
    return ""


def _split(words: str) -> tuple[str, ...]:
    return tuple(each for each in words.split("|") if each)
