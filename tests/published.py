"""Two published datasets for tests of the doors: one open, one controlled, with tiny real levels.

The slides are written with pydicom and simplejpeg here, so that what the doors answer is compared
with bytes that did not pass through our own writer.
"""

from __future__ import annotations

import asyncio
import atexit
import secrets
import shutil
import socket
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pytest
import simplejpeg
import uvicorn
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate_extended
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit
from sqlalchemy import func, insert, select

from bigpicture.access.grant import record_grant
from bigpicture.access.people import add_hashed_person
from bigpicture.access.tokens import TokenKind, issue_token
from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.dicom.index import build_index
from bigpicture.dicom.read import read_instance
from bigpicture.dicom.searched import Searched
from bigpicture.dicom.syntax import frame_media_type
from bigpicture.model.person import Role
from bigpicture.sealing.keys import make_key_pair
from bigpicture.settings import Settings
from bigpicture.storage.objects import Objects
from bigpicture.storage.records import tables as t
from bigpicture.storage.records.metadata import METADATA
from bigpicture.submission.stores import Stores
from bigpicture.vault.key_store import KeyStore
from bigpicture.vault.vault import Vault
from migrated import open_migrated

OPEN = "bb-dataset-openzz-openzz"
CONTROLLED = "bb-dataset-cntrzz-cntrzz"
UNKNOWN = "bb-dataset-nnnnnn-nnnnnn"
PUBLISHED = datetime(2026, 3, 1, 12, tzinfo=UTC)

LIVER = {"code": "10200004", "scheme": "SNOMED CT", "meaning": "Liver", "scheme_version": "1"}
LUNG = {"code": "39607008", "scheme": "SNOMED CT", "meaning": "Lung", "scheme_version": "1"}
HUMAN = {"code": "337915000", "scheme": "SNOMED CT", "meaning": "Human", "scheme_version": "1"}
ADENOMA = {"code": "32048006", "scheme": "SNOMED CT", "meaning": "Adenoma", "scheme_version": "1"}
FIBROSIS = {
    "code": "112674009",
    "scheme": "SNOMED CT",
    "meaning": "Fibrosis",
    "scheme_version": "1",
}

DRAWN = b"""{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry":
 {"type": "Polygon", "coordinates": [[[0, 0], [64, 0], [64, 64], [0, 64], [0, 0]]]},
 "properties": {"classification": {"name": "Tumour"}}}]}"""


@dataclass(frozen=True)
class BytesSource:
    data: bytes

    @property
    def size(self):
        return len(self.data)

    def read(self, offset, length):
        return self.data[offset : offset + length]


def image_name(dataset, number):
    return f"bb-image-{dataset.split('-')[2]}-{'abcdefgh'[number] * 6}"


def make_stores(folder, url=""):
    """Stores over an empty database (SQLite unless a URL is given) and a folder."""
    settings = Settings(data=folder, node_name="Test node")
    folder.mkdir(parents=True, exist_ok=True)
    records = open_migrated(url or settings.records_url)
    apart = Objects(settings.key_store_url)
    vault = Vault(records, Objects(settings.objects_url), _PAIR, KeyStore(apart, _PAIR))
    return Stores(settings=settings, records=records, vault=vault, pseudonyms=Pseudonyms(b"k" * 32))


_PAIR = make_key_pair()
"""Of every node that `make_stores` makes, so that one may have what another sealed."""


def made_uid():
    """A name of one length, so that the same slide made twice has the same size."""
    return f"2.25.{10**38 + secrets.randbelow(10**38)}"


