"""Provenance of a run: a Workflow Run RO-Crate, with the same as W3C PROV beside.

https://www.researchobject.org/workflow-run-crate/profiles/workflow_run_crate/ (0.5), which holds
the Process Run Crate (0.5): one action for the run, one for each slide that it computed. PROV-O as
JSON-LD: https://www.w3.org/TR/prov-o/. Nothing of a slide is in it but accessions and digests.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from bigpicture.model.algorithm import RESEARCH_ONLY
from bigpicture.model.run import Run, RunState, SlideState, Stage
from bigpicture.storage.records.run_tables import results, run_slides

_METADATA = "ro-crate-metadata.json"
_STAGES, _SLIDES, _PROV = "stages.json", "slides.csv", "prov.jsonld"
_PROFILE = "https://w3id.org/ro/wfrun"
_CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    "https://w3id.org/ro/terms/workflow-run/context",
]
_FAILED = frozenset({SlideState.FAILED, SlideState.SKIPPED, SlideState.CANCELLED})
_COLUMNS = ("image", "dataset", "state", "reason", "key", "attempt", "started", "ended")


@dataclass(frozen=True, slots=True)
class _Told:
    """What the records say of a run: its slides, and the results of each image."""

    run: Run
    address: str
    by: str
    slides: list[Mapping[str, Any]]
    outputs: Mapping[str, list[Mapping[str, Any]]]

    def image(self, image: str) -> str:
        return f"{self.address}/api/v1/images/{image}"

    def result(self, row: Mapping[str, Any]) -> str:
        return f"{self.address}/api/v1/results/{row['key']}/{row['output']}?image={row['image']}"

    @property
    def url(self) -> str:
        return f"{self.address}/api/v1/runs/{self.run.id}"


def crate_zip(connection: Connection, run: Run, *, address: str, by: str) -> bytes:
    """The crate as a zip: metadata, stages, the slides as CSV, and PROV-O as JSON-LD."""
    told = _read(connection, run, address, by)
    files = {
        _STAGES: _stages_json(run),
        _SLIDES: _slides_csv(told.slides),
        _PROV: _dump(_prov(told)),
    }
    moment = run.created.timetuple()[:6]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as crate:
        for name, body in {_METADATA: _dump(_crate(told, files)), **files}.items():
            crate.writestr(zipfile.ZipInfo(name, moment), body)
    return out.getvalue()


def crate_json(connection: Connection, run: Run, *, address: str, by: str) -> bytes:
    """The crate's metadata alone: JSON-LD."""
    told = _read(connection, run, address, by)
    files = {_STAGES: _stages_json(run), _SLIDES: _slides_csv(told.slides), _PROV: b""}
    return _dump(_crate(told, files))


def _read(connection: Connection, run: Run, address: str, by: str) -> _Told:
    asked = select(run_slides).where(run_slides.c.run == run.id).order_by(run_slides.c.ordinal)
    slides: list[Mapping[str, Any]] = [dict(row) for row in connection.execute(asked).mappings()]
    rows = connection.execute(
        select(results)
        .join(
            run_slides,
            (run_slides.c.image == results.c.image) & (run_slides.c.key == results.c.key),
        )
        .where(run_slides.c.run == run.id)
        .order_by(results.c.image, results.c.output)
    ).mappings()
    outputs: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        outputs.setdefault(row["image"], []).append(dict(row))
    return _Told(run, address.rstrip("/"), by, slides, outputs)


def _crate(told: _Told, files: Mapping[str, bytes]) -> dict[str, Any]:
    graph = [
        _descriptor(),
        _root(told, files),
        *_profiles(),
        _agent(told),
        _workflow(told.run, files[_STAGES]),
        *_software(told.run.stages),
        *_parameters(told.run),
        _action(told),
        *(_file(name, files[name]) for name in (_SLIDES, _PROV) if files[name]),
        *_slide_actions(told),
    ]
    return {"@context": _CONTEXT, "@graph": graph}


def _descriptor() -> dict[str, Any]:
    return {
        "@id": _METADATA,
        "@type": "CreativeWork",
        "conformsTo": [
            _ref("https://w3id.org/ro/crate/1.1"),
            _ref("https://w3id.org/workflowhub/workflow-ro-crate/1.0"),
        ],
        "about": _ref("./"),
    }


