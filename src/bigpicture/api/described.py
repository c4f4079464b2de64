"""Described: the bare doors to pixels and files in OpenAPI, beside those that FastAPI tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

PROBLEM = {"$ref": "#/components/schemas/Problem"}
PROBLEMS: dict[int | str, str] = {
    401: "Nobody is signed in, and this needs somebody",
    403: "Not allowed; `reason` and `apply` say how to get there",
    404: "There is none, or none that you may know of",
    409: "Does not fit the present state",
    410: "Erased: the key of its subject was destroyed",
    412: "Changed elsewhere since the version that `If-Match` names",
    413: "A limit was passed",
    422: "What was sent is wrong; `place` says where",
    428: "`If-Match` is missing",
    429: "Too many attempts",
    503: "The node cannot reach what it needs, or has too much to do",
    507: "No room is left; nothing was half-written",
}
_OF_PROTOCOLS = {
    400: "An address of a foreign protocol is written wrongly",
    406: "There is none in a media type that would do",
    415: "The body is of a media type that is not taken",
}
_PICTURES = ("image/jpeg", "image/png", "image/webp")
_ALWAYS = (400, 401, 403, 404, 406, 410, 413, 422, 503)
_WITHOUT_BODY = {
    204: "Nothing answers",
    304: "As it was (`If-None-Match`)",
    416: "No byte of the range lies in it",
}


def operation(
    name: str,
    summary: str,
    media_types: Sequence[str],
    path: Sequence[tuple[str, str]],
    query: Sequence[tuple[str, str]] = (),
    *,
    also: Sequence[int] = (),
    **more: object,
) -> dict[str, object]:
    """An operation whose parameters are texts; `path` and `query` as (name, description).

    `also` are statuses beside those that every such door may answer.
    """
    parameters = [
        {
            "name": each,
            "in": where,
            "required": where == "path",
            "description": description,
            "schema": {"type": "string"},
        }
        for where, named in (("path", path), ("query", query))
        for each, description in named
    ]
    answers: dict[str, object] = {
        "200": {"description": "It", "content": {kind: {} for kind in media_types}}
    }
    answers |= {str(status): _answer(status) for status in (*_ALWAYS, *also)}
    return {
        "tags": ["pixels"],
        "summary": summary,
        "operationId": name,
        "parameters": parameters,
        "responses": answers,
        **more,
    }


def _answer(status: int) -> dict[str, object]:
    if status in _WITHOUT_BODY:
        return {"description": _WITHOUT_BODY[status]}
    if status == 206:
        return {"description": "A range of it", "content": {"*/*": {}}}
    return {
        "description": (PROBLEMS | _OF_PROTOCOLS)[status],
        "content": {"application/problem+json": {"schema": PROBLEM}},
    }


_IMAGE = ("image", "accession")
_LEVEL = ("level", "0 is the finest")
_LAYERS = (("plane", "a focal plane, from 0"), ("channels", "numbers from 0, by commas"))
_LIST = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "array",
                "items": {"type": "array", "items": {"type": "integer"}},
                "example": [[0, 0], [1, 0]],
            }
        }
    },
}

PATHS: Mapping[str, object] = {
    "/files/{dataset}/{file}": {
        "get": operation(
            "file",
            "Give a file of a dataset, whole or a range of its bytes",
            ("application/octet-stream", "application/dicom", "application/xml"),
            (("dataset", "accession"), ("file", "as /api/v1/datasets/{accession}/files lists it")),
            (("recipient", "Crypt4GH public key, base64url: sealed for it"),),
            also=(206, 304, 416),
        )
    },
    "/tiles/{image}/{level}/{tile}": {
        "get": operation(
            "tile",
            "Give the stored frame at a column and row of a level",
            ("image/jpeg",),
            (_IMAGE, _LEVEL, ("tile", "{column}_{row}, from 0")),
            _LAYERS,
        )
    },
    "/tiles/{image}/{level}/{first}-{last}": {
        "get": operation(
            "tile_block",
            "Give a block of tiles in one answer",
            ("multipart/mixed",),
            (_IMAGE, _LEVEL, ("first", "{column}_{row}"), ("last", "{column}_{row}")),
            _LAYERS,
        )
    },
    "/tiles/{image}/{level}": {
        "post": operation(
            "tile_list",
            "Give any tiles of a level in one answer",
            ("multipart/mixed",),
            (_IMAGE, _LEVEL),
            _LAYERS,
            requestBody=_LIST,
        )
    },
    "/regions/{image}": {
        "get": operation(
            "region",
            "Draw a rectangle in pixels or micrometres",
            _PICTURES,
            (_IMAGE,),
            (
                ("region", "x,y,width,height"),
                ("unit", "px or um"),
                ("mpp", "micrometres a pixel of the answer"),
                ("size", "width,height of the answer"),
                ("format", "jpeg, png or webp"),
                ("colour", "stored or srgb"),
                *_LAYERS,
            ),
        )
    },
    "/iiif/3/{image}/info.json": {
        "get": operation(
            "iiif_info",
            "IIIF Image API 3.0",
            ("application/ld+json", "application/json"),
            (_IMAGE,),
        )
    },
    "/iiif/3/{image}/{region}/{size}/{rotation}/{picture}": {
        "get": operation(
            "iiif_picture",
            "IIIF Image API 3.0, level 2",
            _PICTURES,
            (
                _IMAGE,
                ("region", "full, square, x,y,w,h or pct:x,y,w,h"),
                ("size", "max, w,h, w,, ,h, pct:n or !w,h"),
                ("rotation", "quarter turns; ! mirrors first"),
                ("picture", "{quality}.{format}"),
            ),
            _LAYERS,
        )
    },
    "/deepzoom/{image}.dzi": {
        "get": operation("deepzoom", "DeepZoom", ("application/xml",), (_IMAGE,))
    },
    "/deepzoom/{image}_files/{level}/{tile}": {
        "get": operation(
            "deepzoom_tile",
            "A DeepZoom tile",
            _PICTURES,
            (_IMAGE, ("level", "0 is one pixel"), ("tile", "{column}_{row}.{format}")),
            _LAYERS,
        )
    },
}
