"""The columns of the sheet with one row per slide; sheets of one entity each have part of them."""

from __future__ import annotations

from collections.abc import Mapping

from bigpicture.model.entity import EntityKind
from bigpicture.model.observation import StatementStatus
from bigpicture.preparation.column import Column, ColumnKind, rule_at
from bigpicture.standard.msmdad.staining import METHODS
from bigpicture.standard.rule import Audience

_BEING, _CASE, _SPECIMEN = EntityKind.BEING, EntityKind.CASE, EntityKind.SPECIMEN
_BLOCK, _SLIDE, _STAINING = EntityKind.BLOCK, EntityKind.SLIDE, EntityKind.STAINING
_IMAGE, _OBSERVATION, _OBSERVER = EntityKind.IMAGE, EntityKind.OBSERVATION, EntityKind.OBSERVER


def _names(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())


def _identifier(entity: EntityKind, heading: str, help_: str, example: str, names: str) -> Column:
    return Column(
        name=entity.value,
        heading=heading,
        help=help_,
        example=example,
        animal_example="" if entity is _CASE else example,
        entity=entity,
        kind=ColumnKind.IDENTIFIER,
        required=Audience.EVERYONE if entity is _BEING else None,
        other_names=_names(names),
    )


def _term(
    name: str,
    heading: str,
    help_: str,
    example: str,
    *,
    of: EntityKind,
    path: str = "",
    values: tuple[str, ...] = (),
    animal: str = "",
    names: str = "",
    kind: ColumnKind = ColumnKind.TERM,
    required: Audience | None = None,
) -> Column:
    return Column(
        name=name,
        heading=heading,
        help=help_,
        example=example,
        animal_example=animal,
        entity=of,
        kind=kind,
        rule=rule_at(of, path) if path else None,
        own_values=values,
        required=required,
        other_names=_names(names),
    )


