"""`bigpicture ledger`: the tamper-evident record of events: grow, export, verify, erase."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bigpicture.app.ledger import kept_checkpoint, open_sequencer, own_keys, signer_of
from bigpicture.cli.ledger_verdict import AsJson, counting, read_note, tell
from bigpicture.cli.settings import Config, Data, DatabaseUrl
from bigpicture.ledger.begin import begin_log
from bigpicture.ledger.bundle import write_bundle
from bigpicture.ledger.checkpoint import open_checkpoint
from bigpicture.ledger.entry import Part
from bigpicture.ledger.erase import erase_parts
from bigpicture.ledger.note import VerifierKey
from bigpicture.ledger.tree import find_head
from bigpicture.ledger.verify import verify_records
from bigpicture.ledger.verify_bundle import verify_bundle
from bigpicture.model.errors import InputError, UnknownError
from bigpicture.settings import Settings
from bigpicture.storage.records import Records, check_migrated, open_records

app = typer.Typer(no_args_is_help=True)
_console = Console(stderr=True)

Reason = Annotated[str, typer.Option(help="For the record, without anybody's name.")]


@app.command()
def sequence(
    origin: Annotated[
        str, typer.Option(help="Go on under another name, where records were lost for good.")
    ] = "",
    reason: Reason = "",
    data: Data = None,
    config: Config = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Bring waiting events into the tree now; a node that runs does it every two seconds."""
    with _opened(config, data, database_url) as (settings, records):
        sequencer = open_sequencer(settings, records, origin=origin)
        if origin:
            if not reason:
                raise InputError("another name needs a reason.", remedy="Add --reason …")
            with records.write() as connection:
                begin_log(
                    connection,
                    origin=origin,
                    kept=sequencer.kept,
                    actor="console",
                    reason=reason,
                )
        added = sequencer.run()
    _console.print(f"{added} events entered the tree.", highlight=False)


@app.command()
def key(data: Data = None, config: Config = None, database_url: DatabaseUrl = None) -> None:
    """Print the key that verifies this node's checkpoints; give it to auditors by another way."""
    with _opened(config, data, database_url) as (settings, records):
        typer.echo(str(signer_of(settings, records).verifier))


@app.command()
def checkpoint(data: Data = None, config: Config = None, database_url: DatabaseUrl = None) -> None:
    """Print the newest checkpoint, for an auditor to keep."""
    with _opened(config, data, database_url) as (_, records), records.read() as connection:
        note = find_head(connection).note
    if not note:
        raise UnknownError("nothing has been sequenced yet.")
    typer.echo(note, nl=False)


@app.command()
def verify(
    bundle: Annotated[
        Path | None, typer.Argument(help="A bundle; the node's own records unless said.")
    ] = None,
    checkpoints: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", help="A checkpoint that you kept; may be given often."),
    ] = None,
    keys: Annotated[
        list[str] | None, typer.Option("--key", help="The node's key, NAME+HASH+KEY.")
    ] = None,
    data: Data = None,
    config: Config = None,
    database_url: DatabaseUrl = None,
    json: AsJson = False,
) -> None:
    """Verify the record: every event, tile and checkpoint, offline. Status 3: it was tampered with.

    Only with a checkpoint that you kept yourself do records show that were put back or rewritten.
    """
    trusted_keys = [VerifierKey.parse(each) for each in keys or ()]
    notes = [(path, read_note(path)) for path in checkpoints or ()]
    if bundle is not None:
        if not trusted_keys:
            raise InputError(
                "a bundle is verified with the node's key.",
                remedy="Ask the node for it (`bigpicture ledger key`), and give it with --key.",
            )
        trusted = [open_checkpoint(note, trusted_keys) for _, note in notes]
        with counting("Verifying") as (begin, tick):
            verdict = verify_bundle(
                bundle, keys=trusted_keys, trusted=trusted, begin=begin, tick=tick
            )
    else:
        with _opened(config, data, database_url) as (settings, records):
            trusted_keys = trusted_keys or own_keys(settings, records)
            kept = kept_checkpoint(settings).read()
            texts = [note for _, note in notes] + ([kept] if kept else [])
            trusted = [open_checkpoint(note, trusted_keys) for note in texts]
            with counting("Verifying") as (begin, tick):
                verdict = verify_records(
                    records, keys=trusted_keys, trusted=trusted, begin=begin, tick=tick
                )
    tell(verdict, as_json=json, is_own=bool(notes))


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Bundle to write.")],
    since: Annotated[
        Path | None, typer.Option(help="A checkpoint: only what came after it.")
    ] = None,
    event: Annotated[
        list[int] | None, typer.Option(help="Only this event, with its proof; may be given often.")
    ] = None,
    is_open: Annotated[
        bool, typer.Option("--open", help="With who did it, to what, and the details.")
    ] = False,
    data: Data = None,
    config: Config = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write a bundle that verifies without the node; it holds no personal data unless --open."""
    if since is not None and event:
        raise InputError("--since and --event exclude each other.")
    with _opened(config, data, database_url) as (settings, records):
        start = 0
        if since is not None:
            start = open_checkpoint(read_note(since), own_keys(settings, records)).size
        with counting("Writing") as (begin, tick):
            count = write_bundle(
                records,
                file,
                since=start,
                chosen=event or (),
                is_open=is_open,
                begin=begin,
                tick=tick,
            )
    _console.print(f"[green]Wrote[/] {count} entries to {file}", highlight=False)


@app.command()
def erase(
    event: Annotated[int, typer.Argument(help="Number of the event.")],
    part: Annotated[list[Part], typer.Option(help="What leaves it; may be given often.")],
    reason: Reason,
    data: Data = None,
    config: Config = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Erase who did it, to what, or the details of an event; its proof stays, and that is told."""
    with _opened(config, data, database_url) as (_, records):
        with records.write() as connection:
            erase_parts(connection, event, part, actor="console", reason=reason)
        records.forget()
    _console.print(f"Erased from event {event}: {', '.join(sorted(set(part)))}.", highlight=False)


@contextmanager
def _opened(
    config: Config, data: Data, database_url: DatabaseUrl
) -> Generator[tuple[Settings, Records]]:
    settings = Settings.load(config, data=data, database_url=database_url)
    records = open_records(settings.records_url)
    try:
        check_migrated(records)
        yield settings, records
    finally:
        records.close()
