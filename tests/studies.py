"""Any study that the model can hold: strategies over the nouns, from attributes upward."""

from __future__ import annotations

from decimal import Decimal
from string import hexdigits

from hypothesis import strategies as st

from bigpicture.metaflex.policy import read_policy
from bigpicture.metaflex.schema import OBSERVED
from bigpicture.metaflex.v3_0 import NODES
from bigpicture.model.annotation import Annotation
from bigpicture.model.attribute import Attribute, AttributeType, Measurement, find, find_all
from bigpicture.model.being import Being
from bigpicture.model.block import Block
from bigpicture.model.case import Case
from bigpicture.model.code import Code
from bigpicture.model.data_file import DataFile
from bigpicture.model.dataset import DatasetHeader
from bigpicture.model.entity import EntityKind, Reference
from bigpicture.model.identifiers import ACCESSION_LETTERS, Accession, AccessionKind, Alias
from bigpicture.model.image_metadata import Image
from bigpicture.model.landing_page import LandingPage
from bigpicture.model.observation import Observation, StatementStatus, StatementType
from bigpicture.model.observer import Observer
from bigpicture.model.organisation import Organisation
from bigpicture.model.place import Place
from bigpicture.model.rems import Rems
from bigpicture.model.slide import Slide
from bigpicture.model.specimen import Specimen
from bigpicture.model.staining import Staining
from bigpicture.model.study import Study
from bigpicture.model.terms import Terms

HERE = Place("", 0)
_NOT_XML = "\ufffe\uffff"  # XML 1.0, 2.2: with surrogates and controls, all that Char leaves out
_anything = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=_NOT_XML)
raw = st.text(_anything | st.sampled_from("\t\n\r&<>\"'"), max_size=12)
text = raw.map(str.strip)
"""Blanks around a text say nothing: reading drops them."""

_printable = _anything.filter(str.isprintable)
alias = st.text(_printable, min_size=1, max_size=12).map(Alias)
number = st.decimals(Decimal(-(10**12)), Decimal(10**12), allow_nan=False, places=5)
digest = st.text(st.sampled_from(hexdigits.lower()[:16]), min_size=64, max_size=64)
code = st.builds(Code, text, text, text, text)
_half = st.text(st.sampled_from(ACCESSION_LETTERS), min_size=6, max_size=6)


@st.composite
def accession(draw: st.DrawFn, kind: EntityKind) -> Accession:
    kinds = {**dict.fromkeys(("being", "case", "specimen", "block", "slide"), "sample")}
    name = AccessionKind(kinds.get(kind.value, kind.value))
    return Accession(f"bb-{name}-{draw(_half)}-{draw(_half)}")


tag = text | st.sampled_from(
    [
        *("sex", "animal_species", "animal_strain", "control_terminology", "termination_status"),
        *("anatomical_site", "anatomical_site_list", "extraction_method", "fixation_type"),
        *("specimen_type", "age_at_extraction", "interval_start", "interval_length"),
        *("block_preparation", "type_of_dataset", "access_tier", "staining_method"),
    ]
)


def _of(kind: AttributeType, value):
    return st.builds(Attribute, tag=tag, type=st.just(kind), value=value)


_nil = st.none()
coded = _of(AttributeType.CODE, code | _nil)
leaf = st.one_of(
    _of(AttributeType.STRING, text | _nil),
    _of(AttributeType.NUMERIC, number | _nil),
    _of(AttributeType.MEASUREMENT, st.builds(Measurement, number, text)),
    st.builds(
        Attribute,
        tag=tag,
        type=st.just(AttributeType.MEASUREMENT),
        value=_nil,
        units=text,
    ),
    coded,
)
attribute = st.recursive(
    leaf,
    lambda inner: _of(AttributeType.SET, st.lists(inner, max_size=3).map(tuple) | _nil),
    max_leaves=4,
)
stated = st.lists(attribute, max_size=3).map(tuple)


@st.composite
def reference(draw: st.DrawFn, kind: EntityKind) -> Reference:
    """By alias, by accession, or by both."""
    by = draw(st.sampled_from(["alias", "accession", "both"]))
    return Reference(
        kind,
        "" if by == "accession" else draw(alias),
        None if by == "alias" else draw(accession(kind)),
        HERE,
    )


def some(kind: EntityKind, *, least: int = 0, most: int = 2):
    return st.lists(reference(kind), min_size=least, max_size=most).map(tuple)


@st.composite
def data_file(draw: st.DrawFn, types: tuple[str, ...], *, is_3: bool) -> DataFile:
    """2.0 asks for `checksum`, 3.0 for the other; each allows both."""
    asked, other = draw(digest), draw(st.just("") | digest)
    checksum, readable = (other, asked) if is_3 else (asked, other)
    return DataFile(draw(raw), checksum, readable, draw(st.sampled_from(types)), HERE)


def _text(attributes, *path: str) -> str | None:
    found = find(attributes, *path)
    return (found.text or None) if found else None


def _code(attributes, name: str) -> Code | None:
    found = find(attributes, name)
    return found.code if found else None


