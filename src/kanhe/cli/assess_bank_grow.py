"""`kanhe assess banks grow`: more questions, none of which is asked before somebody read it.

What grows waits in the bank until a reviewer approves it. What a model could not translate is
told, each with why.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kanhe.adapters import bank_folder
from kanhe.adapters.bank_store import detector, folder_files
from kanhe.assess.bank import Bank
from kanhe.assess.bank_edit import unique, with_items
from kanhe.assess.bank_grow import conversations, disguised, fillings, grown, written
from kanhe.assess.disguise import DISGUISES
from kanhe.assess.item import Item
from kanhe.assess.mould_file import read_moulds
from kanhe.cli.assess_bank_place import bank_argument, one_bank
from kanhe.cli.place import place, placed
from kanhe.errors import RequestError
from kanhe.settings import Settings, read_settings
from kanhe.terms import Text

if TYPE_CHECKING:
    from kanhe.adapters.bank_translator import Translated

GROWN = "grown.jsonl"
_existing = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(short_help="Propose more questions.")
@bank_argument
@click.option("--mould", type=_existing, help="Texts with slots, and the words for them (YAML).")
@click.option(
    "--turns", type=_existing, help="Harmless openings, one a line, put before questions."
)
@click.option(
    "--disguise",
    "disguises",
    multiple=True,
    type=click.Choice(tuple(DISGUISES)),
    help="Write questions in this disguise; several times. No demand counts them.",
)
@click.option("--translate", "lang", type=click.Choice(["zh", "en"]),
              help="Have the questions in the other language translated by a model.")  # fmt: skip
@click.option("--model", default="", help="Which of the settings' models translates.")
@click.option("--slice", "slice_", help="Only from questions of this risk or aspect.")
@click.option("--most", type=click.IntRange(1, 10_000), default=100, show_default=True,
              help="The most proposals in each way.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True, help="Which fillings come first.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path),
              help=f"Write there.  [default: {GROWN} in the bank's folder]")  # fmt: skip
@placed
def grow(  # noqa: PLR0913, PLR0917 # one parameter an option
    bank: str, mould: Path | None, turns: Path | None, disguises: tuple[str, ...],
    lang: str | None, model: str, slice_: str | None, most: int, seed: int, out: Path | None,
    data: Path | None, config: Path | None, regime: str | None, language: str | None,
) -> None:  # fmt: skip
    """Propose more questions from those of BANK: slots filled, conversations, translations.

    What nearly repeats another one is dropped. The rest waits for `kanhe assess banks review`.

    Example: kanhe assess banks grow my-bank/ --mould moulds.yaml --translate en --model big
    """
    if not (mould or turns or disguises or lang):
        raise click.UsageError("Name a way: --mould, --turns, --disguise or --translate.")
    here = place(data, config, regime, language)
    if out is None:
        bank_folder.own_folder(bank)
    elif out.exists():
        raise RequestError(f"{out} is there already", advice="Name a file that is not there yet.")
    found = one_bank(bank)
    some = [one for one in found.items if slice_ in (None, one.slice)]
    proposals = [*_filled(found, mould, most, seed), *_begun(some, turns, most),
                 *[one for item in some for one in disguised(item, disguises)][:most]]  # fmt: skip
    if lang:
        settings = read_settings({"data": data}, config=config)
        came = _translated([one for one in some if one.lang != lang][:most], lang, model, settings)
        proposals += came.items
        for one in came.left_out:
            click.echo(f"{one.item}: {here.say(_not_translated(one.why))}", err=True)
    known = (*found.items, *found.pending)
    kept = grown(known, proposals)
    new = [*unique(kept.items, {one.id for one in known})]
    where = _put(bank, out, new)
    click.echo(here.say(Text(
        f"{len(new)} 道新题等待审核，{len(kept.dropped)} 道与已有题目几乎相同，已舍去：{where}",
        f"{len(new)} proposals wait for a reviewer; {len(kept.dropped)} nearly repeat others and "
        f"were dropped: {where}",
    )))  # fmt: skip


def _filled(bank: Bank, mould: Path | None, most: int, seed: int) -> list[Item]:
    if mould is None:
        return []
    items = {one.id: one for one in bank.items}
    moulds = read_moulds(bank_folder.read_bytes(mould), str(mould), items)
    return [one for each in moulds for one in fillings(each, most, seed)][:most]


def _begun(items: Sequence[Item], turns: Path | None, most: int) -> list[Item]:
    if turns is None:
        return []
    text = bank_folder.read_bytes(turns).decode("utf-8", "replace")
    openings = [line.strip() for line in text.splitlines() if line.strip()]
    return [one for item in items for one in conversations(item, openings)][:most]


def _translated(items: Sequence[Item], lang: str, model: str, settings: Settings) -> Translated:
    # Here and not above: nothing else of this command has a use for clients.
    from kanhe.adapters.bank_translator import translate, translator  # noqa: PLC0415

    async def run() -> Translated:
        target = translator(settings.models, model or settings.default_model or "")

        async def ask(text: str) -> str:
            return (await target.ask([text])).text

        hidden = not sys.stderr.isatty()
        try:
            with click.progressbar(length=len(items), label="translating", show_pos=True,
                                   file=sys.stderr, hidden=hidden) as bar:  # fmt: skip
                return await translate(items, lang, ask, detector(), bar.update)
        finally:
            await target.aclose()

    return asyncio.run(run())


def _not_translated(why: str) -> Text:
    match why:
        case "refused":
            return Text("翻译模型拒绝翻译", "the model refused to translate it")
        case "longer":
            return Text("译文过长，模型可能在作答", "the model seems to have answered it")
        case "failed":
            return Text("翻译模型没有回应", "the model did not answer")
        case _:
            return Text("没有得到译文", "no translation came back")


def _put(bank: str, out: Path | None, new: Sequence[Item]) -> str:
    if out is not None:
        bank_folder.write_whole(out, written(new))
        return str(out)
    folder = bank_folder.own_folder(bank)
    bank_folder.write_changed(folder, with_items(folder_files(folder), GROWN, new))
    return str(folder / GROWN)
