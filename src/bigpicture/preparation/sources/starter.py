"""Writes a mapping file to begin with: ready to use for FHIR, else to be filled in."""

from __future__ import annotations

import json

from bigpicture.preparation.sources.columns import COLUMNS, ColumnKind
from bigpicture.preparation.sources.mapping import Source
from bigpicture.preparation.sources.mapping_file import default_fhir
from bigpicture.preparation.sources.person_fields import FieldKind, kind_of_fhir, kind_of_lis
from bigpicture.preparation.sources.survey import Survey

_LIS = """\
# Where the columns of the table of slides come from, for the JSON of a laboratory system.
#
# Paths are JMESPath (https://jmespath.org): names with dots, [0] the first, [?kind=='x'] those
# that fit. Several paths in [ ]: the first that gives something counts.
# Try it:  bigpicture sources test EXPORT --map THIS_FILE

format = 1
source = "lis"

# The list with one member for each slide, by its path from the top of the file; "" where the file
# is that list. For lists within lists, one [[rows]] for each, from the outside in.
[[rows]]
list = {rows}
name = "slide"

# Members of other lists, found by what they have in common:
#
# [[join]]
# name = "block"
# list = "blocks"
# key = "identifier"               # in the block
# from = "slide.block_identifier"  # in the row

"""
_HOW = """
# What else a column may say:
#   constant = "…"                  the same in each row
#   default = "…"                   where nothing was found
#   values = { M = "Male" }         local values, all of them
#   match = '^([A-Z]+-[0-9]+)'      the part of the value in ( )
#   several = "first" or "join"     where a path finds more than one
#   show = "code", "words", "bare"  what of a coded value
#   allow_free_text = true          for words that a person wrote: look at each before it leaves
#
# [columns.age]
# birth = "patient.birth_date"      # goes no further than this line
# at = "specimen.taken_on"
# band = 10
# (or: number = "slide.age", unit = "years", band = 10)
#
# [[test]]
# name = "a woman"
# context = '{"patient": {"sex": "F"}}'
# expect = { sex = "Female" }
"""


def starter(source: Source, found: Survey | None) -> str:
    """The text of the file; with a survey, it lists the paths that the export has."""
    if source is Source.FHIR:
        return default_fhir() + (_found(found, source) if found else "")
    longest = _rows_list(found)
    columns = "".join(_column(name, kind) for name, kind in COLUMNS.items())
    return (_LIS.format(rows=json.dumps(longest)) + columns + _HOW) + (
        _found(found, source) if found else ""
    )


def _rows_list(found: Survey | None) -> str:
    if not found or not found.lists:
        return "slides"
    named = [name for name in found.lists if name.lower().endswith("slides")]
    return named[0] if named else found.lists.most_common(1)[0][0]


def _column(name: str, kind: ColumnKind) -> str:
    begun = name in ("file", "slide")
    sign = "" if begun else "# "
    path = "slide.identifier" if begun else "slide.…"
    return f'{sign}[columns.{name}]   # {kind.value}\n{sign}path = "{path}"\n\n'


def _found(found: Survey, source: Source) -> str:
    kind_of = kind_of_fhir if source is Source.FHIR else kind_of_lis
    lines = ["", "# ── What this export holds: path, and how many of the records fill it ──"]
    for name, count in found.lists.items():
        lines += ["#", f"# {_plain(name) or '(the file itself)'}: {count} records"]
        for path, filled in sorted(found.paths[name].items()):
            kinds = {kind_of(step.rstrip("[]")) for step in path.split(".")}
            told = " (cannot be read)" if kinds & {FieldKind.NEVER, FieldKind.BIRTH} else ""
            lines.append(f"#   {_plain(path):<50} {filled}{told}")
    if found.specimen_codes:
        lines += ["#", "# Codes of specimens, for [levels]:"]
        lines += [f'#   "{_plain(code)}"  {count}' for code, count in found.specimen_codes]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """A name on one line of a comment, whatever it holds."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
