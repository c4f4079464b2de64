"""Fills a template in as a person does in a spreadsheet: by heading and by field."""

from __future__ import annotations

from pathlib import Path

import openpyxl

DATASET = {
    "alias": "colon-1",
    "title": "Invented colons",
    "description": "Three invented slides of the colon.",
    "type_of_dataset": "Clinical/Pseudonymized",
    "allowed_uses": "Research Use",
    "geography": "Worldwide",
    "duration_of_use": "Unlimited time",
    "legal_basis": "Informed Consent Form",
    "center": "Invented General Hospital",
    "contact_email": "data-office@hospital.example",
    "keywords": "colon; invented",
    "organisation": "Invented University Hospital",
    "pic_code": "999999999",
    "data_manager_group": "00000000-0000-4000-8000-000000000000",
    "rems_workflow": "1",
    "rems_organisation": "hospital",
}

SLIDE = {
    "Case": "C-1",
    "Being": "P-1",
    "Sex": "w",
    "Age": "50-59",
    "Anatomical site": "Kolon",
    "Extraction": "Biopsie",
    "Fixation": "Formalin",
    "Specimen type": "Tissue specimen",
    "Block preparation": "FFPE",
    "Stain": "HE",
    "Diagnosis": "SNOMED CT:408645001 Adenocarcinoma of colon",
    "Observer": "pathologist 1",
}
"""What is the same of every slide, unless a row says otherwise."""


def fill(template: Path, slides: list[dict[str, str]], dataset: dict[str, str] | None = None):
    """Fill rows of slides (by heading; below what is there, or in the row of the file)."""
    book = openpyxl.load_workbook(template)
    sheet = book["slides"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    rows = {sheet.cell(row, columns["File"]).value: row for row in range(2, sheet.max_row + 1)}
    for slide in slides:
        row = rows.setdefault(slide["File"], sheet.max_row + 1)
        for heading, text in {**SLIDE, **slide}.items():
            sheet.cell(row, columns[heading]).value = text
    about = book["dataset"]
    fields = {about.cell(row, 1).value: row for row in range(2, about.max_row + 1)}
    for name, text in {**DATASET, **(dataset or {})}.items():
        about.cell(fields[name], 2).value = text
    book.save(template)
