"""Companions: an invented table of grade, stage and receptors beside the clinical study."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from io import StringIO

from bigpicture.phantom.study import Study

_DICTIONARY = """\
variable,value,label,description,type,entity,unit,code,scheme,meaning,minimum,maximum,established,quasi_identifier
case,,Case,,key,case,,,,,,,report,
grade,,Histological grade,Three tiers,category,,,371469007,SNOMED CT,Histologic grade of neoplasm,,,consensus,no
grade,1,Well differentiated,,,,,,,,,,,
grade,2,Moderately differentiated,,,,,,,,,,,
grade,3,Poorly differentiated,,,,,,,,,,,
stage,,UICC stage,,category,,,,,,,,report,no
stage,I,Stage I,,,,,,,,,,,
stage,II,Stage II,,,,,,,,,,,
stage,III,Stage III,,,,,,,,,,,
her2,,HER2 status,,category,,,,,,,,IHC,no
her2,negative,Negative,,,,,,,,,,,
her2,positive,Positive,,,,,,,,,,,
ki67,,Ki-67 index,Share of stained nuclei,number,,%,,,,0,100,IHC,no
*,NA,not applicable,,missing,,,,,,,,,
*,ND,not done,,missing,,,,,,,,,
"""  # noqa: E501
_VARIABLES = ("grade", "stage", "her2", "ki67")
_OF_TUMOURS = (("2", "II", "NA", "ND"), ("3", "II", "positive", "34.5"), ("1", "I", "NA", "12"))
_OF_OTHERS = ("NA", "NA", "NA", "NA")


def companions(study: Study) -> Mapping[str, bytes]:
    """The files below COMPANIONS; tumours have grade and stage, and of breast the receptor."""
    of: dict[str, Sequence[str]] = {}
    tumours = 0
    for specimen in study.specimens:
        findings = {each.finding for each in study.slides if each.specimen is specimen}
        if "carcinoma" in findings:
            of[specimen.case] = _OF_TUMOURS[tumours % len(_OF_TUMOURS)]
            tumours += 1
        else:
            of[specimen.case] = _OF_OTHERS
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("case", *_VARIABLES))
    writer.writerows((case, *values) for case, values in of.items())
    return {
        "COMPANIONS/pathology.csv": text.getvalue().encode(),
        "COMPANIONS/pathology.dictionary.csv": _DICTIONARY.encode(),
    }
