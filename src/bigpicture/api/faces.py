"""Faces of datasets as this node tells them, and the doors to their metadata in other forms."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from bigpicture.api.asking import NodeAsked
from bigpicture.api.cohort_reach import address_of
from bigpicture.api.node import Node
from bigpicture.api.opening import is_open_to_world, known_dataset
from bigpicture.catalogue.dataset_facts import DatasetFacts
from bigpicture.catalogue.face.face import Face, Publisher, make_face
from bigpicture.catalogue.face.forms import FORMATS, media_type
from bigpicture.catalogue.face.signposts import header, metadata_links
from bigpicture.catalogue.versions import Version, read_versions
from bigpicture.model.metadata_form import MetadataForm

router = APIRouter(prefix="/api/v1/datasets", tags=["datasets"])

KEPT = "public, max-age=300"
"""The same for everybody; a withdrawn subject is out of it within minutes."""


def read_face(node: Node, accession: str, address: str) -> Face:
    """The face of a dataset; raises `UnknownError`, `RefusedError`. May block."""
    facts = known_dataset(node, None, accession)
    with node.records.read() as connection:
        versions = read_versions(connection, facts)
    return face_of(node, facts, versions, address)


def face_of(node: Node, facts: DatasetFacts, versions: tuple[Version, ...], address: str) -> Face:
    """What is told is what everybody may know, whoever asks."""
    publisher = Publisher(node.settings.node_name, address)
    is_open = is_open_to_world(node, facts.accession)
    return make_face(facts, versions, publisher, is_open=is_open)


@router.get(
    "/{accession}/metadata.{form}",
    response_class=Response,
    responses={200: {"content": {media_type(form): {} for form in MetadataForm}}},
)
def metadata(request: Request, node: NodeAsked, accession: str, form: MetadataForm) -> Response:
    """Give what everybody may know of a dataset in a form that other programs read."""
    face = read_face(node, accession, address_of(node, request))
    name = f"{face.accession}.{form}"
    return Response(
        FORMATS[form].write(face),
        media_type=media_type(form),
        headers={
            "Cache-Control": KEPT,
            "Content-Disposition": f'inline; filename="{name}"',
            "Link": header(metadata_links(face)),
        },
    )
