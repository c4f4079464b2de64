"""BibTeX: the citation for LaTeX, as an entry of the type `dataset` (biblatex 3.12 and later).

Older styles take a type that they do not know for `misc`.
"""

from __future__ import annotations

from bigpicture.catalogue.face.face import Face

_ESCAPED = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",  # BibTeX counts braces even behind a backslash
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "#$%&_"},
    }
)


def write_bibtex(face: Face) -> bytes:
    """The entry; its key is the accession."""
    fields = {
        "author": " and ".join(f"{{{_escape(name)}}}" for name in face.creators),
        "title": f"{{{_escape(face.title)}}}",  # in braces, so that no style changes its case
        "year": str(face.year),
        "date": face.published.date().isoformat(),
        "version": _escape(face.version),
        "publisher": f"{{{_escape(face.publisher.name)}}}",
        "doi": _verbatim(face.doi),
        "url": face.cited_as,
        "note": _escape(face.accession),
    }
    lines = ",\n".join(f"  {name:<9} = {{{value}}}" for name, value in fields.items() if value)
    return f"@dataset{{{face.accession},\n{lines}\n}}\n".encode()


def _escape(text: str) -> str:
    return text.translate(_ESCAPED)


def _verbatim(text: str) -> str:
    """A field that LaTeX reads as it is, but whose braces BibTeX counts."""
    return text.replace("{", "%7B").replace("}", "%7D")
