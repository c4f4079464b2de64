"""Compare: what the metadata of a submission state, against what its slides say themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, select, update

from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.write import write_document
from bigpicture.model.attribute import Attribute
from bigpicture.model.entity import EntityKey
from bigpicture.model.finding import Finding
from bigpicture.model.slide_facts import ImageFacts, InstanceFacts, combined
from bigpicture.model.study import Study
from bigpicture.model.submission import FileRole
from bigpicture.standard.check import bounded
from bigpicture.standard.duplicates import check_duplicates
from bigpicture.standard.fill import Filling, filled, filling_of, told_filling
from bigpicture.standard.header import check_header
from bigpicture.storage.records.tables import submissions
from bigpicture.submission.check import study_of
from bigpicture.submission.files import SubmittedFile, files_in
from bigpicture.submission.inspect import Inspection
from bigpicture.submission.pyramid import pyramids_of
from bigpicture.submission.stores import Stores
from bigpicture.submission.twins import told_twins, twins_of


def compare(stores: Stores, accession: str) -> None:
    """Keep what is found with the submission, where its contributor and its readers see it.

    Nothing of it stops the submission: what the slides say is what is published.
    """
    files = files_in(stores, accession, roles=[FileRole.IMAGE])
    study = study_of(stores, accession)
    said = said_by(files)
    found = [*_of_headers(study, said, _filling(study, files, said))]
    roots = {alias: one.base.frames_root for alias, one in pyramids_of(files).items()}
    found += check_duplicates(study, roots)
    with stores.records.write() as connection:
        found += _of_twins(connection, accession, study, roots)
        told = [finding.as_json() for finding in bounded(found)]
        connection.execute(
            update(submissions)
            .where(submissions.c.accession == accession)
            .values(findings=told or None)
        )


def _of_headers(
    study: Study, said: Mapping[str, ImageFacts], filling: Filling
) -> Iterator[Finding]:
    for image in study.images:
        facts = said.get(image.alias)
        if facts is None:
            continue
        yield from check_header(image, facts)
        if image.stated and image.key in filling:
            yield told_filling(image, filling[image.key])


def _of_twins(
    connection: Connection, accession: str, study: Study, roots: Mapping[str, str]
) -> Iterator[Finding]:
    person = connection.scalar(
        select(submissions.c.person).where(submissions.c.accession == accession)
    )
    twins = twins_of(connection, roots, besides=accession)
    yield from told_twins(study.images, twins, person or "")


def said_by(files: Sequence[SubmittedFile]) -> dict[str, ImageFacts]:
    """What the headers of each image say, by its alias.

    An image of which a file was inspected by a release that kept no such facts is left out.
    """
    told: defaultdict[str, list[InstanceFacts | None]] = defaultdict(list)
    for file in files:
        if file.report and "level" in file.report:
            told[file.image].append(Inspection.from_json(file.report).said)
    known = {
        alias: combined([one for one in facts if one is not None])
        for alias, facts in told.items()
        if None not in facts
    }
    return {alias: facts for alias, facts in known.items() if facts is not None}


def filled_by_slides(
    sources: Mapping[str, bytes], study: Study, files: Sequence[SubmittedFile]
) -> dict[str, bytes]:
    """The documents, images stating what they left out or had wrong; the others as they are."""
    filling = _filling(study, files, said_by(files))
    homes = {image.place.file for image in study.images if image.key in filling}
    documents = {name: read_document(sources[name], name=name) for name in homes}
    changed = filled(documents, filling)
    return {**sources, **{name: write_document(each) for name, each in changed.items()}}


def _filling(
    study: Study, files: Sequence[SubmittedFile], said: Mapping[str, ImageFacts]
) -> Filling:
    """What is written into which image; all that its slide says where that was left to it.

    A scanner's own file may arrive with an image that states nothing: nobody can know before it is
    converted. Then days and serial numbers are the slide's too, as the conversion left them.
    """
    converted = {file.image for file in files if file.is_identified}
    filling: dict[EntityKey, Sequence[Attribute]] = {}
    for image in study.images:
        facts = said.get(image.alias)
        if facts is None:
            continue
        is_untold = not image.stated and image.alias in converted
        if attributes := facts.attributes if is_untold else filling_of(image, facts):
            filling[image.key] = attributes
    return filling
