"""Makes a study out of a plan and its images: every attribute stated, or nil where it may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from bigpicture.metaflex.policy import read_policy
from bigpicture.metaflex.schema import BY_KIND
from bigpicture.model.attribute import Attribute, find
from bigpicture.model.being import Being
from bigpicture.model.block import Block
from bigpicture.model.case import Case
from bigpicture.model.code import Code
from bigpicture.model.data_file import DataFile
from bigpicture.model.dataset import DatasetHeader
from bigpicture.model.entity import EntityKind, Reference
from bigpicture.model.identifiers import Alias
from bigpicture.model.image_metadata import Image
from bigpicture.model.observation import Observation
from bigpicture.model.observer import Observer
from bigpicture.model.organisation import Organisation
from bigpicture.model.place import Place
from bigpicture.model.rems import Rems
from bigpicture.model.slide import Slide
from bigpicture.model.specimen import Specimen
from bigpicture.model.staining import Staining
from bigpicture.model.study import Study
from bigpicture.model.terms import Terms
from bigpicture.preparation.attributes import age, code, string
from bigpicture.preparation.column import Column
from bigpicture.preparation.columns import COLUMNS
from bigpicture.preparation.described_image import DescribedImage
from bigpicture.preparation.landing import landing_page
from bigpicture.preparation.meaning import Meaning
from bigpicture.preparation.plan import Plan, Planned, PlannedImage, PlannedObservation, Values
from bigpicture.preparation.staining_parts import procedure_of, stains_of
from bigpicture.preparation.terms import policy_attributes, told
from bigpicture.standard.rule import Audience

STANDARD = "2.0.0"
"""The release of the standard that is written."""

AliasOf = Callable[[EntityKind, str], str]
"""Kind and local identifier to the alias that leaves the site."""


def study_of(
    plan: Plan,
    images: Mapping[str, DescribedImage],
    *,
    alias_of: AliasOf,
    today: date,
    thumbnails: tuple[DataFile, ...] = (),
) -> Study:
    """Return the study that a plan describes.

    `images` are by the file that the plan names them by; one that is not there yet is stated
    without its files. Local identifiers appear as what `alias_of` makes of them, and nowhere else.
    """
    return _Making(plan, images, alias_of, today).study(thumbnails)


def image_alias(plan_image: PlannedImage, alias_of: AliasOf) -> str:
    """The alias of a planned image."""
    return alias_of(EntityKind.IMAGE, plan_image.local)


@dataclass(frozen=True, slots=True)
class _Making:
    plan: Plan
    images: Mapping[str, DescribedImage]
    alias_of: AliasOf
    today: date

    def study(self, thumbnails: tuple[DataFile, ...]) -> Study:
        plan = self.plan
        images = tuple(self._image(each) for each in plan.images)
        observations = tuple(self._observation(each) for each in plan.observations)
        study = Study(
            datasets=(self._header(images, observations),),
            terms=(self._terms(),),
            rems_entries=(self._rems(),),
            organisations=(self._organisation(),),
            beings=tuple(self._being(each) for each in plan.beings),
            cases=tuple(self._case(each) for each in plan.cases),
            specimens=tuple(self._specimen(each) for each in plan.specimens),
            blocks=tuple(self._block(each) for each in plan.blocks),
            slides=tuple(self._slide(each) for each in plan.slides),
            stainings=tuple(self._staining(*each) for each in enumerate(plan.stainings)),
            images=images,
            observations=observations,
            observers=tuple(self._observer(*each) for each in plan.observers.items()),
        )
        page = landing_page(
            plan,
            study,
            dataset=self._dataset(EntityKind.LANDING_PAGE),
            today=self.today,
            size=sum(each.bytes for each in self.images.values()),
            thumbnails=thumbnails,
        )
        return replace(study, landing_pages=(page,))

    @property
    def _alias(self) -> Alias:
        return Alias.parse(self.plan.told("alias") or "dataset")

    def _header(
        self, images: tuple[Image, ...], observations: tuple[Observation, ...]
    ) -> DatasetHeader:
        plan, place = self.plan, _place(EntityKind.DATASET)
        title = plan.told("title")
        duration = plan.told("study_duration")
        stated = ()
        if plan.audience is Audience.NON_CLINICAL:
            length = Code(duration, "SEND", duration) if duration else None
            stated = (code("tox_study_duration", length),)
        return DatasetHeader(
            alias=self._alias,
            place=place,
            stated=stated,
            title=title,
            short_name=plan.told("short_name") or title[:25],
            description=plan.told("description") or "N/A",
            version=told(plan, "version"),
            metadata_standard=STANDARD,
            owner_email=plan.told("contact_email") or "N/A",
            types=("Whole slide imaging",),
            images=tuple(Reference(each.kind, each.alias, None, place) for each in images),
            observations=tuple(
                Reference(each.kind, each.alias, None, place) for each in observations
            ),
        )

    def _terms(self) -> Terms:
        alias = Alias.parse(f"{self._alias}-policy")
        stated = policy_attributes(self.plan, today=self.today)
        kind = EntityKind.POLICY
        return Terms(
            alias=alias,
            place=_place(kind),
            stated=stated,
            dataset=self._dataset(kind),
            policy=read_policy(alias, stated),
        )

    def _rems(self) -> Rems:
        kind = EntityKind.REMS
        return Rems(
            alias=Alias.parse(f"{self._alias}-rems"),
            place=_place(kind),
            dataset=self._dataset(kind),
            workflow_id=self.plan.told("rems_workflow"),
            organisation_id=self.plan.told("rems_organisation"),
        )

    def _organisation(self) -> Organisation:
        kind = EntityKind.ORGANISATION
        return Organisation(
            alias=Alias.parse(f"{self._alias}-organisation"),
            place=_place(kind),
            dataset=self._dataset(kind),
            name=self.plan.told("organisation"),
            pic_code=self.plan.told("pic_code"),
            datamanager_group=self.plan.told("data_manager_group"),
        )

    def _being(self, planned: Planned) -> Being:
        values = planned.values
        return Being(
            alias=self._named(planned),
            place=_place(planned.kind),
            stated=self._stated(planned),
            sex=_text(values.get("sex")),
            species=_code(values.get("species")),
            strain=_code(values.get("strain")),
            control=_text(values.get("control")),
            termination=_code(values.get("termination_status")),
        )

    def _case(self, planned: Planned) -> Case:
        return Case(
            alias=self._named(planned),
            place=_place(planned.kind),
            being=self._up(planned, EntityKind.BEING),
        )

    def _specimen(self, planned: Planned) -> Specimen:
        stated = self._stated(planned)
        site = _code(planned.values.get("anatomical_site"))
        start = find(stated, "age_at_extraction", "interval_start")
        length = find(stated, "age_at_extraction", "interval_length")
        return Specimen(
            alias=self._named(planned),
            place=_place(planned.kind),
            stated=stated,
            being=self._up(planned, EntityKind.BEING),
            case=self._up(planned, EntityKind.CASE),
            sites=(site,) if site else (),
            extraction=_code(planned.values.get("extraction_method")),
            fixation=_code(planned.values.get("fixation")),
            specimen_type=_code(planned.values.get("specimen_type")),
            age_start=start.text if start else None,
            age_length=length.text if length else None,
        )

    def _block(self, planned: Planned) -> Block:
        named = planned.up.get(EntityKind.SPECIMEN, ())
        return Block(
            alias=self._named(planned),
            place=_place(planned.kind),
            stated=self._stated(planned),
            specimens=tuple(self._refer(planned.kind, EntityKind.SPECIMEN, each) for each in named),
            preparation=_code(planned.values.get("block_preparation")),
        )

    def _slide(self, planned: Planned) -> Slide:
        staining = Reference(
            EntityKind.STAINING, _staining_alias(planned.staining), None, _place(planned.kind)
        )
        return Slide(
            alias=self._named(planned),
            place=_place(planned.kind),
            block=self._up(planned, EntityKind.BLOCK),
            staining=staining,
        )

    def _staining(self, number: int, values: Values) -> Staining:
        return Staining(
            alias=Alias.parse(_staining_alias(number)),
            place=_place(EntityKind.STAINING),
            procedure=procedure_of(values),
            stains=stains_of(values),
        )

    def _image(self, planned: PlannedImage) -> Image:
        described = self.images.get(planned.file, DescribedImage())
        return Image(
            alias=Alias.parse(image_alias(planned, self.alias_of)),
            place=_place(EntityKind.IMAGE),
            stated=described.stated,
            slides=(self._refer(EntityKind.IMAGE, EntityKind.SLIDE, planned.slide),),
            files=described.files,
        )

    def _observation(self, planned: PlannedObservation) -> Observation:
        kind = EntityKind.OBSERVATION
        told_of = "/".join(
            (*planned.on, planned.statement, *(f"{tag}={c.code}" for tag, c in planned.codes))
        )
        local = f"{told_of}/{planned.original}/{planned.text}/{planned.status}/{planned.observer}"
        observers = (
            (self._refer(kind, EntityKind.OBSERVER, planned.observer),) if planned.observer else ()
        )
        return Observation(
            alias=Alias.parse(self.alias_of(kind, local)),
            place=_place(kind),
            on=self._refer(kind, *planned.on),
            statement=planned.statement.value,
            status=planned.status.value,
            coded=tuple(code(tag, value) for tag, value in planned.codes),
            custom=(string("MIORRES", planned.original),) if planned.original else (),
            text=planned.text or None,
            observers=observers,
        )

    def _observer(self, name: str, kind: str) -> Observer:
        alias = Alias.parse(self.alias_of(EntityKind.OBSERVER, name))
        return Observer(alias=alias, place=_place(EntityKind.OBSERVER), type=kind)

    def _stated(self, planned: Planned) -> tuple[Attribute, ...]:
        return tuple(
            attribute
            for column in _stated_columns(planned.kind, self.plan.audience)
            if (attribute := _attribute(column, planned.values.get(column.name)))
        )

    def _named(self, planned: Planned) -> Alias:
        return Alias.parse(self.alias_of(planned.kind, planned.local))

    def _refer(self, by: EntityKind, kind: EntityKind, local: str) -> Reference:
        return Reference(kind, self.alias_of(kind, local), None, _place(by))

    def _up(self, planned: Planned, kind: EntityKind) -> Reference | None:
        named = planned.up.get(kind)
        return self._refer(planned.kind, kind, named[0]) if named else None

    def _dataset(self, by: EntityKind) -> Reference:
        return Reference(EntityKind.DATASET, self._alias, None, _place(by))


def _stated_columns(kind: EntityKind, audience: Audience) -> list[Column]:
    return [
        column
        for column in COLUMNS
        if column.entity is kind and column.rule is not None and column.is_used(audience)
    ]


def _attribute(column: Column, meaning: Meaning | None) -> Attribute | None:
    """The attribute that a column states; None where it is not said and may be left out."""
    rule = column.rule
    if rule is None:
        return None
    if column.name == "specimen_type" and not isinstance(meaning, Code):
        return None
    if column.name == "age":
        return age(meaning)
    if column.values:
        return string(rule.tag, meaning if isinstance(meaning, str) else None)
    return code(rule.tag, meaning)


def _staining_alias(number: int) -> str:
    return f"staining-{number + 1}"


def _place(kind: EntityKind) -> Place:
    return Place(BY_KIND[kind].file)


def _text(meaning: Meaning | None) -> str | None:
    return meaning if isinstance(meaning, str) else None


def _code(meaning: Meaning | None) -> Code | None:
    return meaning if isinstance(meaning, Code) else None
