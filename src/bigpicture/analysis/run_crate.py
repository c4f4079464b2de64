"""A run as a Workflow Run RO-Crate: one action for the run, one for each slide it computed.

https://www.researchobject.org/workflow-run-crate/profiles/workflow_run_crate/ (0.5), which holds
the Process Run Crate (0.5). Nothing of a slide is in it but accessions and digests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from bigpicture.analysis.run_told import RunTold, ref, slide_id, when
from bigpicture.model.algorithm import RESEARCH_ONLY
from bigpicture.model.run import Run, RunState, SlideState, Stage

METADATA = "ro-crate-metadata.json"
STAGES, SLIDES, PROV = "stages.json", "slides.csv", "prov.jsonld"
_PROFILE = "https://w3id.org/ro/wfrun"
_CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    "https://w3id.org/ro/terms/workflow-run/context",
]
_FAILED = frozenset({SlideState.FAILED, SlideState.SKIPPED, SlideState.CANCELLED})


def crate(told: RunTold, files: Mapping[str, bytes]) -> dict[str, Any]:
    graph = [
        _descriptor(),
        _root(told, files),
        *_profiles(),
        _agent(told),
        _workflow(told.run, files[STAGES]),
        *_software(told.run.stages),
        *_parameters(told.run),
        _action(told),
        *(_file(name, files[name]) for name in (SLIDES, PROV) if files[name]),
        *_slide_actions(told),
    ]
    return {"@context": _CONTEXT, "@graph": graph}


def _descriptor() -> dict[str, Any]:
    return {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": [
            ref("https://w3id.org/ro/crate/1.1"),
            ref("https://w3id.org/workflowhub/workflow-ro-crate/1.0"),
        ],
        "about": ref("./"),
    }


def _root(told: RunTold, files: Mapping[str, bytes]) -> dict[str, Any]:
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
        "conformsTo": [ref(each["@id"]) for each in _profiles()],
        "mainEntity": ref(STAGES),
        "hasPart": [ref(each) for each in parts],
        "mentions": [ref(told.url), *(ref(slide_id(told, s)) for s in _acted(told))],
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


def _agent(told: RunTold) -> dict[str, Any]:
    return {"@id": f"#person-{told.run.person}", "@type": "Person", "name": told.by}


def _workflow(run: Run, body: bytes) -> dict[str, Any]:
    return {
        **_file(STAGES, body),
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
        "name": run.title or run.algorithm,
        "version": run.version,
        "programmingLanguage": ref("#bigpicture-stages"),
        "hasPart": [ref(_software_id(each)) for each in run.stages],
        "input": [ref(f"#parameter-{name}") for name in run.stages[-1].parameters],
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
                "exampleOfWork": ref(formal),
            },
        ]
    return told


def _action(told: RunTold) -> dict[str, Any]:
    run = told.run
    values = [ref(f"#value-{name}") for name in run.stages[-1].parameters]
    return {
        "@id": told.url,
        "@type": "CreateAction",
        "name": f"Run of {run.title or run.algorithm} over {run.images} images",
        "instrument": ref(STAGES),
        "agent": ref(_agent(told)["@id"]),
        **_times(run.started or run.created, run.ended),
        "actionStatus": _run_status(run),
        "object": [*(ref(told.image(each["image"])) for each in told.slides), *values],
        "result": [ref(told.result(row)) for rows in told.outputs.values() for row in rows],
    }


def _slide_actions(told: RunTold) -> Iterable[dict[str, Any]]:
    """The images, their results, and an action for each slide that was worked on."""
    instrument = ref(_software_id(told.run.stages[-1]))
    acted = {slide["image"] for slide in _acted(told)}
    for slide in told.slides:
        image = told.image(slide["image"])
        yield {
            "@id": image,
            "@type": ["CreativeWork", "ImageObject"],
            "name": slide["image"],
            "identifier": slide["image"],
            "isPartOf": ref(f"{told.address}/datasets/{slide['dataset']}"),
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
                "@id": slide_id(told, slide),
                "@type": "CreateAction",
                "name": f"{told.run.algorithm} on {slide['image']}",
                "instrument": instrument,
                "agent": ref(_agent(told)["@id"]),
                **_times(slide["started"], slide["ended"]),
                "object": [ref(image)],
                "result": [ref(told.result(row)) for row in rows],
                "actionStatus": _slide_status(slide),
            }
            if slide["text"]:
                action["error"] = slide["text"]
            yield action


def _acted(told: RunTold) -> list[Mapping[str, Any]]:
    return [slide for slide in told.slides if slide["started"] is not None]


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
    return ref(f"http://schema.org/{status[run.state]}")


def _slide_status(slide: Mapping[str, Any]) -> dict[str, str]:
    if slide["ended"] is None:
        return ref("http://schema.org/ActiveActionStatus")
    is_failed = slide["state"] in _FAILED
    return ref(f"http://schema.org/{'Failed' if is_failed else 'Completed'}ActionStatus")


def _times(start: datetime | None, end: datetime | None) -> dict[str, str]:
    told = {"startTime": when(start), "endTime": when(end)}
    return {name: moment for name, moment in told.items() if moment}


def _software_id(stage: Stage) -> str:
    return f"#{stage.algorithm}-{stage.version}"
