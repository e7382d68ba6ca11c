"""`kanhe ledger`: read the record and prove it. Each command reads only; the service may run."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from kanhe.adapters.ledger_directory import entries_from, reader
from kanhe.adapters.ledger_keys import VERIFIER_KEY, load_verifier
from kanhe.cli.entry_lines import Wanted, line
from kanhe.errors import KanheError, LedgerBroken, LedgerError
from kanhe.ledger import checkpoint, proof, verification
from kanhe.ledger.checkpoint import Checkpoint, Opened
from kanhe.ledger.note import VerifierKey
from kanhe.ledger.proof import Proof
from kanhe.ledger.reading import Log
from kanhe.ledger.tile import CHECKPOINT
from kanhe.settings import read_data
from kanhe.terms import counted


def _usual() -> Path:
    return read_data(None) / "ledger"


_dir = click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=_usual,
    show_default="ledger in the data directory of the settings",
    help="The ledger's directory.",
)
_key = click.option(
    "--key", help="The public key, or a file with it; else the ledger's own verifier.key."
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def ledger() -> None:
    """Read the record and prove it."""


@ledger.command(short_help="Prove that nothing was altered.")
@click.argument(
    "directory",
    metavar="[DIR]",
    type=click.Path(file_okay=False, path_type=Path),
    default=_usual,
)
@_key
@click.option("--checkpoint", "older", type=_file, help="A checkpoint kept from earlier.")
@click.option(
    "--witness", "witnesses", multiple=True, help="Ask for this witness: its key or a file."
)
@_json
def verify(
    directory: Path,
    key: str | None,
    older: Path | None,
    witnesses: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Prove that no entry of the ledger in DIRECTORY was changed, moved, taken out or cut off.

    Needs the files and the public key, nothing else. Exits 0, or exits 1 and names the first entry
    that does not follow. Give --key from a copy that you keep elsewhere, and --checkpoint to prove
    that the ledger still holds what it held then.

    Example: kanhe ledger verify kanhe-data/ledger --key provider.key --checkpoint march.checkpoint
    """
    try:
        public = _public(directory, key)
        known = tuple(load_verifier(witness) for witness in witnesses)
        opened = _cosigned(verification.head(reader(directory), public, known), known)
        past = checkpoint.opened(older.read_bytes(), public).checkpoint if older else None
        _verify(directory, opened.checkpoint, past, quiet=as_json)
        above = sum(1 for _ in entries_from(directory, public, opened.checkpoint.size))
    except LedgerError as error:
        if as_json:
            _fail_as_json(error)
        raise
    (_report_json if as_json else _report)(opened, above, past)
    if not as_json and key is None:
        click.echo(f"Key: {public}, from the ledger's own directory; compare it with your copy.")


@ledger.command(short_help="Print entries.")
@click.argument("index", type=click.IntRange(min=0), required=False)
@click.option("--tag", help="Only tags that match, e.g. 'gateway:answer:*'.")
@click.option("--since", type=click.DateTime(), help="Only entries from this instant on, UTC.")
@click.option("--until", type=click.DateTime(), help="Only entries before this instant, UTC.")
@_json
@_dir
def show(  # noqa: PLR0913 - one parameter an option
    directory: Path,
    index: int | None,
    tag: str | None,
    since: datetime | None,
    until: datetime | None,
    *,
    as_json: bool,
) -> None:
    """Print entry INDEX, or all entries that match; published or not yet.

    Example: kanhe ledger show --tag 'gateway:answer:stopped' --since 2026-11-01
    """
    wanted = Wanted(tag, _utc(since), _utc(until))
    found = entries_from(directory, _public(directory, None), index or 0)
    if index is None:
        _print(found, wanted, as_json=as_json)
        return
    one = next(found, None)
    if one is None:
        raise LedgerError(
            f"there is no entry {index}", advice="`kanhe ledger tail -n 1` shows the last one."
        )
    _print(iter([one]), wanted, as_json=as_json)


@ledger.command()
@click.option("-n", "count", type=click.IntRange(min=0), default=10, show_default=True)
@click.option("-f", "--follow", is_flag=True, help="Go on printing entries as they are made.")
@_json
@_dir
def tail(directory: Path, count: int, *, follow: bool, as_json: bool) -> None:
    """Print the last entries.

    Example: kanhe ledger tail -n 20 -f
    """
    key = _public(directory, None)
    size = verification.head(reader(directory), key).checkpoint.size
    last = deque(entries_from(directory, key, max(0, size - count)), maxlen=count)
    _print(iter(last), Wanted(), as_json=as_json)
    if follow:
        start = last[-1][0] + 1 if last else size
        found = followed(directory, key, start, lambda: time.sleep(0.5))
        with contextlib.suppress(KeyboardInterrupt):
            _print(found, Wanted(), as_json=as_json)


