"""Invented texts that tell of invented people, in many languages, and texts that tell of nobody.

The names are put together from frequent given names and surnames that we made up; the numbers are
those that the registers publish as examples, or were computed from their published rules.
"""

from __future__ import annotations

TELLING: list[tuple[str, str, str, str]] = [
    # --- German
    ("de", "name", "Patientin: Erika Quellenbrück, Zustand nach Mastektomie.", "Quellenbrück"),
    ("de", "name", "Hr. Quellenbrück stellte sich mit Ikterus vor.", "Quellenbrück"),
    ("de", "name", "Nachname: Zwirnhofer", "Zwirnhofer"),
    ("de", "name", "Befundet von Dr. med. Annegret Zwirnhofer", "Zwirnhofer"),
    ("de", "name", "Leberbiopsie von Jürgen Felsentaler", "Jürgen Felsentaler"),
    ("de", "birth", "geb. 12.03.1957", "12.03.1957"),
    ("de", "birth", "Geburtsdatum: 12. März 1957", "12. März 1957"),
    ("de", "birth", "Zwirnhofer, *12.03.1957", "12.03.1957"),
    ("de", "number", "Versichertennummer A123456780", "A123456780"),
    ("de", "contact", "Wohnhaft Lindenstraße 14, telefonisch erreichbar", "Lindenstraße 14"),
    ("de", "age", "94-jährige Patientin mit Tumor", "94"),
    # --- English
    ("en", "name", "Patient: Gwendolyn Hartshaven, known cirrhosis.", "Hartshaven"),
    ("en", "name", "Mrs Hartshaven was admitted with jaundice", "Hartshaven"),
    ("en", "name", "HARTSHAVEN, GWENDOLYN", "HARTSHAVEN, GWENDOLYN"),
    ("en", "name", "Surname: Hartshaven", "Hartshaven"),
    ("en", "name", "Signed by G. R. Hartshaven", "Hartshaven"),
    ("en", "birth", "DOB: 3/12/1957", "3/12/1957"),
    ("en", "birth", "born on 12 March 1957 in a small town", "12 March 1957"),
    ("en", "birth", "Date of birth 1957-03-12", "1957-03-12"),
    ("en", "number", "NHS number 943 476 5919", "943 476 5919"),
    ("en", "number", "SSN: 536-90-4399", "536-90-4399"),
    ("en", "contact", "call 020 7946 0123 or tel. 020 7946 0123", "020 7946 0123"),
    (
        "en",
        "contact",
        "write to gwendolyn.hartshaven@example.org",
        "gwendolyn.hartshaven@example.org",
    ),
    ("en", "age", "a 93 year old man", "93"),
    # --- French
    ("fr", "name", "Mme Boisravine, adénocarcinome du sein", "Boisravine"),
    ("fr", "name", "Patient : Thierry Boisravine", "Thierry Boisravine"),
    ("fr", "name", "Nom: BOISRAVINE", "BOISRAVINE"),
    ("fr", "birth", "née le 3 avril 1941", "3 avril 1941"),
    ("fr", "birth", "Date de naissance : 03/04/1941", "03/04/1941"),
    ("fr", "number", "numéro de sécurité sociale 2 95 10 99 126 111 93", "2 95 10 99 126 111 93"),
    ("fr", "contact", "12 rue des Tilleuls Argentés", "12 rue des Tilleuls"),
    ("fr", "age", "patiente de 92 ans", "92"),
    # --- Spanish
    ("es", "name", "Paciente: Encarnación Valdelomar Ríos", "Encarnación Valdelomar"),
    ("es", "name", "Sra. Valdelomar, biopsia hepática", "Valdelomar"),
    ("es", "name", "Apellidos: Valdelomar", "Valdelomar"),
    ("es", "birth", "nacida el 12 de marzo de 1957", "12 de marzo de 1957"),
    ("es", "birth", "F. nac. 12/03/1957", "12/03/1957"),
    ("es", "number", "DNI 54362315K", "54362315K"),
    # --- Italian
    ("it", "name", "Paziente: Giuseppina Roccalvento", "Giuseppina Roccalvento"),
    ("it", "name", "Sig.ra Roccalvento", "Roccalvento"),
    ("it", "name", "Cognome: Roccalvento", "Roccalvento"),
    ("it", "birth", "nato a Montevento il 12 marzo 1957", "12 marzo 1957"),
    ("it", "birth", "data di nascita 12.03.1957", "12.03.1957"),
    ("it", "number", "C.F. RCCMNL83S18D969H, campione epatico", "RCCMNL83S18D969H"),
    # --- Portuguese
    ("pt", "name", "Paciente: Conceição Vilarinhos", "Vilarinhos"),
    ("pt", "name", "Nome completo: Joaquim Vilarinhos", "Joaquim Vilarinhos"),
    ("pt", "birth", "nascida em 12 de março de 1957", "12 de março de 1957"),
    ("pt", "birth", "Data de nascimento: 12-03-1957", "12-03-1957"),
    # --- Dutch
    ("nl", "name", "Patiënt: Willem van Duinhoven", "Willem van Duinhoven"),
    ("nl", "name", "Mevr. Duinhoven, leverbiopt", "Duinhoven"),
    ("nl", "birth", "geboren op 12 maart 1957", "12 maart 1957"),
    ("nl", "birth", "geboortedatum 12-03-1957", "12-03-1957"),
    ("nl", "number", "BSN 111222333", "111222333"),
    ("nl", "number", "rijksregisternummer 85.07.30-033.28", "85.07.30-033.28"),
    # --- Swedish, Danish, Norwegian, Icelandic
    ("sv", "name", "Efternamn: Granlöv", "Granlöv"),
    ("sv", "name", "Prov från Ingvar Granlöv", "Ingvar Granlöv"),
    ("sv", "birth", "född 1957-03-12", "1957-03-12"),
    ("sv", "number", "Personnummer: 880320-0016", "880320-0016"),
    ("da", "name", "Fru Kildeholm, leverbiopsi", "Kildeholm"),
    ("da", "birth", "født 12. marts 1957", "12. marts 1957"),
    ("da", "number", "CPR 211062-5629", "211062-5629"),
    ("no", "name", "Pasient: Sigurd Fjellvang", "Sigurd Fjellvang"),
    ("no", "birth", "fødselsdato 12.03.1957", "12.03.1957"),
    ("no", "number", "fødselsnummer 151086 95088", "151086 95088"),
    ("is", "number", "kennitala 450401-3150", "450401-3150"),
    # --- Finnish
    ("fi", "name", "Potilas: Kaarina Lehtovuori", "Kaarina Lehtovuori"),
    ("fi", "name", "Sukunimi: Lehtovuori", "Lehtovuori"),
    ("fi", "birth", "syntynyt 12.3.1957", "12.3.1957"),
    ("fi", "number", "henkilötunnus 131052-308T", "131052-308T"),
    ("fi", "age", "91-vuotias nainen", "91"),
    # --- Polish
    ("pl", "name", "Pacjentka: Grażyna Borowicka", "Grażyna Borowicka"),
    ("pl", "name", "Nazwisko: Borowicka", "Borowicka"),
    ("pl", "birth", "ur. 12.03.1957 r.", "12.03.1957"),
    ("pl", "birth", "urodzona 12 marca 1957", "12 marca 1957"),
    ("pl", "number", "PESEL 44051401359", "44051401359"),
    # --- Czech and Slovak
    ("cs", "name", "Příjmení: Jasanský", "Jasanský"),
    ("cs", "name", "Biopsie: Zdeněk Jasanský", "Zdeněk Jasanský"),
    ("cs", "birth", "narozen 12. 3. 1957", "12. 3. 1957"),
    ("cs", "number", "rodné číslo 710319/2745", "710319/2745"),
    # --- Hungarian
    ("hu", "name", "Vezetéknév: Erdőhalmi", "Erdőhalmi"),
    ("hu", "name", "Beteg: Erdőhalmi Zsuzsanna", "Erdőhalmi Zsuzsanna"),
    ("hu", "birth", "szül.: 1957. március 12", "1957. március 12"),
    # --- Romanian
    ("ro", "name", "Nume: Codreascu", "Codreascu"),
    ("ro", "birth", "născută la 12.03.1957", "12.03.1957"),
    ("ro", "number", "CNP 1630615123457", "1630615123457"),
    # --- Greek
    ("el", "name", "Επώνυμο: Λιβαδόπουλος", "Λιβαδόπουλος"),
    ("el", "name", "Ασθενής: Ελένη Λιβαδοπούλου", "Ελένη Λιβαδοπούλου"),
    ("el", "birth", "γεννήθηκε 12/03/1957", "12/03/1957"),
    ("el", "number", "ΑΜΚΑ 01013099997", "01013099997"),
    # --- Bulgarian
    ("bg", "name", "Пациент: Георги Дъбравски", "Георги Дъбравски"),
    ("bg", "birth", "роден 12.03.1957", "12.03.1957"),
    # --- Estonian, Latvian, Lithuanian, Croatian, Slovene
    ("et", "birth", "sünniaeg 12.03.1957", "12.03.1957"),
    ("et", "number", "isikukood 36805280109", "36805280109"),
    ("lv", "name", "Uzvārds: Ozolkalns", "Ozolkalns"),
    ("lt", "birth", "gimimo data 1957-03-12", "1957-03-12"),
    ("hr", "name", "Prezime: Hrastović", "Hrastović"),
    ("hr", "number", "OIB 33392005961", "33392005961"),
    ("sl", "birth", "rojena 12. 3. 1957", "12. 3. 1957"),
    ("nl-BE", "number", "85.07.30-033.28 is his number", "85.07.30-033.28"),
    ("en", "number", "NHS number 943 476 5919 2 blocks", "943 476 5919"),
    ("it", "number", "RCC MNL 83S18 D969H e fegato", "RCC MNL 83S18 D969H"),
    ("de-CH", "number", "756.9217.0769.85", "756.9217.0769.85"),
]
"""Language, kind, text, and the stretch that must be seen."""

