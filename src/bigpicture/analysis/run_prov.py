"""A run as W3C PROV: its activity, each slide's, what they used and what they generated.

PROV-O as JSON-LD: https://www.w3.org/TR/prov-o/.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bigpicture.analysis.run_told import RunTold, ref, slide_id, when


def prov(told: RunTold) -> dict[str, Any]:
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
                "prov:agent": ref(agent),
                "prov:hadPlan": ref(plan),
            },
        },
    ]
    for slide in told.slides:
        image = told.image(slide["image"])
        graph.append({"@id": image, "@type": "prov:Entity", "rdfs:label": slide["image"]})
        activity = slide_id(told, slide)
        if slide["started"] is not None:
            graph.append(
                {
                    "@id": activity,
                    "@type": "prov:Activity",
                    **_prov_times(slide["started"], slide["ended"]),
                    "prov:used": ref(image),
                    "prov:wasInformedBy": ref(told.url),
                }
            )
        for row in told.outputs.get(slide["image"], []):
            entity: dict[str, Any] = {
                "@id": told.result(row),
                "@type": "prov:Entity",
                "prov:wasDerivedFrom": ref(image),
                "rdfs:label": row["output"],
            }
            if row["run"] == run.id:
                entity["prov:wasGeneratedBy"] = ref(activity)
            graph.append(entity)
    context = {
        "prov": "http://www.w3.org/ns/prov#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }
    return {"@context": context, "@graph": graph}


def _prov_times(start: datetime | None, end: datetime | None) -> dict[str, Any]:
    told = {"prov:startedAtTime": when(start), "prov:endedAtTime": when(end)}
    return {
        name: {"@type": "xsd:dateTime", "@value": moment} for name, moment in told.items() if moment
    }
