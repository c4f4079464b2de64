"""The DataCite Metadata Schema, kernel 4.5, as data: elements, attributes and controlled lists.

Source: DataCite Metadata Schema Documentation for the Publication and Citation of Research Data
and Other Research Outputs, version 4.5, appendix 1 and the schema's own lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

RESOURCE_TYPES = (
    "Audiovisual Book BookChapter Collection ComputationalNotebook ConferencePaper "
    "ConferenceProceeding DataPaper Dataset Dissertation Event Image Instrument "
    "InteractiveResource Journal JournalArticle Model OutputManagementPlan PeerReview "
    "PhysicalObject Preprint Report Service Software Sound Standard StudyRegistration Text "
    "Workflow Other"
)
_IDENTIFIER_TYPES = (
    "ARK arXiv bibcode DOI EAN13 EISSN Handle IGSN ISBN ISSN ISTC LISSN LSID PMID PURL UPC URL URN "
    "w3id"
)
_RELATIONS = (
    "IsCitedBy Cites IsSupplementTo IsSupplementedBy IsContinuedBy Continues IsNewVersionOf "
    "IsPreviousVersionOf IsPartOf HasPart IsPublishedIn IsReferencedBy References IsDocumentedBy "
    "Documents IsCompiledBy Compiles IsVariantFormOf IsOriginalFormOf IsIdenticalTo HasMetadata "
    "IsMetadataFor Reviews IsReviewedBy IsDerivedFrom IsSourceOf Describes IsDescribedBy "
    "HasVersion IsVersionOf Requires IsRequiredBy Obsoletes IsObsoletedBy Collects IsCollectedBy"
)
_CONTRIBUTORS = (
    "ContactPerson DataCollector DataCurator DataManager Distributor Editor HostingInstitution "
    "Other Producer ProjectLeader ProjectManager ProjectMember RegistrationAgency "
    "RegistrationAuthority RelatedPerson ResearchGroup RightsHolder Researcher Sponsor Supervisor "
    "WorkPackageLeader"
)
_DATES = (
    "Accepted Available Collected Copyrighted Created Issued Other Submitted Updated Valid "
    "Withdrawn"
)


def _list(text: str) -> tuple[str, ...]:
    return tuple(text.split())


LISTS: Mapping[str, tuple[str, ...]] = {
    "resourceTypeGeneral": _list(RESOURCE_TYPES),
    "relatedItemType": _list(RESOURCE_TYPES),
    "relatedIdentifierType": _list(_IDENTIFIER_TYPES),
    "relatedItemIdentifierType": _list(_IDENTIFIER_TYPES),
    "relationType": _list(_RELATIONS),
    "contributorType": _list(_CONTRIBUTORS),
    "dateType": _list(_DATES),
    "descriptionType": _list(
        "Abstract Methods SeriesInformation TableOfContents TechnicalInfo Other"
    ),
    "titleType": _list("AlternativeTitle Subtitle TranslatedTitle Other"),
    "nameType": _list("Organizational Personal"),
    "numberType": _list("Article Chapter Report Other"),
    "funderIdentifierType": ("ISNI", "GRID", "ROR", "Crossref Funder ID", "Other"),
}
"""What an attribute of that name may say."""

SOME, YEAR, LANGUAGE = r"(?s)(?=.*\S).*", r"\s*\d{4}\s*", r"\s*[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*\s*"
MANY = 10**9


@dataclass(frozen=True, slots=True)
class Shape:
    """An element: what it holds, each with how often; `text` must match all of what it says.

    `needs` are attributes it must have, `may` those it may have. A `free` one is not looked into.
    """

    parts: Mapping[str, tuple[int, int, Shape]] = field(
        default_factory=dict[str, "tuple[int, int, Shape]"]
    )
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    text: str = ""
    limit: int = 0
    is_ordered: bool = False
    is_mixed: bool = False
    is_free: bool = False


_URI = ("schemeURI",)
_LANG = ("xml:lang",)
_FREE = Shape(is_free=True)
_ANY_TEXT = r"(?s).*"


def _text(
    text: str = _ANY_TEXT, *, needs: tuple[str, ...] = (), may: tuple[str, ...] = ()
) -> Shape:
    return Shape(text=text, needs=needs, may=may)


def _degrees(limit: int) -> tuple[int, int, Shape]:
    return (1, 1, Shape(text=r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*", limit=limit))


def _list_of(tag: str, shape: Shape, least: int = 0) -> Shape:
    return Shape({tag: (least, MANY, shape)})


def _maybe(shape: Shape, most: int = 1) -> tuple[int, int, Shape]:
    return (0, most, shape)


def _person(tag: str, name: str, *, needs: tuple[str, ...] = (), is_item: bool = False) -> Shape:
    parts = {
        tag: (1, 1, _text(name, may=("nameType", *_LANG))),
        "givenName": _maybe(_FREE),
        "familyName": _maybe(_FREE),
    }
    if not is_item:
        scheme = ("nameIdentifierScheme",)
        named = ("affiliationIdentifier", "affiliationIdentifierScheme", *_URI)
        parts["nameIdentifier"] = _maybe(_text(SOME, needs=scheme, may=_URI), MANY)
        parts["affiliation"] = _maybe(_text(SOME, may=named), MANY)
    return Shape(parts, needs=needs, is_ordered=True)


_TITLE = _text(SOME, may=("titleType", *_LANG))
_POINT = Shape({"pointLongitude": _degrees(180), "pointLatitude": _degrees(90)})
_BOX = Shape(
    {
        "westBoundLongitude": _degrees(180),
        "eastBoundLongitude": _degrees(180),
        "southBoundLatitude": _degrees(90),
        "northBoundLatitude": _degrees(90),
    }
)
_SCHEME = ("relatedMetadataScheme", "schemeURI", "schemeType")
_ITEM = Shape(
    {
        "relatedItemIdentifier": _maybe(_text(may=("relatedItemIdentifierType", *_SCHEME))),
        "creators": _maybe(_list_of("creator", _person("creatorName", _ANY_TEXT, is_item=True))),
        "titles": _maybe(_list_of("title", _text(may=("titleType", *_LANG)))),
        "publicationYear": _maybe(_text(YEAR)),
        "volume": _maybe(_FREE),
        "issue": _maybe(_FREE),
        "number": _maybe(_text(may=("numberType",))),
        "firstPage": _maybe(_FREE),
        "lastPage": _maybe(_FREE),
        "publisher": _maybe(_FREE),
        "edition": _maybe(_FREE),
        "contributors": _maybe(
            _list_of(
                "contributor",
                _person("contributorName", _ANY_TEXT, needs=("contributorType",), is_item=True),
            )
        ),
    },
    needs=("relatedItemType", "relationType"),
    is_ordered=True,
)
_PLACES = Shape(
    {
        "geoLocationPlace": _maybe(_FREE, MANY),
        "geoLocationPoint": _maybe(_POINT, MANY),
        "geoLocationBox": _maybe(_BOX, MANY),
        "geoLocationPolygon": _maybe(
            Shape(
                {"polygonPoint": (4, MANY, _POINT), "inPolygonPoint": _maybe(_POINT)},
                is_ordered=True,
            ),
            MANY,
        ),
    }
)
_FUNDING = Shape(
    {
        "funderName": (1, 1, _text(SOME)),
        "funderIdentifier": _maybe(_text(needs=("funderIdentifierType",), may=_URI)),
        "awardNumber": _maybe(_text(may=("awardURI",))),
        "awardTitle": _maybe(_FREE),
    }
)
_SUBJECT = _text(may=("subjectScheme", *_URI, "valueURI", "classificationCode", *_LANG))
_RELATED = _text(
    needs=("relatedIdentifierType", "relationType"), may=("resourceTypeGeneral", *_SCHEME)
)
_RIGHTS = _text(may=("rightsURI", "rightsIdentifier", "rightsIdentifierScheme", *_URI, *_LANG))
_PUBLISHER = _text(SOME, may=("publisherIdentifier", "publisherIdentifierScheme", *_URI, *_LANG))
_DESCRIPTION = Shape(
    {"br": _maybe(Shape(), MANY)}, needs=("descriptionType",), may=_LANG, is_mixed=True
)

RESOURCE = Shape(
    {
        "identifier": (1, 1, _text(SOME, needs=("identifierType",))),
        "creators": (1, 1, _list_of("creator", _person("creatorName", SOME), 1)),
        "titles": (1, 1, _list_of("title", _TITLE, 1)),
        "publisher": (1, 1, _PUBLISHER),
        "publicationYear": (1, 1, _text(YEAR)),
        "resourceType": (1, 1, _text(needs=("resourceTypeGeneral",))),
        "subjects": _maybe(_list_of("subject", _SUBJECT)),
        "contributors": _maybe(
            _list_of("contributor", _person("contributorName", SOME, needs=("contributorType",)))
        ),
        "dates": _maybe(_list_of("date", _text(needs=("dateType",), may=("dateInformation",)))),
        "language": _maybe(_text(LANGUAGE)),
        "alternateIdentifiers": _maybe(
            _list_of("alternateIdentifier", _text(needs=("alternateIdentifierType",)))
        ),
        "relatedIdentifiers": _maybe(_list_of("relatedIdentifier", _RELATED)),
        "sizes": _maybe(_list_of("size", _text())),
        "formats": _maybe(_list_of("format", _text())),
        "version": _maybe(_text()),
        "rightsList": _maybe(_list_of("rights", _RIGHTS)),
        "descriptions": _maybe(_list_of("description", _DESCRIPTION)),
        "geoLocations": _maybe(_list_of("geoLocation", _PLACES)),
        "fundingReferences": _maybe(_list_of("fundingReference", _FUNDING)),
        "relatedItems": _maybe(_list_of("relatedItem", _ITEM)),
    }
)
"""The root element; its children stand in any order."""
