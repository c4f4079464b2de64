"""Documents: the exchange XML of a study, every mandatory attribute of MSMdad 2.0 present."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bigpicture.metaflex.build import FileEntry, code_attribute, document, entity, reference, text
from bigpicture.metaflex.tree import Element
from bigpicture.metaflex.write import write_document
from bigpicture.model.entity import EntityKind
from bigpicture.phantom.imaging import annotation_alias, annotation_of, image_of
from bigpicture.phantom.landing import landing_page
from bigpicture.phantom.made import MadeImage, dataset_ref
from bigpicture.phantom.observed import observation_aliases, observations
from bigpicture.phantom.policy import policy
from bigpicture.phantom.samples import beings, blocks, cases, slides, specimens
from bigpicture.phantom.staining import staining, stains
from bigpicture.phantom.study import Study


def documents(
    study: Study, images: Sequence[MadeImage], *, thumbnails: Sequence[FileEntry], size: int
) -> Mapping[str, bytes]:
    """Every XML of the folder by its path; `size` is that of all images in bytes."""
    annotated = [image for image in images if image.annotation]
    sets: list[Sequence[Element]] = [
        [_dataset(study, images, annotated)],
        [policy(study)],
        [landing_page(study, images, thumbnails, annotated=len(annotated), size=size)],
        [_rems(study)],
        [_organisation(study)],
        [*beings(study), *cases(study), *specimens(study), *blocks(study), *slides(study)],
        [staining(stain) for stain in stains(study)],
        [image_of(image) for image in images],
        [annotation_of(image) for image in annotated],
        observations(study),
        [entity(EntityKind.OBSERVER, study.observer, [text("OBSERVER_TYPE", "Human")])],
    ]
    made = [document(each) for each in sets if each]
    return {each.name: write_document(each) for each in made}


def _dataset(study: Study, images: Sequence[MadeImage], annotated: Sequence[MadeImage]) -> Element:
    parts = [
        text("TITLE", study.title),
        text("SHORT_NAME", study.short_name),
        text("DESCRIPTION", study.description),
        text("VERSION", "1.0.0"),
        text("METADATA_STANDARD", "2.0.0"),
        text("DATASET_OWNER_CONTACT_EMAIL", study.email),
        text("DATASET_TYPE", "Whole slide imaging"),
        *(reference("IMAGE_REF", image.slide.image) for image in images),
        *(reference("ANNOTATION_REF", annotation_alias(image)) for image in annotated),
        *(reference("OBSERVATION_REF", alias) for alias in observation_aliases(study)),
    ]
    stated = [code_attribute("tox_study_duration", study.duration)] if study.duration else []
    return entity(EntityKind.DATASET, study.alias, parts, stated=stated)


def _rems(study: Study) -> Element:
    parts = [text("WORKFLOW_ID", "1"), text("ORGANISATION_ID", "phantom"), dataset_ref(study)]
    return entity(EntityKind.REMS, f"{study.alias}-rems", parts)


def _organisation(study: Study) -> Element:
    parts = [
        text("NAME", study.center),
        text("PIC_CODE", "999999999"),
        text("DATAMANAGER_PERUN_GROUP", "00000000-0000-4000-8000-000000000000"),
        dataset_ref(study),
    ]
    return entity(EntityKind.ORGANISATION, f"{study.alias}-organisation", parts)
