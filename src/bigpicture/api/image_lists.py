"""Image lists: images as lists show them, found within one dataset."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from bigpicture.api.asked import Text, Values, ValueShown
from bigpicture.api.asking import DEFAULT_LIMIT, After, Anyone, Limit, NodeAsked
from bigpicture.api.companions import CompanionFacet, companion_filters, show_companion
from bigpicture.api.images import DiagnosisShown, ImageCommon
from bigpicture.api.opening import open_dataset
from bigpicture.catalogue.index.found import Found, ImageFound
from bigpicture.catalogue.terms import labels
from bigpicture.model.errors import InputError
from bigpicture.model.field import COMPANION
from bigpicture.model.query import Asked
from bigpicture.model.question import And, AnyOf, Question, Words, joined
from bigpicture.model.scope import Scope

router = APIRouter(prefix="/api/v1", tags=["images"])

_FACETS = ("organ", "stain", "species", "diagnosis")


class ImageCard(ImageCommon):
    dataset: str
    dataset_title: str
    sex: str
    age: float | None = Field(description="years, at extraction")
    scanner: str
    year: int = Field(description="of publication")

    @classmethod
    def of(cls, image: ImageFound) -> ImageCard:
        same = ("accession", "alias", "dataset", "dataset_title", "columns", "rows")
        numbers = ("mpp_x", "mpp_y", "magnification", "age", "year")
        return cls(
            **{name: getattr(image, name) for name in (*same, *numbers)},
            stain=", ".join(labels(image.stains)),
            organ=", ".join(labels(image.organs)),
            species=", ".join(labels(image.species)),
            sex=", ".join(labels(image.sexes)),
            scanner=", ".join(labels(image.scanners)),
            diagnoses=[DiagnosisShown.of(each) for each in image.diagnoses],
            thumbnail=f"/api/v1/images/{image.accession}/thumbnail" if image.is_pictured else None,
        )


class ImageList(BaseModel):
    items: list[ImageCard]
    next: str | None
    total: int
    facets: dict[str, list[ValueShown]]
    companion: list[CompanionFacet]


def show_values(found: Found) -> dict[str, list[ValueShown]]:
    """Facets as lists show them."""
    return {name: [ValueShown.of(each) for each in values] for name, values in found.facets.items()}


@router.get("/datasets/{accession}/images")
def images(
    node: NodeAsked,
    person: Anyone,
    accession: str,
    q: Text = "",
    organ: Values = None,
    stain: Values = None,
    species: Values = None,
    diagnosis: Values = None,
    companion: Values = None,
    after: After = "",
    limit: Limit = DEFAULT_LIMIT,
) -> ImageList:
    """Find images of a dataset that you may open; facets count images.

    `companion` is `name:value` of a companion table's variable; of a number also `name:from..to`.
    """
    open_dataset(node, person, accession)
    variables = node.catalogue.dataset(accession).variables
    by_variable = companion_filters(companion)
    unknown = by_variable.keys() - {each.name for each in variables if each.is_counted}
    if unknown:
        raise InputError(
            f"{min(unknown)[:60]} is no variable of a companion table that can be counted.",
            place="companion",
            remedy="The dataset's page names its variables.",
        )
    given = {"organ": organ, "stain": stain, "species": species, "diagnosis": diagnosis}
    given |= {COMPANION + name: list(values) for name, values in by_variable.items()}
    parts: list[Question] = [Words(tuple(q.split()))] if q.split() else []
    for name, values in given.items():
        wanted = tuple(value for value in values or () if value)
        parts += [AnyOf(name, wanted)] if wanted else []
    asked = Asked(joined(And, parts), facets=_FACETS, with_companion=True, after=after, limit=limit)
    found = node.catalogue.find(asked, Scope(opened=frozenset({accession})))
    return ImageList(
        items=[ImageCard.of(each) for each in found.items],
        next=found.next,
        total=found.total,
        facets=show_values(found),
        companion=show_companion(variables, found.companion),
    )
