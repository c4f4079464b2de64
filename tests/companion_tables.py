"""An invented study of many beings, and companion tables about them, for tests to damage."""

from __future__ import annotations

from bigpicture.model.being import Being
from bigpicture.model.case import Case
from bigpicture.model.entity import EntityKind, Reference
from bigpicture.model.identifiers import Alias
from bigpicture.model.place import Place
from bigpicture.model.study import Study

NOWHERE = Place("METADATA/sample.xml")

DICTIONARY = """\
variable,value,label,type,entity,unit,code,scheme,meaning,minimum,maximum,established,quasi_identifier
case,,Case,key,case,,,,,,,report,
grade,,Histological grade,category,,,371469007,SNOMED CT,Histologic grade of neoplasm,,,consensus,no
grade,1,Well differentiated,,,,,,,,,,
grade,2,Moderately differentiated,,,,,,,,,,
grade,3,Poorly differentiated,,,,,,,,,,
grade,ND,not done,missing,,,,,,,,,
ki67,,Ki-67 index,number,,%,,,,0,100,IHC,no
followed,,Time of follow-up,duration,,,,,,,,registry,no
alive,,Alive at the last contact,boolean,,,,,,,,registry,no
*,NA,unknown,missing,,,,,,,,,
"""

TABLE = """\
case,grade,ki67,followed,alive
case-1,1,12.5,P36M,true
case-2,2,NA,P2Y,false
case-3,ND,0,NA,true
"""


def study(beings: int = 3) -> Study:
    """`being-1` with `case-1`, and so on."""
    return Study(
        beings=tuple(
            Being(alias=Alias(f"being-{number}"), place=NOWHERE) for number in range(1, beings + 1)
        ),
        cases=tuple(
            Case(
                alias=Alias(f"case-{number}"),
                place=NOWHERE,
                being=Reference(EntityKind.BEING, f"being-{number}", None, NOWHERE),
            )
            for number in range(1, beings + 1)
        ),
    )


def lay(folder, *, table=TABLE, dictionary=DICTIONARY, name="pathology", more=None):
    """Write the files below `folder`; returns local file by path in the dataset folder."""
    held = {
        f"COMPANIONS/{name}.csv": table,
        f"COMPANIONS/{name}.dictionary.csv": dictionary,
        **(more or {}),
    }
    places = {}
    for path, text in held.items():
        if text is not None:
            places[path] = folder / path
            places[path].parent.mkdir(parents=True, exist_ok=True)
            places[path].write_bytes(text if isinstance(text, bytes) else text.encode())
    return places
