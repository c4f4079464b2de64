"""Invented records: datasets of random images, written straight into a node's records.

And the same rows in an SQLite database of its own, flat, for questions asked in SQL.
"""

from __future__ import annotations

import random
import sqlite3
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select

from bigpicture.storage.records import tables as t

ORGANS = ("Liver", "Lung", "Kidney", "Lymph node", "Colon")
STAINS = ("H&E", "PAS", "Ki-67")
FINDINGS = ("Fatty change", "Necrosis", "Adenoma", "Hyperplasia")
SEVERITIES = ("Minimal", "Moderate", "Marked")
STRAINS = ("Wistar", "Sprague-Dawley")
COMPOUNDS = ("Compound A", "Compound B")
TITLES = ("Hepatic toxicity of invented substances", "A teaching collection", "Renal ageing study")


def code(word, tag=None):
    held = {"scheme": "S", "code": word.upper(), "meaning": word}
    return {"tag": tag, **held} if tag else held


class Invented:
    """Writes datasets into `records`; the same seed and number give the same dataset.

    `also` is done in the transaction of each publication, last, with the dataset's accession.
    """

    def __init__(self, records, seed=1, also=lambda *_: None):
        self._records = records
        self._seed = seed
        self._also = also

    def publish(self, number, images=40):
        """Publish one dataset; returns its accession."""
        chance = random.Random(f"{self._seed}/{number}")
        name = accession("dataset", number)
        with self._records.write() as connection:
            self._write(connection, chance, name, number, images)
            self._also(connection, name)
        return name

    def withdraw(self, dataset):
        """Take every row of a dataset away."""
        with self._records.write() as connection:
            self._remove(connection, dataset)

    def republish(self, dataset, number, images=40):
        """The dataset's rows anew, as another seed has them: a change in one transaction."""
        chance = random.Random(f"{self._seed}/again/{number}")
        with self._records.write() as connection:
            self._remove(connection, dataset)
            self._write(connection, chance, dataset, number, images)
            self._also(connection, dataset)

    def erase(self, image):
        """What an erasure leaves: the image's level without its key, the dataset changed."""
        with self._records.write() as connection:
            dataset = connection.execute(
                select(t.images.c.dataset).where(t.images.c.accession == image)
            ).scalar_one()
            key = f"object-of-{image}"
            connection.execute(
                insert(t.objects).values(
                    key=key, state="doomed", owner=dataset, header=None, created=datetime.now(UTC)
                )
            )
            connection.execute(
                t.levels.update().where(t.levels.c.image == image).values(object=key)
            )
            self._changed(connection, dataset, "erased")

    def _changed(self, connection, dataset, kind):
        change = connection.execute(
            insert(t.changes).values(dataset=dataset, kind=kind, time=datetime.now(UTC))
        ).inserted_primary_key[0]
        connection.execute(
            t.datasets.update().where(t.datasets.c.accession == dataset).values(seq=change)
        )
        return change

    def _remove(self, connection, dataset):
        images = select(t.images.c.accession).where(t.images.c.dataset == dataset)
        blocks = select(t.blocks.c.accession).where(t.blocks.c.dataset == dataset)
        connection.execute(delete(t.levels).where(t.levels.c.image.in_(images)))
        connection.execute(delete(t.block_specimens).where(t.block_specimens.c.block.in_(blocks)))
        for table in (
            t.companion_rows,
            t.companion_variables,
            t.annotations,
            t.observations,
            t.images,
            t.slides,
            t.stainings,
            t.blocks,
            t.specimens,
            t.cases,
            t.beings,
        ):
            connection.execute(delete(table).where(table.c.dataset == dataset))
        connection.execute(delete(t.datasets).where(t.datasets.c.accession == dataset))
        connection.execute(
            insert(t.changes).values(dataset=dataset, kind="withdrawn", time=datetime.now(UTC))
        )

    def _write(self, connection, chance, dataset, number, images):
        is_clinical = number % 2 == 0
        change = connection.execute(
            insert(t.changes).values(dataset=dataset, kind="published", time=datetime.now(UTC))
        ).inserted_primary_key[0]
        connection.execute(
            insert(t.datasets).values(
                accession=dataset,
                alias=f"set-{number}",
                title=f"{TITLES[number % 3]} {number}",
                description="Made for tests.",
                version="1",
                metadata_standard="2.0.0",
                dataset_type="Clinical/Anonymized" if is_clinical else "Non-Clinical/Obscured",
                tier="open",
                policy={"allowed_uses": ["Research"]},
                landing={"keywords": ["invented"], "geographical_areas": ["Freedonia"]},
                published=datetime(2020 + number % 4, 1, 1, tzinfo=UTC) + timedelta(days=number),
                seq=change,
            )
        )

        def add(table, **values):
            connection.execute(insert(table).values(dataset=dataset, **values))

        def names(kind, count):
            return [f"{kind}-{number}-{each}" for each in range(count)]

        beings, specimens = names("being", images // 4), names("specimen", images // 2)
        blocks, slides, stainings = (
            names("block", images // 2),
            names("slide", images),
            names("staining", len(STAINS)),
        )
        for one in beings:
            add(
                t.beings,
                accession=one,
                alias=one,
                attributes={},
                sex=chance.choice(("MALE", "FEMALE", None)),
                species=code(chance.choice(("Homo sapiens", "Rattus norvegicus"))),
                strain=None if is_clinical else code(chance.choice(STRAINS)),
                control=None if is_clinical else chance.choice(("CONTROL", "TREATED")),
            )
            add(t.cases, accession=f"case-of-{one}", alias=one, attributes={}, being=one)
        for one in specimens:
            being = chance.choice(beings)
            sites = [code(each) for each in chance.sample(ORGANS, chance.choice((0, 1, 1, 1, 2)))]
            add(
                t.specimens,
                accession=one,
                alias=one,
                attributes={},
                being=being,
                case=f"case-of-{being}",
                site=sites if len(sites) > 1 else next(iter(sites), None),
                extraction=code(chance.choice(("Biopsy", "Resection"))),
                fixation=code("Formalin"),
                age_start=chance.choice((None, "P3Y", "P40Y", "P18M")),
            )
        for one in blocks:
            add(t.blocks, accession=one, alias=one, attributes={}, preparation=code("Paraffin"))
            for part in chance.sample(specimens, chance.choice((1, 1, 1, 2))):
                connection.execute(insert(t.block_specimens).values(block=one, specimen=part))
        for one, stain in zip(stainings, STAINS, strict=True):
            method = "immunostaining" if stain == "Ki-67" else "chemical"
            target = code("Ki-67") if stain == "Ki-67" else None
            add(
                t.stainings,
                accession=one,
                alias=one,
                attributes={},
                label=stain,
                method=method,
                target=target,
            )
        for at, one in enumerate(slides):
            add(
                t.slides,
                accession=one,
                alias=one,
                attributes={},
                block=chance.choice(blocks),
                staining=chance.choice(stainings),
            )
            image = accession("image", number * 10_000 + at)
            add(
                t.images,
                accession=image,
                alias=f"Scan {number:02}/{chance.randrange(10**6):06}-{at}",
                attributes={},
                slide=one,
                ordinal=at,
                columns=chance.choice((1000, 5000, 90_000)),
                rows=chance.choice((1000, 5000, 90_000)),
                mpp_x=chance.choice((0.125, 0.25, 0.5, 0.75)),
                mpp_y=0.25,
                magnification=chance.choice((None, 20.0, 40.0)),
                manufacturer="Invented",
                model=chance.choice(("One", "Two")),
            )
            self._add_level(connection, image, dataset)
            if chance.random() < 0.2:
                add(
                    t.annotations,
                    accession=f"annotation-{image}",
                    alias=image,
                    attributes={},
                    image=image,
                    objects=[],
                )
        everything = [("being", each) for each in beings] + [("slide", each) for each in slides]
        everything += [("block", each) for each in blocks] + [
            ("specimen", each) for each in specimens
        ]
        for at, (kind, on) in enumerate(chance.sample(everything, images)):
            finding = chance.choice(FINDINGS)
            codes = [code(finding, "MISTRESC"), code(chance.choice(SEVERITIES), "MISEV")]
            if is_clinical:
                codes = [code(finding, "diagnosis")]
            add(
                t.observations,
                accession=f"observation-{number}-{at}",
                alias=str(at),
                attributes={},
                kind="Diagnosis" if is_clinical else "Finding",
                status=chance.choice(("Summary", "Distinct")),
                on_kind=kind,
                on=on,
                codes=codes,
                observers=[],
            )
        if not is_clinical:
            self._add_companion(connection, chance, dataset, beings)

    def _add_level(self, connection, image, dataset):
        key = f"level-of-{dataset}"
        if (
            connection.execute(select(t.objects.c.key).where(t.objects.c.key == key)).first()
            is None
        ):
            connection.execute(
                insert(t.objects).values(
                    key=key, state="durable", owner=dataset, header=b"x", created=datetime.now(UTC)
                )
            )
        connection.execute(
            insert(t.levels).values(
                image=image,
                level=0,
                columns=1,
                rows=1,
                tile_columns=1,
                tile_rows=1,
                mpp_x=0.25,
                mpp_y=0.25,
                media_type="image/jpeg",
                photometric="YBR",
                sop_instance_uid=f"1.2.{image}",
                object=key,
                index_object=key,
            )
        )

    def _add_companion(self, connection, chance, dataset, beings):
        for at, (name, kind) in enumerate((("compound", "string"), ("dose_group", "integer"))):
            categories = [{"value": each, "label": each} for each in COMPOUNDS]
            connection.execute(
                insert(t.companion_variables).values(
                    dataset=dataset,
                    name=name,
                    companion="animals",
                    ordinal=at,
                    entity="being",
                    label=name,
                    type="category" if kind == "string" else kind,
                    categories=categories if kind == "string" else [],
                    missing=[],
                    established="invented",
                )
            )
        for one in beings:
            held = {"compound": chance.choice(COMPOUNDS), "dose_group": chance.randrange(4)}
            connection.execute(
                insert(t.companion_rows).values(
                    dataset=dataset, companion="animals", entity=one, held=held
                )
            )


def accession(kind, number):
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    digits = ""
    for _ in range(12):
        number, rest = divmod(number, len(letters))
        digits = letters[rest] + digits
    return f"zz-{kind}-{digits[:6]}-{digits[6:]}"


def flat(records):
    """What the records hold now, in tables that SQL can be asked of: image, and has(field)."""
    oracle = sqlite3.connect(":memory:")
    with records.read() as connection:
        for table in t.METADATA.sorted_tables:
            columns = [each.name for each in table.columns if each.name != "body"]
            rows = connection.execute(select(*(table.c[each] for each in columns))).all()
            quoted = ", ".join(f'"{each}"' for each in columns)
            oracle.execute(f'CREATE TABLE "{table.name}" ({quoted})')
            marks = ", ".join("?" * len(columns))
            oracle.executemany(
                f'INSERT INTO "{table.name}" VALUES ({marks})',
                [tuple(map(_plain, r)) for r in rows],
            )
    oracle.executescript(_FLAT)
    return oracle


def _plain(value):
    import json

    if isinstance(value, dict | list):
        return json.dumps(value)
    return value.isoformat() if isinstance(value, datetime) else value


_FLAT = """
CREATE TABLE image AS
  SELECT i.accession, i.dataset, i.ordinal, i.alias, i."columns" AS width, i."rows" AS height,
    i.mpp_x AS mpp, i.magnification, d.alias AS dataset_alias,
    d.title || ' ' || d.description AS title,
    d.published, CAST(substr(d.published, 1, 4) AS INTEGER) AS year,
    CASE WHEN d.dataset_type LIKE 'Clinical%' THEN 'clinical' ELSE 'non-clinical' END AS type,
    s.block, s.accession AS slide, st.label AS stain, st.method, st.target,
    i.manufacturer || ' ' || i.model AS scanner
  FROM images i JOIN datasets d ON d.accession = i.dataset JOIN slides s ON s.accession = i.slide
  JOIN stainings st ON st.accession = s.staining
  WHERE i.accession NOT IN (
    SELECT l.image FROM levels l JOIN objects o ON o.key = l.object WHERE o.header IS NULL);
CREATE TABLE part AS
  SELECT image.accession AS image, p.* FROM image
  JOIN block_specimens b ON b.block = image.block JOIN specimens p ON p.accession = b.specimen;
CREATE INDEX part_image ON part (image);
CREATE TABLE above AS
  SELECT accession AS image, accession AS entity FROM image
  UNION SELECT accession, slide FROM image UNION SELECT accession, block FROM image
  UNION SELECT image, accession FROM part UNION SELECT image, being FROM part
  UNION SELECT image, "case" FROM part
  UNION SELECT image, accession FROM annotations WHERE image IN (SELECT accession FROM image);
CREATE INDEX above_entity ON above (entity);
CREATE TABLE reaches AS
  SELECT a.image, o.accession AS observation, o.kind, o.codes,
    o.status = 'Distinct' OR (SELECT count(*) FROM above b WHERE b.entity = o."on") = 1 AS sure
  FROM observations o JOIN above a ON a.entity = o."on";
CREATE TABLE has (image, field, value);
INSERT INTO has SELECT accession, 'stain', stain FROM image;
INSERT INTO has SELECT accession, 'method', method FROM image;
INSERT INTO has SELECT accession, 'type', type FROM image;
INSERT INTO has SELECT accession, 'scanner', scanner FROM image;
INSERT INTO has SELECT DISTINCT part.image, 'organ', json_extract(j.value, '$.meaning') FROM part,
  json_each(CASE WHEN site LIKE '[%' THEN site ELSE json_array(json(site)) END) j
  WHERE site IS NOT NULL;
INSERT INTO has SELECT DISTINCT part.image, 'extraction', json_extract(extraction, '$.meaning')
  FROM part;
INSERT INTO has SELECT DISTINCT part.image, f.field, f.value FROM part JOIN (
    SELECT accession, 'sex' AS field, sex AS value FROM beings WHERE sex IS NOT NULL
    UNION ALL SELECT accession, 'species', json_extract(species, '$.meaning') FROM beings
    UNION ALL SELECT accession, 'strain', json_extract(strain, '$.meaning') FROM beings
      WHERE strain IS NOT NULL
    UNION ALL SELECT accession, 'control', control FROM beings WHERE control IS NOT NULL
    UNION ALL SELECT entity, 'compound', json_extract(held, '$.compound') FROM companion_rows
    UNION ALL SELECT entity, 'companion.dose_group', json_extract(held, '$.dose_group')
      FROM companion_rows
  ) f ON f.accession = part.being;
INSERT INTO has SELECT DISTINCT image, 'diagnosis', json_extract(j.value, '$.meaning')
  FROM reaches, json_each(codes) j WHERE json_extract(j.value, '$.tag') != 'MISEV';
INSERT INTO has SELECT DISTINCT image, 'confirmed', json_extract(j.value, '$.meaning')
  FROM reaches, json_each(codes) j WHERE sure AND json_extract(j.value, '$.tag') != 'MISEV';
INSERT INTO has SELECT DISTINCT image, 'severity', json_extract(j.value, '$.meaning')
  FROM reaches, json_each(codes) j WHERE json_extract(j.value, '$.tag') = 'MISEV';
INSERT INTO has SELECT accession, 'annotated', CASE
  WHEN accession IN (SELECT image FROM annotations) THEN 'yes' ELSE 'no' END FROM image;
CREATE INDEX has_field ON has (field, value);
CREATE INDEX has_image ON has (image);
"""
