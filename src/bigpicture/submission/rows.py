"""The rows of a published dataset: every entity of the study as the records hold it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, String, Table, insert

from bigpicture.metaflex.use_policy import read_use_policy
from bigpicture.model.attribute import code_as_json
from bigpicture.model.code import Code
from bigpicture.model.entity import Entity, EntityKey, Reference
from bigpicture.model.errors import MetadataError
from bigpicture.model.identifiers import Accession
from bigpicture.model.study import Study
from bigpicture.model.submission import FileRole
from bigpicture.model.use_policy_json import USE
from bigpicture.standard.files import candidates
from bigpicture.storage.records import tables
from bigpicture.submission.files import SubmittedFile
from bigpicture.submission.pyramid import Pyramid

Row = dict[str, Any]
_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Publication:
    """A study on its way out: `names` gives each entity its accession."""

    accession: Accession
    study: Study
    names: Mapping[EntityKey, Accession]
    files: list[SubmittedFile]
    pyramids: Mapping[str, Pyramid]
    published: datetime

    def name(self, reference: Reference | None) -> Accession | None:
        """The accession of what a reference points at, or None for no reference."""
        entity = self.study.resolve(reference)
        return self.names[entity.key] if entity else None

    def sure(self, reference: Reference | None, entity: Entity) -> Accession:
        """The accession of a reference that must be there; the check has seen to it."""
        found = self.name(reference)
        if found is None:
            raise MetadataError("a reference points at nothing.", place=str(entity.place))
        return found

    def own(self, entity: Entity) -> Row:
        """The columns that every entity has."""
        return {
            "accession": self.names[entity.key],
            "dataset": self.accession,
            "alias": entity.alias,
            "attributes": entity.attributes,
        }


def insert_rows(connection: Connection, publication: Publication) -> None:
    """Insert every entity, parents before children."""
    for table, rows in (
        (tables.beings, _beings(publication)),
        (tables.cases, _cases(publication)),
        (tables.specimens, _specimens(publication)),
        (tables.blocks, _blocks(publication)),
        (tables.block_specimens, _block_specimens(publication)),
        (tables.stainings, _stainings(publication)),
        (tables.slides, _slides(publication)),
        (tables.images, _images(publication)),
        (tables.levels, _levels(publication)),
        (tables.annotations, _annotations(publication)),
        (tables.observers, _observers(publication)),
        (tables.observations, _observations(publication)),
        (tables.landing_thumbnails, _thumbnails(publication)),
    ):
        _insert(connection, table, rows)


def _insert(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    waiting = list(rows)
    for row in waiting:
        _check_lengths(table, row)
    for start in range(0, len(waiting), _CHUNK):
        connection.execute(insert(table), waiting[start : start + _CHUNK])


def _check_lengths(table: Table, row: Row) -> None:
    """SQLite keeps a text of any length, PostgreSQL does not: refuse it on both, in words."""
    for column in table.columns:
        value = row.get(column.name)
        most = column.type.length if isinstance(column.type, String) else None
        if most and isinstance(value, str) and len(value) > most:
            raise MetadataError(
                f"the {column.name} of one of the {table.name} has {len(value)} characters.",
                place=str(row.get("alias", "")),
                rule=f"at most {most} characters",
                remedy="Shorten it.",
            )


def dataset_row(publication: Publication) -> Row:
    """The row of the dataset itself, without its change number."""
    study, header = publication.study, publication.study.dataset
    page, policy = study.landing_page, study.policy
    row = {
        "accession": publication.accession,
        "alias": header.alias,
        "title": header.title,
        "short_name": header.short_name,
        "description": header.description,
        "version": header.version,
        "metadata_standard": header.metadata_standard,
        "dataset_type": policy.dataset_type,
        "tier": policy.tier,
        "policy": {**asdict(policy), USE: _use(study)},
        "landing": {
            "center_name": page.center_name,
            "keywords": list(page.keywords),
            "citations": list(page.citations),
            "references": list(page.references),
            "changelog": [list(entry) for entry in page.changelog],
            "contact_email": header.owner_email,
            "geographical_areas": list(page.geographical_areas),
            "year_of_submission": page.year_of_submission,
            "doi": page.doi,
            "rems_access_link": page.rems_access_link,
        },
        "published": publication.published,
    }
    _check_lengths(tables.datasets, row)
    return row


def _use(study: Study) -> Row | None:
    """The policy as data; the check has seen to it that it does not contradict itself."""
    [terms] = study.terms
    use = read_use_policy(terms.stated)
    return use.as_json() if use else None


def _code(code: Code | None) -> Any:  # noqa: ANN401 - JSON
    return code_as_json(code) if code else None


def _codes(codes: Sequence[Code]) -> Any:  # noqa: ANN401 - JSON
    """One code as itself, several as a list."""
    found = [code_as_json(code) for code in codes]
    return found if len(found) > 1 else next(iter(found), None)


def _beings(publication: Publication) -> Iterable[Row]:
    for being in publication.study.beings:
        yield {
            **publication.own(being),
            "sex": being.sex,
            "species": _code(being.species),
            "strain": _code(being.strain),
            "control": being.control,
        }


def _cases(publication: Publication) -> Iterable[Row]:
    for case in publication.study.cases:
        yield {**publication.own(case), "being": publication.sure(case.being, case)}


def _specimens(publication: Publication) -> Iterable[Row]:
    for specimen in publication.study.specimens:
        yield {
            **publication.own(specimen),
            "being": publication.sure(specimen.being, specimen),
            "case": publication.name(specimen.case),
            "site": _codes(specimen.sites),
            "extraction": _code(specimen.extraction),
            "fixation": _code(specimen.fixation),
            "age_start": specimen.age_start,
            "age_length": specimen.age_length,
        }


def _blocks(publication: Publication) -> Iterable[Row]:
    for block in publication.study.blocks:
        yield {**publication.own(block), "preparation": _code(block.preparation)}


def _block_specimens(publication: Publication) -> Iterable[Row]:
    for block in publication.study.blocks:
        found = [publication.sure(reference, block) for reference in block.specimens]
        for specimen in dict.fromkeys(found):  # named twice is sampled once
            yield {"block": publication.names[block.key], "specimen": specimen}


def _stainings(publication: Publication) -> Iterable[Row]:
    for staining in publication.study.stainings:
        yield {
            **publication.own(staining),
            "label": staining.label,
            "method": staining.method,
            "target": _code(staining.target),
        }


def _slides(publication: Publication) -> Iterable[Row]:
    for slide in publication.study.slides:
        yield {
            **publication.own(slide),
            "block": publication.sure(slide.block, slide),
            "staining": publication.sure(slide.staining, slide),
        }


def _images(publication: Publication) -> Iterable[Row]:
    for ordinal, image in enumerate(publication.study.images):
        pyramid = publication.pyramids[image.alias]
        base = pyramid.base
        yield {
            **publication.own(image),
            "slide": publication.sure(image.slides[0] if image.slides else None, image),
            "ordinal": ordinal,
            "columns": base.level.columns,
            "rows": base.level.rows,
            "mpp_x": base.level.mpp_x,
            "mpp_y": base.level.mpp_y,
            "magnification": base.magnification,
            "manufacturer": base.manufacturer or image.manufacturer,
            "model": base.model or image.model,
            "thumbnail": pyramid.thumbnail,
            "pixels_root": pyramid.pixels_root,
            "study_uid": base.searched.study_uid or None,
            "series_uid": base.series_instance_uid,
            "searched": base.searched.series or None,
        }


def _levels(publication: Publication) -> Iterable[Row]:
    for image in publication.study.images:
        for file, one in publication.pyramids[image.alias].levels:
            level = one.level
            yield {
                "image": publication.names[image.key],
                "level": level.index,
                "columns": level.columns,
                "rows": level.rows,
                "tile_columns": level.tile_columns,
                "tile_rows": level.tile_rows,
                "mpp_x": level.mpp_x,
                "mpp_y": level.mpp_y,
                "media_type": one.media_type,
                "photometric": one.photometric,
                "sop_instance_uid": one.sop_instance_uid,
                "object": file.object,
                "index_object": (file.report or {})["index"],
                "focal_planes": level.focal_planes,
                "optical_paths": level.optical_paths,
                "frames_root": one.frames_root,
                "transfer_syntax": one.transfer_syntax,
                "searched": one.searched.instance or None,
            }


def _annotations(publication: Publication) -> Iterable[Row]:
    objects = {file.path: file.object for file in publication.files}
    for annotation in publication.study.annotations:
        yield {
            **publication.own(annotation),
            "image": publication.sure(annotation.image, annotation),
            "objects": [
                next(objects[path] for path in candidates(annotation, name) if path in objects)
                for name in (file.filename for file in annotation.files)
            ],
        }


def _observers(publication: Publication) -> Iterable[Row]:
    for observer in publication.study.observers:
        yield {**publication.own(observer), "kind": observer.type}


def _observations(publication: Publication) -> Iterable[Row]:
    for one in publication.study.observations:
        on = publication.study.resolve(one.on)
        yield {
            **publication.own(one),
            "kind": one.statement,
            "status": one.status,
            "on_kind": on.kind if on else "",
            "on": publication.sure(one.on, one),
            "codes": [stated.as_json() for stated in one.codes],
            "text": one.text or None,
            "observers": [publication.sure(reference, one) for reference in one.observers],
        }


def _thumbnails(publication: Publication) -> Iterable[Row]:
    shown = [file for file in publication.files if file.role is FileRole.THUMBNAIL]
    for ordinal, file in enumerate(shown[:5]):
        yield {
            "dataset": publication.accession,
            "ordinal": ordinal,
            "object": file.object,
            "media_type": "image/png" if file.path.lower().endswith(".png") else "image/jpeg",
        }