COLUMNS: tuple[Column, ...] = (
    Column(
        name="file",
        heading="File",
        help="Name of the slide's file or folder, as it lies in the folder of slides.",
        example="EXAMPLE-1.svs",
        animal_example="EXAMPLE-1.svs",
        entity=_IMAGE,
        kind=ColumnKind.IDENTIFIER,
        required=Audience.EVERYONE,
        other_names=_names(
            "filename, file name, image, scan, datei, dateiname, fichier, nom du fichier, archivo, "
            "fichero, nome file, fil, filnamn, bestand, image file, slide file, path, pfad"
        ),
    ),
    _identifier(
        _SLIDE,
        "Slide",
        "Your number of the glass. Left out, the file's name serves.",
        "S-1-1-HE",
        "slide id, glass, praparat, objekttrager, schnitt, lame, portaobjetos, vetrino, "
        "objektglas, coupe, slide number, slide no",
    ),
    _identifier(
        _BLOCK,
        "Block",
        "Your number of the block. Left out, each slide has its own.",
        "S-1-1",
        "block id, blocknummer, bloc, bloque, blocco, paraffin block, blok, block number, block no",
    ),
    _identifier(
        _SPECIMEN,
        "Specimen",
        "Your number of the tissue. Left out, each block has its own.",
        "S-1",
        "specimen id, sample, sample id, probe, gewebe, prelevement, echantillon, muestra, "
        "campione, prov, material, part, specimen number",
    ),
    _identifier(
        _CASE,
        "Case",
        "Your number of the pathology case. Left out, each being has one.",
        "C-1",
        "case id, fall, fallnummer, eingangsnummer, cas, dossier, caso, fallid, accession, "
        "accession number, case number, case no, arende",
    ),
    _identifier(
        _BEING,
        "Being",
        "Your number of the patient or animal: the same in each row of the same one.",
        "P-1",
        "biological being, patient, patient id, patientid, patientennummer, pid, animal, "
        "animal id, subject, subject id, usubjid, person, tier, "
        "paciente, paziente, sujet, animale, djur, "
        "patientnummer, patient number, donor, numero de patient",
    ),
    _term(
        "sex",
        "Sex",
        "Male, Female, Not-known or Other.",
        "Female",
        of=_BEING,
        path="sex",
        animal="Male",
        names="gender, geschlecht, sexe, sexo, sesso, kon, geslacht, kjonn",
    ),
    _term(
        "species",
        "Species",
        "Left out in a clinical dataset, people are meant.",
        "Homo sapiens",
        of=_BEING,
        path="animal_species",
        animal="RAT",
        names="animal species, organism, spezies, tierart, espece, especie, specie, art",
    ),
    _term(
        "strain",
        "Strain",
        "Of animals: the term of SEND.",
        "",
        of=_BEING,
        path="animal_strain",
        animal="WISTAR",
        names="animal strain, stamm, souche, cepa, ceppo, stam",
    ),
    _term(
        "control",
        "Control",
        "Of animals: CONTROL or TREATED.",
        "",
        of=_BEING,
        path="control_terminology",
        animal="TREATED",
        names="control terminology, group, gruppe, groupe, grupo, gruppo, grupp, treatment group",
    ),
    _term(
        "termination_status",
        "Termination",
        "Of animals: how it died, the term of SEND.",
        "",
        of=_BEING,
        path="termination_status",
        animal="TERMINAL SACRIFICE",
        names="termination status, termination, disposition, dsdecod, death",
    ),
    _term(
        "age",
        "Age",
        "At extraction: years (57), an interval (50-59), 10 weeks, or P50Y/P10Y. Never a birthday.",
        "50-59",
        of=_SPECIMEN,
        path="age_at_extraction",
        animal="10 weeks",
        names="age at extraction, age years, age in years, alter, edad, eta, alder, leeftijd, "
        "age at diagnosis",
        kind=ColumnKind.NUMBER,
    ),
    _term(
        "anatomical_site",
        "Anatomical site",
        "The organ, as a name, a local word, or a code: SNOMED CT:71854001 Colon structure.",
        "Colon",
        of=_SPECIMEN,
        path="anatomical_site",
        animal="Liver",
        required=Audience.NON_CLINICAL,
        names="site, organ, lokalisation, topography, topographie, localizacion, sede, organe, "
        "organo, lokal, location, anatomic site, tissue site, entnahmeort, mispec",
    ),
    _term(
        "extraction_method",
        "Extraction",
        "How the tissue was taken: Biopsy, Surgical extraction, Autopsy.",
        "Biopsy",
        of=_SPECIMEN,
        path="extraction_method",
        animal="Autopsy",
        names="extraction method, extraction, procedure, entnahme, entnahmeart, "
        "methode de prelevement, metodo, sampling method",
    ),
    _term(
        "fixation",
        "Fixation",
        "The fixative, such as Formalin.",
        "Formalin",
        of=_SPECIMEN,
        path="fixation_type",
        animal="Formalin",
        names="fixation type, fixative, fixierung, fixateur, fijacion, fissazione, fixering",
    ),
    _term(
        "specimen_type",
        "Specimen type",
        "Tissue specimen, Cytologic material, Body fluid …",
        "Tissue specimen",
        of=_SPECIMEN,
        path="specimen_type",
        animal="Tissue specimen",
        names="material type, sample type, probenart, materialart, type de prelevement",
    ),
    _term(
        "block_preparation",
        "Block preparation",
        "What the tissue is embedded in, such as Paraffin wax.",
        "Paraffin wax",
        of=_BLOCK,
        path="block_preparation",
        animal="Paraffin wax",
        names="embedding, embedding medium, einbettung, inclusion, inclusione, inbaddning, ffpe",
    ),
    _term(
        "stain",
        "Stain",
        "H&E, PAS …, or the marker of an immunostain (Ki-67), or a code.",
        "H&E",
        of=_STAINING,
        path="staining_procedure",
        animal="H&E",
        required=Audience.EVERYONE,
        names="staining, farbung, coloration, tincion, colorazione, fargning, kleuring, "
        "staining procedure, stain name",
    ),
    _term(
        "stain_method",
        "Stain method",
        "chemical, immunostaining or in situ hybridization. Left out, the stain tells.",
        "",
        of=_STAINING,
        values=METHODS,
        names="staining method, farbemethode",
    ),
    _term(
        "stain_target",
        "Target",
        "Of an immunostain: the gene or antigen, where Stain does not name it already.",
        "",
        of=_STAINING,
        path="staining_target",
        names="staining target, marker, antigen, biomarker, target",
    ),
    _term(
        "stain_reporter",
        "Reporter",
        "Of an immunostain: chromogen or fluorochrome.",
        "",
        of=_STAINING,
        path="staining_reporter_type",
        values=("chromogen", "fluorochrome"),
        names="reporter, staining reporter type, reporter type",
    ),
    _term(
        "stain_reporter_color",
        "Reporter colour",
        "Of an immunostain: brown, red, black …",
        "",
        of=_STAINING,
        path="staining_reporter_color",
        names="reporter color, staining reporter color, colour, chromogen color",
    ),
    _term(
        "antibody",
        "Antibody",
        "Commercial name of the antibody, or its clone.",
        "",
        of=_STAINING,
        path="antibody_information/commercial_name",
        names="clone, antikorper, anticorps, anticuerpo, anticorpo, antikropp, commercial name",
        kind=ColumnKind.TEXT,
    ),
    _term(
        "antibody_vendor",
        "Antibody vendor",
        "Who sells it.",
        "",
        of=_STAINING,
        path="antibody_information/antibody_vendor",
        names="vendor, hersteller, fournisseur",
        kind=ColumnKind.TEXT,
    ),
    _term(
        "diagnosis",
        "Diagnosis",
        "Of the case: a name, a local word, or a code of SNOMED CT, ICD-O-3 …",
        "SNOMED CT:408645001 Adenocarcinoma of colon",
        of=_OBSERVATION,
        names="diagnose, diagnostic, diagnostico, diagnosi, morphology, morphologie, "
        "pathological diagnosis",
    ),
    _term(
        "finding",
        "Finding",
        "Of an animal's slide: the term of SEND (MISTRESC).",
        "",
        of=_OBSERVATION,
        animal="UNREMARKABLE",
        names="mistresc, befund, constatation, hallazgo, reperto, fynd, microscopic finding",
    ),
    _term(
        "finding_category",
        "Category",
        "Of a finding: NON-NEOPLASTIC, NEOPLASTIC … (MIRESCAT).",
        "",
        of=_OBSERVATION,
        names="finding category, mirescat, result category",
    ),
    _term(
        "severity",
        "Severity",
        "Of a finding: the term of SEND (MISEV).",
        "",
        of=_OBSERVATION,
        names="misev, schweregrad, severite, gravedad, gravita, allvarlighetsgrad",
    ),
    _term(
        "chronicity",
        "Chronicity",
        "Of a finding: ACUTE, CHRONIC … (MICHRON).",
        "",
        of=_OBSERVATION,
        names="michron, chronizitat, chronicite",
    ),
    _term(
        "distribution",
        "Distribution",
        "Of a finding: FOCAL, MULTIFOCAL … (MIDISTR).",
        "",
        of=_OBSERVATION,
        names="midistr, verteilung, distribucion, distribuzione",
    ),
    _term(
        "finding_text",
        "Finding in words",
        "The finding as it was first written (MIORRES). No names, no dates.",
        "",
        of=_OBSERVATION,
        names="miorres, original result, befundtext",
        kind=ColumnKind.TEXT,
    ),
    _term(
        "statement_status",
        "Status",
        "Summary: true of at least one slide below. Distinct: true of each of them.",
        "",
        of=_OBSERVATION,
        values=tuple(StatementStatus),
        names="statement status",
    ),
    _term(
        "description",
        "Description",
        "Free words on what was seen. No names, no dates.",
        "",
        of=_OBSERVATION,
        names="beschreibung, freetext, free text, comment, kommentar, microscopic description, "
        "mikroskopie, text",
        kind=ColumnKind.TEXT,
    ),
    _term(
        "observer",
        "Observer",
        "Your number of who stated it; it leaves the site as a pseudonym.",
        "",
        of=_OBSERVER,
        names="pathologist, pathologe, pathologiste, patologo, patolog, reader, annotator",
        kind=ColumnKind.IDENTIFIER,
    ),
    _term(
        "observer_type",
        "Observer type",
        "Human or Machine. Left out, people are meant.",
        "",
        of=_OBSERVER,
        values=("Human", "Machine"),
    ),
)

BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}

CHAIN = (_SLIDE, _BLOCK, _SPECIMEN, _CASE, _BEING)
"""The entities a slide comes from, nearest first; each has an identifier of its own."""

OBSERVED_CODES: Mapping[str, str] = {
    "diagnosis": "diagnosis",
    "finding": "MISTRESC",
    "finding_category": "MIRESCAT",
    "severity": "MISEV",
    "chronicity": "MICHRON",
    "distribution": "MIDISTR",
}
"""Column to the tag under which its code is stated."""

_LINKS: Mapping[EntityKind, tuple[str, ...]] = {
    _CASE: ("being",),
    _SPECIMEN: ("being", "case"),
    _BLOCK: ("specimen",),
    _SLIDE: ("block", "file"),
    _OBSERVATION: ("slide", "block", "specimen", "case", "being", "observer"),
}

SHEETS: Mapping[EntityKind, str] = {
    _BEING: "beings",
    _CASE: "cases",
    _SPECIMEN: "specimens",
    _BLOCK: "blocks",
    _SLIDE: "slides",
    _OBSERVATION: "observations",
    _OBSERVER: "observers",
}
"""The sheets of the form with one sheet per entity."""


def columns_of(kind: EntityKind) -> tuple[Column, ...]:
    """The columns of one entity's sheet: its identifier, what it belongs to, what it states."""
    own = {kind, _STAINING} if kind is _SLIDE else {kind}
    names = [
        *(each.name for each in COLUMNS if each.name == kind.value),
        *_LINKS.get(kind, ()),
        *(c.name for c in COLUMNS if c.entity in own and c.kind is not ColumnKind.IDENTIFIER),
    ]
    return tuple(BY_NAME[name] for name in dict.fromkeys(names))