@st.composite
def study(draw: st.DrawFn, *, version: str) -> Study:
    """A study that the XSDs of that version allow, its derived fields as the attributes say."""
    is_3 = version.startswith("3")

    def identity(kind: EntityKind, **more):
        named = {
            "alias": draw(alias),
            "accession": draw(st.none() | accession(kind)),
            "place": HERE,
            "stated": draw(stated),
        }
        return named | more

    def each(make, *, most: int = 2):
        return tuple(make() for _ in range(draw(st.integers(0, most))))

    def files(*types: str, least: int = 1, most: int = 2):
        return tuple(draw(st.lists(data_file(types, is_3=is_3), min_size=least, max_size=most)))

    def to(kind: EntityKind):
        return draw(reference(kind))

    def dataset() -> DatasetHeader:
        patch = draw(st.integers(0, 30))
        return DatasetHeader(
            **identity(EntityKind.DATASET),
            **{
                name: draw(text)
                for name in ("title", "short_name", "description", "version", "owner_email")
            },
            metadata_standard=f"{version}.{patch}",
            types=("Whole slide imaging",) * draw(st.integers(0, 2)),
            images=draw(some(EntityKind.IMAGE)),
            annotations=draw(some(EntityKind.ANNOTATION)),
            observations=draw(some(EntityKind.OBSERVATION)),
            complements=draw(some(EntityKind.DATASET)),
            node=draw(st.sampled_from(NODES)) if is_3 else "",
            landing_page=draw(st.none() | reference(EntityKind.LANDING_PAGE)) if is_3 else None,
        )

    def terms() -> Terms:
        named = identity(EntityKind.POLICY)
        policy = read_policy(named["alias"], named["stated"])
        return Terms(**named, dataset=to(EntityKind.DATASET), policy=policy)

    def landing_page() -> LandingPage:
        link = draw(st.none() | st.just("https://rems.example.org/apply-for?resource=a"))
        return LandingPage(
            **identity(EntityKind.LANDING_PAGE),
            dataset=to(EntityKind.DATASET),
            rems_access_link=link,
            thumbnails=files("jpg", "png", least=0, most=5),
        )

    def rems() -> Rems:
        return Rems(
            **identity(EntityKind.REMS),
            dataset=to(EntityKind.DATASET),
            workflow_id=draw(text),
            organisation_id=draw(text),
        )

    def organisation() -> Organisation:
        return Organisation(
            **identity(EntityKind.ORGANISATION),
            dataset=to(EntityKind.DATASET),
            name=draw(text),
            pic_code=str(draw(st.integers(-(10**9) + 1, 10**9 - 1))),
            datamanager_group=draw(text),
        )

    def being() -> Being:
        named = identity(EntityKind.BEING)
        said = named["stated"]
        return Being(
            **named,
            sex=_text(said, "sex"),
            species=_code(said, "animal_species"),
            strain=_code(said, "animal_strain"),
            control=_text(said, "control_terminology"),
            termination=_code(said, "termination_status"),
        )

    def case() -> Case:
        return Case(**identity(EntityKind.CASE), being=to(EntityKind.BEING))

    def specimen() -> Specimen:
        named = identity(EntityKind.SPECIMEN)
        said = named["stated"]
        sites = [
            *find_all(said, "anatomical_site"),
            *find_all(said, "anatomical_site_list", "anatomical_site"),
        ]
        return Specimen(
            **named,
            being=to(EntityKind.BEING),
            case=draw(st.none() | reference(EntityKind.CASE)),
            sites=tuple(site.code for site in sites if site.code),
            extraction=_code(said, "extraction_method"),
            fixation=_code(said, "fixation_type"),
            specimen_type=_code(said, "specimen_type"),
            age_start=_text(said, "age_at_extraction", "interval_start"),
            age_length=_text(said, "age_at_extraction", "interval_length"),
        )

    def block() -> Block:
        named = identity(EntityKind.BLOCK)
        return Block(
            **named,
            specimens=draw(some(EntityKind.SPECIMEN, least=1)),
            preparation=_code(named["stated"], "block_preparation"),
        )

    def slide() -> Slide:
        return Slide(
            **identity(EntityKind.SLIDE),
            block=to(EntityKind.BLOCK),
            staining=to(EntityKind.STAINING),
        )

    def staining() -> Staining:
        stains = tuple(draw(st.lists(stated, max_size=2)))
        procedure = () if stains else draw(stated)
        return Staining(**identity(EntityKind.STAINING), procedure=procedure, stains=stains)

    def image() -> Image:
        return Image(
            **identity(EntityKind.IMAGE),
            slides=draw(some(EntityKind.SLIDE, least=1, most=1 if is_3 else 3)),
            is_gross=draw(st.booleans()),
            files=files("dcm"),
            remark=draw(text),
        )

    def annotation() -> Annotation:
        return Annotation(
            **identity(EntityKind.ANNOTATION),
            image=to(EntityKind.IMAGE),
            files=files("dcm", "json"),
        )

    def observation() -> Observation:
        kinds = [kind for kind in OBSERVED.values() if not (is_3 and kind is EntityKind.ANNOTATION)]
        return Observation(
            **identity(EntityKind.OBSERVATION),
            on=to(draw(st.sampled_from(kinds))),
            statement=draw(st.sampled_from(list(StatementType))).value,
            status=draw(st.sampled_from(list(StatementStatus))).value,
            coded=tuple(draw(st.lists(coded, max_size=2))),
            custom=draw(stated),
            remarks=draw(stated),
            text=draw(st.none() | text),
            observers=draw(some(EntityKind.OBSERVER)),
        )

    def observer() -> Observer:
        kind = draw(st.sampled_from(["Human", "Machine"]))
        return Observer(**identity(EntityKind.OBSERVER), type=kind)

    return Study(
        datasets=(dataset(),),
        terms=each(terms),
        landing_pages=each(landing_page),
        rems_entries=each(rems),
        organisations=each(organisation),
        beings=each(being),
        cases=each(case),
        specimens=each(specimen),
        blocks=each(block),
        slides=each(slide),
        stainings=each(staining),
        images=each(image),
        annotations=each(annotation),
        observations=each(observation),
        observers=each(observer),
    )
