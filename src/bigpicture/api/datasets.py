"""Datasets: found in the catalogue, each with its landing page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from bigpicture.access.decide import Reason
from bigpicture.api.asked import FacetShown, Text, Values, filters_of, show_facets
from bigpicture.api.asking import DEFAULT_LIMIT, After, Anyone, Limit, NodeAsked
from bigpicture.api.cohort_reach import address_of
from bigpicture.api.companions import VariableShown
from bigpicture.api.faces import face_of
from bigpicture.api.landing_shapes import CitationShown, QualityShown, VersionShown
from bigpicture.api.node import Node
from bigpicture.api.opening import AccessShown, decide_each, known_dataset, scope_of
from bigpicture.api.standing import Tombstone, tombstone
from bigpicture.catalogue.dataset_facts import DatasetFacts
from bigpicture.catalogue.disclose import disclosed_counts
from bigpicture.catalogue.terms import labels
from bigpicture.catalogue.versions import read_versions, tell_versions
from bigpicture.model.query import Facet, Query
from bigpicture.model.standing import Standing
from bigpicture.viewing.thumbnail import no_picture, read_landing_thumbnail

router = APIRouter(prefix="/api/v1/datasets", tags=["datasets"])


class DatasetCard(BaseModel):
    accession: str
    alias: str
    title: str
    short_name: str
    description: str
    version: str
    type: str
    dataset_type: str
    tier: str
    published: datetime
    counts: dict[str, int | None] = Field(
        description="null where they are of few beings and the dataset is not open to you"
    )
    organs: list[str]
    stains: list[str]
    species: list[str]
    diagnoses: list[str]
    keywords: list[str]
    access: AccessShown
    thumbnails: list[str]
    standing: Standing
    embargo_until: datetime | None = Field(description="hidden from others before it")


class PolicyShown(BaseModel):
    title: str = ""
    dataset_type: str = ""
    tier: str = ""
    type_of_access: str = ""
    allowed_uses: list[str] = []
    geography: str = ""
    duration: str = ""
    research_question_required: bool = False
    text: str = ""
    acknowledgement: str = ""
    citation: str = ""
    restrictions: list[str] = []


class LandingShown(BaseModel):
    center_name: str = ""
    keywords: list[str] = []
    citations: list[str] = []
    references: list[str] = []
    changelog: str = ""
    contact_email: str = ""
    geographical_areas: list[str] = []
    year_of_submission: str | None = None
    doi: str | None = None


class DatasetShown(DatasetCard):
    """`quality` and `versions` are exact for who may open the dataset, else disclosed."""

    policy: PolicyShown
    landing: LandingShown
    metadata_standard: str
    size_bytes: int
    resolutions: list[float]
    variables: list[VariableShown]
    citation: CitationShown
    versions: list[VersionShown]
    quality: QualityShown


class DatasetList(BaseModel):
    items: list[DatasetCard]
    next: str | None
    total: int
    facets: dict[Facet, list[FacetShown]]


@router.get("")
def datasets(
    node: NodeAsked,
    person: Anyone,
    q: Text = "",
    organ: Values = None,
    stain: Values = None,
    species: Values = None,
    diagnosis: Values = None,
    type: Values = None,  # noqa: A002  the contract's name
    tier: Values = None,
    companion: Values = None,
    after: After = "",
    limit: Limit = DEFAULT_LIMIT,
) -> DatasetList:
    """Find datasets; facets count datasets, each without its own filter."""
    filters = filters_of(
        organ=organ,
        stain=stain,
        species=species,
        diagnosis=diagnosis,
        type=type,
        tier=tier,
        companion=companion,
    )
    scope = scope_of(node, person, node.catalogue.view())
    page = node.catalogue.search(Query(q, filters, after, limit), scope)
    access = decide_each(node, person, [facts.accession for facts in page.items])
    return DatasetList(
        items=[DatasetCard(**_card(node, facts, access[facts.accession])) for facts in page.items],
        next=page.next,
        total=page.total,
        facets=show_facets(page.facets),
    )


@router.get("/{accession}")
def dataset(
    request: Request, node: NodeAsked, person: Anyone, accession: str
) -> DatasetShown | Tombstone:
    """Show a dataset's landing page, which everybody may read; of a withdrawn one what stays."""
    access = decide_each(node, person, [accession])[accession]
    if access.reason is Reason.WITHDRAWN:
        return tombstone(node, node.decisions.terms(accession))
    facts = node.catalogue.dataset(accession)
    with node.records.read() as connection:
        versions = read_versions(connection, facts)
    told = tell_versions(versions, facts, is_open=access.may_open)
    return DatasetShown(
        **_card(node, facts, access),
        policy=PolicyShown(**_given(facts.row["policy"], PolicyShown)),
        landing=_landing(facts.row["landing"]),
        metadata_standard=facts.row["metadata_standard"],
        size_bytes=facts.size_bytes,
        resolutions=list(facts.resolutions),
        variables=[VariableShown.of(each) for each in facts.variables],
        citation=CitationShown.of(face_of(node, facts, versions, address_of(node, request))),
        versions=VersionShown.all_of(told),
        quality=QualityShown.of(node.catalogue.quality(accession, is_open=access.may_open)),
    )


@router.get("/{accession}/thumbnails/{number}", response_class=Response)
def thumbnail(node: NodeAsked, person: Anyone, accession: str, number: int) -> Response:
    """Give a sample picture of the landing page, which everybody may see."""
    if not node.decisions.listed(person, [accession]):
        raise no_picture(accession)
    known_dataset(node, person, accession)
    picture = read_landing_thumbnail(node.records, node.vault, accession, number)
    return Response(
        picture.body,
        media_type=picture.media_type,
        headers={"Cache-Control": "private, max-age=60"},
    )


def _card(node: Node, facts: DatasetFacts, access: AccessShown) -> dict[str, Any]:
    same = ("accession", "alias", "title", "short_name", "description", "version")
    row, standing = facts.row, node.decisions.terms(facts.accession).standing
    now = datetime.now(UTC)
    return {
        **{name: row[name] for name in same},
        "type": "clinical" if facts.is_clinical else "non-clinical",
        "dataset_type": row["dataset_type"],
        "tier": row["tier"],
        "published": row["published"],
        "counts": dict(facts.counts) if access.may_open else disclosed_counts(facts.counts),
        "organs": labels(facts.terms(Facet.ORGAN)),
        "stains": labels(facts.terms(Facet.STAIN)),
        "species": labels(facts.terms(Facet.SPECIES)),
        "diagnoses": labels(facts.terms(Facet.DIAGNOSIS)),
        "keywords": row["landing"].get("keywords") or [],
        "access": access,
        "thumbnails": [
            f"/api/v1/datasets/{facts.accession}/thumbnails/{number}"
            for number in range(facts.thumbnails)
        ],
        "standing": standing.at(now),
        "embargo_until": standing.until if standing.is_hidden(now) else None,
    }


def _landing(typed: Mapping[str, object]) -> LandingShown:
    given = _given(typed, LandingShown)
    changelog = given.get("changelog")
    if isinstance(changelog, list):
        entries = cast("list[list[str]]", changelog)
        given["changelog"] = "\n".join(": ".join(filter(None, entry)) for entry in entries)
    return LandingShown(**given)


def _given(stored: Mapping[str, object], kind: type[BaseModel]) -> dict[str, Any]:
    """What is stored and shown; None counts as not given."""
    return {name: stored[name] for name in kind.model_fields if stored.get(name) is not None}
