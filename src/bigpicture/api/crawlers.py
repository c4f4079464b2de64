"""Crawlers: the list of landing pages for search engines and harvesters, and what is not theirs.

https://www.sitemaps.org/protocol.html (50,000 addresses a file), robots.txt by RFC 9309.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated
from xml.sax.saxutils import escape

from fastapi import APIRouter, Query, Request, Response

from bigpicture.api.asking import NodeAsked
from bigpicture.api.cohort_reach import address_of
from bigpicture.catalogue.listed import read_listed
from bigpicture.model.errors import UnknownError

router = APIRouter(tags=["datasets"])

MOST = 50_000
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_HEADERS = {"Cache-Control": "public, max-age=300"}
_NOT_CRAWLED = ("tiles", "regions", "iiif", "deepzoom", "dicomweb", "files")
"""Pixels: following them would fetch the archive."""


@router.get(
    "/sitemap.xml",
    response_class=Response,
    responses={200: {"content": {"application/xml": {}}}},
)
def sitemap(
    request: Request,
    node: NodeAsked,
    part: Annotated[
        int | None, Query(ge=0, le=10**6, description="where there are more than 50,000")
    ] = None,
) -> Response:
    """List every landing page; of very many, the lists of them."""
    address = address_of(node, request)
    with node.records.read() as connection:
        listed = read_listed(connection, datetime.now(UTC))
    if part is None and len(listed) > MOST:
        parts = range(-(-len(listed) // MOST))
        places = ((f"{address}/sitemap.xml?part={number}", "") for number in parts)
        return _answer("sitemapindex", "sitemap", places)
    start = (part or 0) * MOST
    if start and start >= len(listed):
        raise UnknownError("there is no such part of the list.", place="part")
    pages = (
        (f"{address}/datasets/{accession}", f"{changed:%Y-%m-%d}")
        for accession, changed in listed[start : start + MOST]
    )
    return _answer("urlset", "url", pages)


@router.get(
    "/robots.txt", response_class=Response, responses={200: {"content": {"text/plain": {}}}}
)
def robots(request: Request, node: NodeAsked) -> Response:
    """Say where the list is, and keep crawlers off pixels."""
    lines = ["User-agent: *", *(f"Disallow: /{door}/" for door in _NOT_CRAWLED), ""]
    lines.append(f"Sitemap: {address_of(node, request)}/sitemap.xml")
    return Response("\n".join(lines) + "\n", media_type="text/plain", headers=_HEADERS)


def _answer(root: str, tag: str, places: Iterable[tuple[str, str]]) -> Response:
    def entry(address: str, day: str) -> str:
        changed = f"<lastmod>{day}</lastmod>" if day else ""
        return f"<{tag}><loc>{escape(address)}</loc>{changed}</{tag}>\n"

    body = "".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>\n',
            f'<{root} xmlns="{_NAMESPACE}">\n',
            *(entry(address, day) for address, day in places),
            f"</{root}>\n",
        )
    )
    return Response(body, media_type="application/xml", headers=_HEADERS)