@ledger.command(short_help="Prove that an entry is in, or check a proof.")
@click.argument("index", type=click.IntRange(min=0), required=False)
@click.option("--size", type=click.IntRange(min=1), help="Prove it for the first SIZE entries.")
@click.option("--checkpoint", "signed", type=_file, help="Prove it to this signed checkpoint.")
@click.option("--check", type=_file, help="Check the proof in this file; needs no ledger.")
@_key
@_dir
def prove(  # noqa: PLR0913, PLR0917 - one parameter an option
    directory: Path,
    index: int | None,
    size: int | None,
    signed: Path | None,
    check: Path | None,
    key: str | None,
) -> None:
    """Print a proof that entry INDEX is in the ledger, or check one with --check.

    The proof is one page of text in the format c2sp.org/tlog-proof@v1; its `extra` line is the
    entry itself. With --size it ends in a checkpoint that nobody signed: who checks it has to hold
    the signed one of that size, and gives it with --checkpoint.

    Example: kanhe ledger prove 42 > 42.tlog-proof; kanhe ledger prove --check 42.tlog-proof
    """
    note = signed.read_bytes() if signed else None
    public = _public(directory, key)
    if check:
        _check(proof.parse(check.read_bytes()), public, note)
    elif index is None:
        raise click.UsageError("Give the INDEX of an entry, or --check FILE.")
    else:
        click.echo(bytes(_proof(directory, public, index, size, note)), nl=False)


def followed(
    directory: Path, key: VerifierKey, start: int, pause: Callable[[], None]
) -> Iterator[tuple[int, bytes]]:
    """Yield entries from `start` on for ever; `pause` is called where there are none left."""
    while True:
        for index, entry in entries_from(directory, key, start):
            yield index, entry
            start = index + 1
        pause()


def _public(directory: Path, key: str | None) -> VerifierKey:
    if key is None and not (directory / VERIFIER_KEY).is_file():
        raise LedgerError(
            f"{directory} holds no ledger: it has no {VERIFIER_KEY}",
            advice="Name the ledger's directory, or give its public key with --key.",
        )
    return load_verifier(key or str(directory / VERIFIER_KEY))


def _cosigned(opened: Opened, asked: tuple[VerifierKey, ...]) -> Opened:
    missing = [witness.name for witness in asked if witness not in opened.witnesses]
    if missing:
        raise LedgerError(
            f"the checkpoint is not cosigned by {', '.join(missing)}",
            advice="Fetch the cosigned checkpoint from the witness, or ask it to cosign this one.",
        )
    return opened


def _verify(directory: Path, signed: Checkpoint, past: Checkpoint | None, *, quiet: bool) -> None:
    # A bar only on a terminal: elsewhere click would print the label as a line of its own.
    hidden = quiet or not sys.stdout.isatty()
    with click.progressbar(length=signed.size, label="Verifying", hidden=hidden) as bar:
        verification.verify(reader(directory), signed, older=past, progress=bar.update)


def _report(opened: Opened, above: int, past: Checkpoint | None) -> None:
    head = opened.checkpoint
    click.echo(f"{head.origin}: all {counted(head.size, 'entry is', 'entries are')} as signed.")
    click.echo(f"Root: {head.root.hex()}")
    if past:
        click.echo(f"The first {past.size} are those of the older checkpoint.")
    for witness in opened.witnesses:
        click.echo(f"Cosigned by {witness.name}.")
    click.echo(f"{above} more durable in the journal, not yet under the checkpoint.")


def _report_json(opened: Opened, above: int, past: Checkpoint | None) -> None:
    head = opened.checkpoint
    report = {
        "ok": True,
        "origin": head.origin,
        "size": head.size,
        "root": head.root.hex(),
        "witnesses": [witness.name for witness in opened.witnesses],
        "older_size": past.size if past else None,
        "waiting": above,
    }
    click.echo(json.dumps(report))


def _fail_as_json(error: KanheError) -> None:
    index = error.index if isinstance(error, LedgerBroken) else None
    report = {"ok": False, "index": index, "error": str(error), "advice": error.advice}
    click.echo(json.dumps(report))
    raise click.exceptions.Exit(1)


def _print(found: Iterator[tuple[int, bytes]], wanted: Wanted, *, as_json: bool) -> None:
    for index, raw in found:
        text = line(index, raw, wanted, as_json=as_json)
        if text is not None:
            click.echo(text)


def _proof(
    directory: Path, key: VerifierKey, index: int, size: int | None, note: bytes | None
) -> Proof:
    read = reader(directory)
    now = verification.head(read, key).checkpoint
    raw = note or read(CHECKPOINT) or b""
    to = checkpoint.opened(raw, key).checkpoint if size is None else None
    among = to.size if to else size or 0
    if among > now.size or index >= among:
        raise LedgerError(
            f"no proof of entry {index} among {among}: the ledger has published {now.size}",
            advice="Entries are published within a second or so; ask for one that is there.",
        )
    log = Log(read, now.size)
    if to is None:
        raw = Checkpoint(now.origin, among, log.root(among)).text.encode()
    entry = next(log.entries(index, index + 1))
    return Proof(entry, index, tuple(log.inclusion_proof(index, among)), raw)


def _check(given: Proof, key: VerifierKey, note: bytes | None) -> None:
    if note is None and b"\n\n" not in given.note:
        raise LedgerError(
            "this proof ends in a checkpoint that nobody signed",
            advice="Give the signed checkpoint of that size with --checkpoint.",
        )
    head = given.check(key, note)
    click.echo(line(given.index, given.entry, Wanted(), as_json=False))
    click.echo(f"is entry {given.index} of the {head.size} that {head.origin} has signed.")


def _utc(instant: datetime | None) -> datetime | None:
    return instant.replace(tzinfo=UTC) if instant else None
