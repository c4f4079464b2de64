"""The landing page as it leaves the node: told in HTML and headers, before any script has run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from starlette.datastructures import Headers
from starlette.types import Scope

from bigpicture.api.faces import read_face
from bigpicture.api.looking import origin_of
from bigpicture.api.node import Node
from bigpicture.api.problem import RefusedError
from bigpicture.catalogue.face.citation import cite
from bigpicture.catalogue.face.face import Face
from bigpicture.catalogue.face.json_ld import script_of
from bigpicture.catalogue.face.signposts import header, page_links
from bigpicture.model.errors import UnknownError

_PATH = re.compile(r"/datasets/([^/]+)/?")
_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_DESCRIPTION = re.compile(r'<meta name="description"[^>]*>')
_WITHOUT_SCRIPTS = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Landed:
    """The portal's page with what belongs to one dataset; 404 where there is none, 410 no more."""

    html: str
    status: int
    links: str


class LandingPages:
    """Writes what everybody may know of a dataset into the portal's page."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def accession(self, path: str) -> str | None:
        """The accession of a landing page's address; None for every other."""
        found = _PATH.fullmatch(path)
        return found[1] if found else None

    def land(self, page: str, accession: str, scope: Scope) -> Landed:
        """Fill the portal's page. May block; raises `StorageError`."""
        origin = origin_of(self._node, scope, Headers(scope=scope))
        try:
            face = read_face(self._node, accession, origin)
        except UnknownError:
            return Landed(page, 404, "")
        except RefusedError:  # withdrawn: the portal shows its tombstone, crawlers forget it
            return Landed(page, 410, "")
        return Landed(fill(page, face), 200, header(page_links(face)))


def fill(page: str, face: Face) -> str:
    """The page with title, description, canonical address and JSON-LD of a dataset.

    What is marked `data-landing` the portal removes when it goes on to another page. A script
    element of data is no script: the content security policy lets it be.
    """
    title, about = escape(face.title), escape(_shortened(face.description or face.title))
    marked = "data-landing"
    head = (
        f"<title>{title} · {escape(face.publisher.name)}</title>\n"
        f'    <link rel="canonical" href="{escape(face.address)}" {marked} />\n'
        f'    <meta property="og:type" content="website" {marked} />\n'
        f'    <meta property="og:title" content="{title}" {marked} />\n'
        f'    <meta property="og:description" content="{about}" {marked} />\n'
        f'    <meta property="og:url" content="{escape(face.address)}" {marked} />\n'
        f'    <script type="application/ld+json" {marked}>{script_of(face)}</script>'
    )
    read = (
        f"<noscript><h1>{title}</h1><p>{escape(face.description)}</p><p>{escape(cite(face))}</p>"
        "<p>This portal needs JavaScript to show slides.</p></noscript>"
    )
    page = _TITLE.sub(lambda _: head, page, count=1)
    page = _DESCRIPTION.sub(
        lambda _: f'<meta name="description" content="{about}" />', page, count=1
    )
    return _WITHOUT_SCRIPTS.sub(lambda _: read, page, count=1)


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return text[:_LONGEST].rsplit(" ", 1)[0] + " …"