def _root(told: _Told, files: Mapping[str, bytes]) -> dict[str, Any]:
    run = told.run
    parts = [name for name in files if files[name]]
    parts += [told.result(row) for rows in told.outputs.values() for row in rows]
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{run.title or run.algorithm} {run.version}: run {run.id}",
        "description": RESEARCH_ONLY,
        "datePublished": (run.ended or run.created).isoformat(),
        "license": "See the policies of the datasets and of the algorithm.",
        "conformsTo": [_ref(each["@id"]) for each in _profiles()],
        "mainEntity": _ref(_STAGES),
        "hasPart": [_ref(each) for each in parts],
        "mentions": [_ref(told.url), *(_ref(_slide_id(told, s)) for s in _acted(told))],
    }


def _profiles() -> list[dict[str, Any]]:
    named = (
        (f"{_PROFILE}/process/0.5", "Process Run Crate", "0.5"),
        (f"{_PROFILE}/workflow/0.5", "Workflow Run Crate", "0.5"),
        ("https://w3id.org/workflowhub/workflow-ro-crate/1.0", "Workflow RO-Crate", "1.0"),
    )
    return [
        {"@id": each, "@type": "CreativeWork", "name": name, "version": version}
        for each, name, version in named
    ]


def _agent(told: _Told) -> dict[str, Any]:
    return {"@id": f"#person-{told.run.person}", "@type": "Person", "name": told.by}


def _workflow(run: Run, body: bytes) -> dict[str, Any]:
    return {
        **_file(_STAGES, body),
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
        "name": run.title or run.algorithm,
        "version": run.version,
        "programmingLanguage": _ref("#bigpicture-stages"),
        "hasPart": [_ref(_software_id(each)) for each in run.stages],
        "input": [_ref(f"#parameter-{name}") for name in run.stages[-1].parameters],
    }


def _software(stages: Iterable[Stage]) -> list[dict[str, Any]]:
    language = {
        "@id": "#bigpicture-stages",
        "@type": "ComputerLanguage",
        "name": "Stages of a Bigpicture run",
    }
    return [
        language,
        *(
            {
                "@id": _software_id(stage),
                "@type": "SoftwareApplication",
                "name": stage.algorithm,
                "softwareVersion": stage.version,
                "version": stage.version,
                "identifier": f"sha256:{stage.digest}",
                "softwareRequirements": [f"sha256:{each}" for each in stage.weights],
            }
            for stage in stages
        ),
    ]


def _parameters(run: Run) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    for name, value in run.stages[-1].parameters.items():
        formal = f"#parameter-{name}"
        told += [
            {
                "@id": formal,
                "@type": "FormalParameter",
                "name": name,
                "additionalType": "PropertyValue",
            },
            {
                "@id": f"#value-{name}",
                "@type": "PropertyValue",
                "name": name,
                "value": value,
                "exampleOfWork": _ref(formal),
            },
        ]
    return told


def _action(told: _Told) -> dict[str, Any]:
    run = told.run
    values = [_ref(f"#value-{name}") for name in run.stages[-1].parameters]
    return {
        "@id": told.url,
        "@type": "CreateAction",
        "name": f"Run of {run.title or run.algorithm} over {run.images} images",
        "instrument": _ref(_STAGES),
        "agent": _ref(_agent(told)["@id"]),
        **_times(run.started or run.created, run.ended),
        "actionStatus": _run_status(run),
        "object": [*(_ref(told.image(each["image"])) for each in told.slides), *values],
        "result": [_ref(told.result(row)) for rows in told.outputs.values() for row in rows],
    }


def _slide_actions(told: _Told) -> Iterable[dict[str, Any]]:
    """The images, their results, and an action for each slide that was worked on."""
    instrument = _ref(_software_id(told.run.stages[-1]))
    acted = {slide["image"] for slide in _acted(told)}
    for slide in told.slides:
        image = told.image(slide["image"])
        yield {
            "@id": image,
            "@type": ["CreativeWork", "ImageObject"],
            "name": slide["image"],
            "identifier": slide["image"],
            "isPartOf": _ref(f"{told.address}/datasets/{slide['dataset']}"),
        }
        rows = told.outputs.get(slide["image"], [])
        for row in rows:
            yield {
                "@id": told.result(row),
                "@type": "File",
                "name": f"{row['output']} of {row['image']}",
                "encodingFormat": row["media_type"],
                "contentSize": str(row["size"]),
                "sha256": row["sha256"],
                "dateCreated": row["created"].isoformat(),
                "description": f"Computed by run {row['run']}. {RESEARCH_ONLY}",
            }
        if slide["image"] in acted:
            action = {
                "@id": _slide_id(told, slide),
                "@type": "CreateAction",
                "name": f"{told.run.algorithm} on {slide['image']}",
                "instrument": instrument,
                "agent": _ref(_agent(told)["@id"]),
                **_times(slide["started"], slide["ended"]),
                "object": [_ref(image)],
                "result": [_ref(told.result(row)) for row in rows],
                "actionStatus": _slide_status(slide),
            }
            if slide["text"]:
                action["error"] = slide["text"]
            yield action


