"""`bigpicture policy`: what a dataset may be used for, and whether a use would be allowed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console

from bigpicture.cli.plain import plain, to_json
from bigpicture.cli.sign_in import sign_in
from bigpicture.client.node import Node
from bigpicture.client.policy import match_policy, read_policy
from bigpicture.model.purpose import OrganisationType, Prohibited, Sensitive, Use

app = typer.Typer(no_args_is_help=True)

Dataset = Annotated[str, typer.Argument(help="The accession of the dataset.")]
Address = Annotated[str, typer.Option("--node", help="Address of the node, http(s)://…")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as the node tells it.")]

_HEADING = {
    "allow": "[bold green]The policy allows this.[/]",
    "needs-human": "[bold yellow]People have to judge this.[/]",
    "deny": "[bold red]The policy does not allow this.[/]",
}
_GROUP = {"deny": "Not allowed", "needs-human": "For people to judge", "allow": "Fits"}


@app.command()
def show(dataset: Dataset, node: Address, as_json: AsJson = False) -> None:
    """Show what a dataset may be used for, in plain words."""
    with Node(node) as door:
        told = read_policy(door, dataset)
    if as_json:
        sys.stdout.write(to_json(told) + "\n")
        return
    console = Console()
    for each in told["plain"]:
        console.print(f"• {plain(each['applicant'])}", highlight=False)
    version = f"Terms of {plain(told['version'])}. " if told["version"] else ""
    console.print(f"[dim]{version}SHA-256 {told['hash']}[/]", highlight=False)


@app.command()
def match(  # one option for each part of a purpose
    dataset: Dataset,
    node: Address,
    use: Annotated[list[Use] | None, typer.Option(help="What kind of use; again for more.")] = None,
    disease: Annotated[
        list[str] | None, typer.Option(help="Such as MONDO:0008903; again for more.")
    ] = None,
    country: Annotated[str | None, typer.Option(help="Two letters, such as DE.")] = None,
    organisation: Annotated[str | None, typer.Option(help="Its name.")] = None,
    organisation_type: Annotated[OrganisationType | None, typer.Option()] = None,
    commercial: Annotated[bool | None, typer.Option("--commercial/--not-commercial")] = None,
    project: Annotated[str | None, typer.Option(help="Its name.")] = None,
    months: Annotated[int | None, typer.Option(min=1, help="How long.")] = None,
    question: Annotated[str | None, typer.Option(help="The research question.")] = None,
    approved: Annotated[
        bool | None, typer.Option("--approved/--not-approved", help="By an ethics committee.")
    ] = None,
    nobody_else: Annotated[
        bool, typer.Option("--nobody-else", help="Nobody outside the organisation gets the data.")
    ] = False,
    sensitive: Annotated[
        list[Sensitive] | None, typer.Option(help="What it touches; again for more.")
    ] = None,
    nothing_sensitive: Annotated[bool, typer.Option("--nothing-sensitive")] = False,
    prohibited: Annotated[
        list[Prohibited] | None, typer.Option(help="What it serves; again for more.")
    ] = None,
    nothing_prohibited: Annotated[bool, typer.Option("--nothing-prohibited")] = False,
    name: Annotated[str, typer.Option("--user", help="Sign-in name; else a token is used.")] = "",
    as_json: AsJson = False,
) -> None:
    """Ask whether a use would be allowed; advice, for people decide.

    What is not said is left to people: bigpicture policy match ACCESSION --node URL --use health
    --country DE --not-commercial --nobody-else --nothing-sensitive --nothing-prohibited.
    """
    said = {
        "uses": use,
        "diseases": disease,
        "country": country,
        "organisation": organisation,
        "organisation_type": organisation_type,
        "is_commercial": commercial,
        "project": project,
        "months": months,
        "research_question": question,
        "has_approval": approved,
        "recipients": [] if nobody_else else None,
        "sensitive": sensitive or ([] if nothing_sensitive else None),
        "prohibited": prohibited or ([] if nothing_prohibited else None),
    }
    with Node(node) as door:
        sign_in(door, name, is_needed=False)
        purpose = {field: value for field, value in said.items() if value is not None}
        told = match_policy(door, dataset, purpose)
    if as_json:
        sys.stdout.write(to_json(told) + "\n")
    else:
        _show(Console(), told)


def _show(console: Console, told: Mapping[str, Any]) -> None:
    console.print(_HEADING[told["answer"]], "This is advice: people decide.")
    for answer, heading in _GROUP.items():
        reasons = [each for each in told["reasons"] if each["answer"] == answer]
        if reasons:
            console.print(f"\n[bold]{heading}[/]")
        for each in reasons:
            console.print(f"• {plain(each['name'])}: {plain(each['text'])}", highlight=False)
    if told["duties"]:
        console.print("\n[bold]What you would have to do[/]")
    for each in told["duties"]:
        when = f"{each['when']} {each['day'] or ''}".strip()
        console.print(f"• {plain(each['text'])} [dim]({when})[/]", highlight=False)
