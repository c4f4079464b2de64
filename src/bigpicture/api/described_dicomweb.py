"""Described: the doors of DICOMweb in OpenAPI, shortly; PS3.18 describes them at length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bigpicture.api.described import operation

_INSTANCE = (("study", "UID"), ("series", "UID"), ("instance", "UID"))
_BELOW = "/dicomweb/studies/{study}/series/{series}/instances/{instance}"
_JSON = ("application/dicom+json",)
_PICTURES = ("image/jpeg", "image/png", "image/webp")
_SEARCH = (
    ("limit", "answers, at most"),
    ("offset", "answers left out at first"),
    ("includefield", "what is held comes always"),
)
_SHOWN = (
    ("viewport", "width,height or width,height,x,y,width,height"),
    ("quality", "1 to 100"),
    ("iccprofile", "no or srgb"),
)


def _get(
    name: str,
    summary: str,
    kinds: Sequence[str],
    path: Sequence[tuple[str, str]] = (),
    query: Sequence[tuple[str, str]] = (),
) -> Mapping[str, object]:
    accept = (("accept", "goes before the header Accept"), *query)
    described = operation(
        f"dicomweb_{name}", summary, kinds, path, accept, also=(204, 206, 304, 416)
    )
    return {"get": described}


def _post(name: str, path: Sequence[tuple[str, str]] = ()) -> Mapping[str, object]:
    return {
        "post": operation(
            f"dicomweb_{name}",
            "Store instances into a submission",
            _JSON,
            path,
            (("submission", "alias; else one for each study"),),
            also=(409, 415, 507),
            requestBody={
                "required": True,
                "content": {'multipart/related; type="application/dicom"': {}},
            },
        )
    }


DICOMWEB: Mapping[str, object] = {
    "/dicomweb/studies": {
        **_get("studies", "Search for studies", _JSON, (), _SEARCH),
        **_post("store"),
    },
    "/dicomweb/series": _get("series", "Search for series", _JSON, (), _SEARCH),
    "/dicomweb/instances": _get("instances", "Search for instances", _JSON, (), _SEARCH),
    "/dicomweb/studies/{study}/{within}": _get(
        "study_within",
        "Search for the series or instances of a study; its metadata, rendered or thumbnail",
        (*_JSON, *_PICTURES),
        (("study", "UID"), ("within", "series, instances, metadata, rendered or thumbnail")),
        _SEARCH,
    ),
    "/dicomweb/studies/{study}/series/{series}/{within}": _get(
        "series_within",
        "Search for the instances of a series; its metadata, rendered or thumbnail",
        (*_JSON, *_PICTURES),
        (*_INSTANCE[:2], ("within", "instances, metadata, rendered or thumbnail")),
        _SEARCH,
    ),
    "/dicomweb/studies/{study}": {
        **_get("study", "Give every instance of a study", ("multipart/related",), _INSTANCE[:1]),
        **_post("store_study", _INSTANCE[:1]),
    },
    "/dicomweb/studies/{study}/series/{series}": _get(
        "one_series", "Give every instance of a series", ("multipart/related",), _INSTANCE[:2]
    ),
    _BELOW: _get(
        "instance", "Give an instance", ("multipart/related", "application/dicom"), _INSTANCE
    ),
    f"{_BELOW}/metadata": _get("metadata", "Give the header of an instance", _JSON, _INSTANCE),
    f"{_BELOW}/frames/{{frames}}": _get(
        "frames",
        "Give stored frames as they are, or decoded",
        ("multipart/related", "image/jpeg", "image/jp2", "application/octet-stream"),
        (*_INSTANCE, ("frames", "numbers from 1, by commas")),
    ),
    f"{_BELOW}/pixeldata": _get("pixeldata", "Give every frame", ("multipart/related",), _INSTANCE),
    f"{_BELOW}/rendered": _get("rendered", "Draw an instance", _PICTURES, _INSTANCE, _SHOWN),
    f"{_BELOW}/thumbnail": _get("thumbnail", "Draw an instance small", _PICTURES, _INSTANCE),
    f"{_BELOW}/frames/{{frame}}/rendered": _get(
        "frame_rendered",
        "Draw a frame",
        _PICTURES,
        (*_INSTANCE, ("frame", "a number from 1")),
        _SHOWN,
    ),
    f"{_BELOW}/bulkdata/{{path}}": _get(
        "bulkdata",
        "Give a large value of the header",
        ("multipart/related", "application/octet-stream"),
        (*_INSTANCE, ("path", "as BulkDataURI of the metadata has it")),
    ),
}