INNOCENT = [
    "Ziehl-Neelsen stain, no acid-fast bacilli.",
    "Masson Goldner trichrome and Elastica van Gieson",
    "Hodgkin lymphoma with Reed-Sternberg cells",
    "Barrett's oesophagus without dysplasia",
    "Gleason 3+4=7, Grade Group 2",
    "Paget disease of the nipple",
    "Wilms tumour; Wilms Tumor 1 positive",
    "M. Crohn, M. Hodgkin, M. Paget",
    "Morbus Crohn mit Granulomen vom Sarkoidosetyp",
    "Gordon and Sweet's reticulin; Victoria blue; Rose Bengal; Congo red",
    "May-Grünwald-Giemsa",
    "Papanicolaou smear, Bethesda System 2014",
    "Mallory-Denk bodies, Councilman bodies",
    "Ann Arbor stage IIB",
    "Bence Jones protein",
    "Von Hippel-Lindau syndrome",
    "Rosai-Dorfman disease",
    "Institut Gustave Roussy",
    "Karolinska Universitetssjukhuset",
    "Maria Hospital, San Francisco",
    "Santa Cruz Biotechnology; Thermo Fisher; Richard-Allan Scientific",
    "Charles River Laboratories, Sprague Dawley rats, Wistar Han",
    "Carl Zeiss Axioscan 7",
    "Robert Koch Institut",
    "Leica Biosystems Aperio AT2",
    "Ki-67 labelling index 12 %, CD3, CD20, p53, HER2 (4B5)",
    "AE1/AE3, CK7, CK20, TTF-1, Napsin A",
    "Patient: 54 years, female",
    "Patient received neoadjuvant chemotherapy",
    "The patient was treated with cisplatin.",
    "Name of the stain: Alcian Blue",
    "Nonalcoholic steatohepatitis, stage F3",
    "Adenokarzinom des Kolons, pT3 pN1 L1 V0 Pn0 R0",
    "Tumeur de Krukenberg, métastase ovarienne",
    "Linfoma de Burkitt",
    "Malattia di Hirschsprung",
    "Sektion einer Leber. Blocks A1-A12, 4 µm",
    "Scanned at 0.25 µm/px on 2 scanners",
    "Version 12.4.3.5008, build 2019",
    "Section 4.2.1 of the protocol",
    "ISO 15189:2022, ISBN 978-3-16-148410-0",
    "doi:10.1038/s41586-021-03819-2",
    "1.2.826.0.1.3680043.10.543.1234567890",
    "Serial number SS45017",
    "collected between 2010 and 2015",
    "Samples were taken in March 2019.",
    "survival of 95 days",
    "contact: bigpicture-info@example.org",
    "Rats were dosed at 100 mg/kg for 28 days",
    "Fischer 344, Long Evans, Golden Syrian hamster",
    "Terminal sacrifice; no abnormalities detected",
    "Hyperplasia, bile duct; Kupffer cell pigmentation",
    "Immunohistochemistry against Cytokeratin 7 (clone OV-TL 12/30)",
    "University of Nowhere, Department of Pathology",
    "European Union and EEA countries",
]
"""Texts as they stand in pathology; nobody is known by them."""

MISSED: list[tuple[str, str]] = [
    ("name", "the sample of Quellenbrück was lost"),  # a surname alone
    ("name", "erika quellenbrück had a biopsy"),  # no capitals in running text
    ("name", "Xhevahire Quellenbrück, liver"),  # a given name that no list has
    ("name", "Sofiaquellenbruck"),  # run together
    ("birth", "she came into the world in the spring of 1957"),
    ("number", "9434765919"),  # bare, and one number in eleven passes
    ("contact", "the last house behind the mill"),
]
"""What is not seen, and known not to be."""