def make_level(columns, rows, *, is_native=False, seed=0, pixels=None, **named):
    """A DICOM level of 64-pixel tiles of `pixels`, or of chance; its bytes and its frames."""
    across, down = -(-columns // 64), -(-rows // 64)
    chance = np.random.default_rng(seed)
    if pixels is None:
        tiles = [
            np.broadcast_to(chance.integers(0, 255, 3, dtype=np.uint8), (64, 64, 3)).copy()
            for _ in range(across * down)
        ]
    else:
        room = ((0, down * 64 - rows), (0, across * 64 - columns), (0, 0))
        padded = np.pad(pixels, room, mode="edge")
        tiles = [
            np.ascontiguousarray(padded[y * 64 : y * 64 + 64, x * 64 : x * 64 + 64])
            for y in range(down)
            for x in range(across)
        ]
    frames = [
        tile.tobytes() if is_native else simplejpeg.encode_jpeg(tile, quality=90) for tile in tiles
    ]
    uid = named.get("SOPInstanceUID") or made_uid()
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.77.1.6"
    dataset.file_meta.MediaStorageSOPInstanceUID = uid
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian if is_native else JPEGBaseline8Bit
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.77.1.6"
    dataset.SOPInstanceUID = uid
    dataset.ImageType = ["DERIVED", "PRIMARY", "VOLUME", "NONE"]
    dataset.Modality = "SM"
    for keyword, value in named.items():
        setattr(dataset, keyword, value)
    dataset.Rows = dataset.Columns = 64
    dataset.TotalPixelMatrixColumns, dataset.TotalPixelMatrixRows = columns, rows
    dataset.NumberOfFrames = len(frames)
    dataset.SamplesPerPixel, dataset.PlanarConfiguration = 3, 0
    dataset.PhotometricInterpretation = "RGB" if is_native else "YBR_FULL_422"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.DimensionOrganizationType = "TILED_FULL"
    measures = Dataset()
    measures.PixelSpacing = [0.00025, 0.00025]
    shared = Dataset()
    shared.PixelMeasuresSequence = [measures]
    dataset.SharedFunctionalGroupsSequence = [shared]
    if is_native:
        dataset.PixelData = b"".join(frames)
        dataset["PixelData"].VR = "OB"
    else:
        values = encapsulate_extended(frames)
        dataset.PixelData, dataset.ExtendedOffsetTable, dataset.ExtendedOffsetTableLengths = values
        dataset["PixelData"].VR = "OB"
        dataset["PixelData"].is_undefined_length = True
    out = BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue(), frames


def publish_two(stores):
    """Fill the records; returns the frames by (image, level).

    Where `make_stores` made them, they get a copy: publishing is what takes the time.
    """
    if stores.vault.public_key != _PAIR.public or not stores.vault.is_near:
        return publish_anew(stores)
    published = _published()
    for name in ("objects", "subject-keys"):
        shutil.copytree(published.folder / name, stores.settings.data / name, dirs_exist_ok=True)
    with stores.records.write() as connection:
        for table, rows in published.rows:
            connection.execute(insert(table), rows)
            counted = table.autoincrement_column
            if counted is not None and connection.dialect.name == "postgresql":
                own = func.pg_get_serial_sequence(table.name, counted.name)
                connection.execute(select(func.setval(own, max(row[counted.name] for row in rows))))
    return dict(published.frames)


@dataclass(frozen=True)
class _Published:
    """Both datasets in a folder of this process, and the rows that tell of them."""

    folder: Path
    rows: list
    frames: dict


@cache
def _published():
    folder = Path(tempfile.mkdtemp(prefix="bigpicture-published-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    stores = make_stores(folder)
    with stores.records.read() as connection:
        before = [table for table in METADATA.sorted_tables if _rows(connection, table)]
    frames = publish_anew(stores)
    with stores.records.read() as connection:
        filled = [(table, _rows(connection, table)) for table in METADATA.sorted_tables]
    stores.records.close()
    rows = [(table, found) for table, found in filled if found and table not in before]
    return _Published(folder, rows, frames)


def _rows(connection, table):
    return [dict(row) for row in connection.execute(select(table)).mappings()]


def publish_anew(stores):
    """As `publish_two`, without a copy: where a test changes how things are kept."""
    frames = {}
    with stores.records.write() as connection:
        for seq, (accession, tier, site) in enumerate(
            ((OPEN, "open", LIVER), (CONTROLLED, "controlled", LUNG)), start=1
        ):
            connection.execute(insert(t.changes).values(dataset=accession, kind="published", time=PUBLISHED))  # fmt: skip  # noqa: E501
            connection.execute(insert(t.datasets).values(dataset_row(accession, tier, seq)))
            insert_submission(connection, accession)
            insert_samples(connection, accession, site)
    for accession, count in ((OPEN, 3), (CONTROLLED, 2)):
        for number in range(count):
            frames |= insert_image(stores, accession, number)
    with stores.records.write() as connection:
        for accession in (OPEN, CONTROLLED):
            insert_observations(connection, accession)
    for accession in (OPEN, CONTROLLED):
        insert_document(stores, accession, "dataset", b"<DATASET_SET/>", is_private=False)
        insert_document(stores, accession, "rems", b"<REMS_SET/>", is_private=True)
    return frames


def insert_submission(connection, dataset):
    """The submission that a dataset came in, and who sent it."""
    person = f"person-{dataset.split('-')[2]}"
    connection.execute(insert(t.people).values(id=person, name=person, display_name="Sender", roles=[], password_hash="none", created=PUBLISHED))  # fmt: skip  # noqa: E501
    connection.execute(insert(t.submissions).values(accession=dataset, alias=f"{dataset} set", person=person, state="published", created=PUBLISHED, changed=PUBLISHED))  # fmt: skip  # noqa: E501


def insert_file(connection, dataset, file, path, kept, *, role="image"):
    """A file as it was accepted, under an id of the test's choice."""
    connection.execute(
        insert(t.submission_files).values(
            id=file,
            submission=dataset,
            path=path,
            role=role,
            size=kept.size,
            sha256=kept.sha256,
            received=kept.size,
            state="published",
            object=kept.key,
            changed=PUBLISHED,
        )
    )


def insert_document(stores, dataset, name, text, *, is_private):
    kept = stores.vault.keep([text], owner=dataset)
    with stores.records.write() as connection:
        stores.vault.settle(connection, kept)
        connection.execute(
            insert(t.documents).values(
                dataset=dataset, name=name, object=kept.key, is_private=is_private
            )
        )


def dataset_row(accession, tier, seq):
    return {
        "accession": accession,
        "alias": f"{tier} set",
        "title": f"The {tier} set of livers and lungs",
        "short_name": tier,
        "description": "Invented tissue",
        "version": "1.0.0",
        "metadata_standard": "2.0.0",
        "dataset_type": "Clinical/Anonymized",
        "tier": tier,
        "policy": {"title": "Terms", "tier": tier, "allowed_uses": ["Research Use"]},
        "landing": {
            "keywords": ["invented"],
            "contact_email": "access@example.org",
            "changelog": [["1.0.0", "first"]],
        },
        "published": PUBLISHED,
        "seq": seq,
    }


def insert_samples(connection, dataset, site):
    """One being and case, one specimen; block 0 for slides 0 and 1, block 1 for slide 2."""

    def own(kind, number=0):
        key = dataset.split("-")[2]
        return {
            "accession": f"bb-sample-{key}-{kind}{number}",
            "dataset": dataset,
            "alias": f"{kind} {number}",
            "attributes": {},
        }

    being, case, specimen = own("being"), own("case"), own("spcmn")
    connection.execute(
        insert(t.beings).values(**being, sex="Female", species=HUMAN, strain=None, control=None)
    )
    connection.execute(insert(t.cases).values(**case, being=being["accession"]))
    connection.execute(
        insert(t.specimens).values(
            **specimen,
            being=being["accession"],
            case=case["accession"],
            site=site,
            age_start="P50Y",
            age_length="P5Y",
        )
    )
    stainings = [own("stain", 0), own("stain", 1)]
    for staining, label in zip(stainings, ("H&E", "Ki-67"), strict=True):
        connection.execute(insert(t.stainings).values(**staining, label=label, method="Routine"))
    for number in range(2):
        block = own("block", number)
        connection.execute(insert(t.blocks).values(**block, preparation=None))
        connection.execute(
            insert(t.block_specimens).values(
                block=block["accession"], specimen=specimen["accession"]
            )
        )
    for number in range(3):
        connection.execute(
            insert(t.slides).values(
                **own("slide", number),
                block=own("block", number // 2)["accession"],
                staining=stainings[number % 2]["accession"],
            )
        )


def named_series(dataset, number):
    """What every instance of an image says; images 0 and 1 of a dataset are of one study."""
    case = f"{dataset.split('-')[2].upper()}{number // 2}"
    root = 2 * 10**38 + int.from_bytes(case.encode())
    return {
        "StudyInstanceUID": f"2.25.{root}",
        "SeriesInstanceUID": f"2.25.{root + 10**30 * (number + 1)}",
        "PatientID": f"PATIENT-{case}",
        "PatientName": f"PATIENT-{case}",
        "PatientSex": "F",
        "PatientBirthDate": "",
        "StudyDate": f"2020030{number // 2 + 1}",
        "StudyTime": "",
        "StudyID": "",
        "AccessionNumber": case,
        "ReferringPhysicianName": "",
        "SeriesNumber": "1",
        "ContainerIdentifier": f"SLIDE-{case}-{number}",
    }


def instance_uid(dataset, number, level):
    """What DICOM calls a level of an image."""
    series = named_series(dataset, number)["SeriesInstanceUID"]
    return f"2.25.{int(series.removeprefix('2.25.')) + level + 1}"


def insert_image(stores, dataset, number, pictures=None):
    """An image of two levels of chance, or of the `pictures` of its levels."""
    named = named_series(dataset, number)
    if pictures is None:
        levels = [(200, 130, False), (100, 65, True)]
        given = [
            {"columns": w, "rows": h, "is_native": native, "seed": number * 10 + w}
            for w, h, native in levels
        ]
    else:
        given = [{"columns": one.shape[1], "rows": one.shape[0], "pixels": one} for one in pictures]
    made = [
        make_level(**each, SOPInstanceUID=instance_uid(dataset, number, level), **named)
        for level, each in enumerate(given)
    ]
    insert_instances(
        stores,
        dataset,
        number,
        [data for data, _ in made],
        slide=f"bb-sample-{dataset.split('-')[2]}-slide{0 if pictures else number}",
    )
    accession = image_name(dataset, number)
    return {(accession, level): frames for level, (_, frames) in enumerate(made)}


def insert_instances(stores, dataset, number, levels, *, slide=None):
    """An image of whole DICOM files, the finest first."""
    key = dataset.split("-")[2]
    accession = image_name(dataset, number)
    kept = []
    for data in levels:
        source = BytesSource(data)
        instance = read_instance(source)
        index = build_index(source, instance).to_bytes()
        kept.append(
            (
                instance,
                stores.vault.keep([data], owner=dataset),
                stores.vault.keep([index], owner=dataset),
            )
        )
    picture = simplejpeg.encode_jpeg(np.full((20, 30, 3), 200, np.uint8))
    thumbnail = stores.vault.keep([picture], owner=dataset)
    with stores.records.write() as connection:
        stores.vault.settle(connection, thumbnail)
        connection.execute(
            insert(t.images).values(
                accession=accession,
                dataset=dataset,
                alias=f"image {number}",
                attributes={},
                slide=slide or f"bb-sample-{key}-slide0",
                ordinal=number,
                columns=kept[0][0].level.columns,
                rows=kept[0][0].level.rows,
                mpp_x=kept[0][0].level.mpp_x,
                mpp_y=kept[0][0].level.mpp_y,
                magnification=40.0,
                manufacturer="Invented",
                model="Scanner 1",
                thumbnail=thumbnail.key,
                study_uid=str(kept[0][0].header.StudyInstanceUID),
                series_uid=str(kept[0][0].header.SeriesInstanceUID),
                searched=Searched.of(kept[0][0].header).series,
            )
        )
        for level, (instance, source, index) in enumerate(kept):
            stores.vault.settle(connection, source)
            file, path = f"{key}-{number}-{level}", f"IMAGES/IMAGE_image {number}/{level}.dcm"
            insert_file(connection, dataset, file, path, source)
            stores.vault.settle(connection, index)
            connection.execute(
                insert(t.levels).values(
                    image=accession,
                    level=level,
                    columns=instance.level.columns,
                    rows=instance.level.rows,
                    tile_columns=instance.level.tile_columns,
                    tile_rows=instance.level.tile_rows,
                    mpp_x=kept[0][0].level.mpp_x * 2**level,
                    mpp_y=kept[0][0].level.mpp_y * 2**level,
                    focal_planes=instance.level.focal_planes,
                    optical_paths=instance.level.optical_paths,
                    media_type=frame_media_type(instance.transfer_syntax),
                    photometric=instance.photometric,
                    sop_instance_uid=str(instance.header.SOPInstanceUID),
                    object=source.key,
                    index_object=index.key,
                    transfer_syntax=instance.transfer_syntax,
                    searched=Searched.of(instance.header).instance,
                )
            )


def insert_annotation(stores, dataset, image):
    """A square that was drawn on an image, in a file of its dataset."""
    kept = stores.vault.keep([DRAWN], owner=dataset)
    with stores.records.write() as connection:
        stores.vault.settle(connection, kept)
        insert_file(
            connection, dataset, "drawn-1", "ANNOTATIONS/a.geojson", kept, role="annotation"
        )
        connection.execute(
            insert(t.annotations).values(
                accession="bb-annotation-cntrzz-aaaaaa", dataset=dataset, alias="drawn",
                attributes={}, image=image, objects=[kept.key],
            )
        )  # fmt: skip


def insert_observations(connection, dataset):
    """A summary on the being (several images: candidate), a distinct one on the first image."""
    key = dataset.split("-")[2]

    def state(name, status, on_kind, on, code):
        connection.execute(
            insert(t.observations).values(
                accession=f"bb-observation-{key}-{name}",
                dataset=dataset,
                alias=name,
                attributes={},
                kind="Diagnosis",
                status=status,
                on_kind=on_kind,
                on=on,
                codes=[{"tag": "diagnosis", **code}],
                text=None,
                observers=[],
            )
        )

    state("summry", "Summary", "being", f"bb-sample-{key}-being0", FIBROSIS)
    state("dstnct", "Distinct", "image", image_name(dataset, 0), ADENOMA)


def add_person(stores, name, *roles, password_hash="none", organisation="Invented hospital"):
    """An account, and a token that acts for it."""
    with stores.records.write() as connection:
        person = add_hashed_person(
            connection,
            name=name,
            display_name=name.title(),
            organisation=organisation,
            roles=[Role(role) for role in roles],
            password_hash=password_hash,
            by="node",
        )
        secret, _ = issue_token(
            connection, person, kind=TokenKind.API, label="test", lifetime=timedelta(days=1)
        )
    return person, secret


def grant(stores, person, dataset=CONTROLLED, *, start=None, end=None):
    """A grant as a steward records it; from an hour ago until in an hour unless said."""
    now = datetime.now(UTC)
    with stores.records.write() as connection:
        return record_grant(
            connection,
            person=person.id,
            dataset=dataset,
            start=start or now - timedelta(hours=1),
            end=end or now + timedelta(hours=1),
            reason="an invented study",
            by="node",
        )


@pytest.fixture
def stores(tmp_path):
    """Stores with nothing in them."""
    made = make_stores(tmp_path / "data")
    yield made
    made.records.close()


@pytest.fixture
def frames(stores):
    """Both datasets published in `stores`; their frames by (image, level)."""
    return publish_two(stores)


@pytest.fixture
def node(stores, frames):
    """A node of one process over both datasets."""
    return Node.open(stores, start_work=lambda accession: None)


@pytest.fixture
def client(node):
    """The doors, spoken to without a network."""
    with Client(build(node)) as made:
        yield made


@contextmanager
def served(application):
    """A real server on a free port of this machine; yields its host and port."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_level="warning", lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    host, port = listening.getsockname()
    try:
        yield f"{host}:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


class Client:
    """Asks the ASGI application as a browser or a program would."""

    def __init__(self, application):
        self.application = application
        self.loop = asyncio.new_event_loop()
        self.cookies = httpx.Cookies()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.loop.close()

    def ask(self, method, path, *, token=None, headers=None, **more):
        shown = {"Authorization": f"Bearer {token}"} if token else {}
        return self.loop.run_until_complete(
            self._ask(method, path, headers=shown | (headers or {}), **more)
        )

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, json, **more):
        return self.ask("POST", path, json=json, **more)

    async def _ask(self, method, path, **more):
        transport = httpx.ASGITransport(self.application, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://node.test", cookies=self.cookies
        ) as client:
            answer = await client.request(method, path, **more)
        self.cookies = client.cookies
        return answer