def _acted(told: _Told) -> list[Mapping[str, Any]]:
    return [slide for slide in told.slides if slide["started"] is not None]


def _prov(told: _Told) -> dict[str, Any]:
    """The same as PROV-O: the run, each slide's activity, what it used and what it generated."""
    run = told.run
    agent, plan = f"urn:uuid:{run.person}", f"{told.url}#stages"
    graph: list[dict[str, Any]] = [
        {"@id": agent, "@type": ["prov:Agent", "prov:Person"], "rdfs:label": told.by},
        {"@id": plan, "@type": ["prov:Entity", "prov:Plan"], "rdfs:label": run.algorithm},
        {
            "@id": told.url,
            "@type": "prov:Activity",
            **_prov_times(run.started or run.created, run.ended),
            "prov:qualifiedAssociation": {
                "@type": "prov:Association",
                "prov:agent": _ref(agent),
                "prov:hadPlan": _ref(plan),
            },
        },
    ]
    for slide in told.slides:
        image = told.image(slide["image"])
        graph.append({"@id": image, "@type": "prov:Entity", "rdfs:label": slide["image"]})
        activity = _slide_id(told, slide)
        if slide["started"] is not None:
            graph.append(
                {
                    "@id": activity,
                    "@type": "prov:Activity",
                    **_prov_times(slide["started"], slide["ended"]),
                    "prov:used": _ref(image),
                    "prov:wasInformedBy": _ref(told.url),
                }
            )
        for row in told.outputs.get(slide["image"], []):
            entity: dict[str, Any] = {
                "@id": told.result(row),
                "@type": "prov:Entity",
                "prov:wasDerivedFrom": _ref(image),
                "rdfs:label": row["output"],
            }
            if row["run"] == run.id:
                entity["prov:wasGeneratedBy"] = _ref(activity)
            graph.append(entity)
    context = {
        "prov": "http://www.w3.org/ns/prov#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }
    return {"@context": context, "@graph": graph}


def _stages_json(run: Run) -> bytes:
    return _dump([stage.as_json() for stage in run.stages])


def _slides_csv(slides: Iterable[Mapping[str, Any]]) -> bytes:
    out = io.StringIO()
    rows: csv.DictWriter[str] = csv.DictWriter(
        out, _COLUMNS, extrasaction="ignore", lineterminator="\n"
    )
    rows.writeheader()
    for slide in slides:
        times = {name: _when(slide[name]) for name in ("started", "ended")}
        rows.writerow({**slide, **times})
    return out.getvalue().encode()


def _file(name: str, body: bytes) -> dict[str, Any]:
    kind = {"json": "application/json", "csv": "text/csv", "jsonld": "application/ld+json"}
    return {
        "@id": name,
        "@type": "File",
        "name": name,
        "encodingFormat": kind[name.rpartition(".")[2]],
        "contentSize": str(len(body)),
        "sha256": sha256(body).hexdigest(),
    }


def _run_status(run: Run) -> dict[str, str]:
    status = {
        RunState.RUNNING: "ActiveActionStatus",
        RunState.DONE: "CompletedActionStatus",
        RunState.CANCELLED: "FailedActionStatus",
    }
    return _ref(f"http://schema.org/{status[run.state]}")


def _slide_status(slide: Mapping[str, Any]) -> dict[str, str]:
    if slide["ended"] is None:
        return _ref("http://schema.org/ActiveActionStatus")
    is_failed = slide["state"] in _FAILED
    return _ref(f"http://schema.org/{'Failed' if is_failed else 'Completed'}ActionStatus")


def _times(start: datetime | None, end: datetime | None) -> dict[str, str]:
    told = {"startTime": _when(start), "endTime": _when(end)}
    return {name: moment for name, moment in told.items() if moment}


def _prov_times(start: datetime | None, end: datetime | None) -> dict[str, Any]:
    told = {"prov:startedAtTime": _when(start), "prov:endedAtTime": _when(end)}
    return {
        name: {"@type": "xsd:dateTime", "@value": moment} for name, moment in told.items() if moment
    }


def _when(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _slide_id(told: _Told, slide: Mapping[str, Any]) -> str:
    return f"{told.url}/slides#{slide['ordinal']}"


def _software_id(stage: Stage) -> str:
    return f"#{stage.algorithm}-{stage.version}"


def _ref(to: str) -> dict[str, str]:
    return {"@id": to}


def _dump(value: Any) -> bytes:  # noqa: ANN401 - whatever is JSON
    return json.dumps(value, indent=1, ensure_ascii=False).encode()
