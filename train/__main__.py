"""Train the embedded judge: one command, the same weights for the same seed on the same machine.

    python -m train --data ../shared/data/dev --seeds train/seeds --out src/kanhe/weights/embedded

An operator who must have a classifier of its own adds `--own FOLDER` with labelled sets and
`--category own.NAME` for each category of its own in them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
import numpy as np

from kanhe.adapters.encoder import open_encoder
from kanhe.adapters.encoder_files import PACKAGE
from kanhe.judge.cascade import Cascade, weights_of
from kanhe.judge.labelled import LabelledSet
from kanhe.judge.sentence import arrays_of
from train.course import Course, run
from train.disguise import disguised
from train.drills import drills
from train.figures import page
from train.keep import flat, keep
from train.measure import measured
from train.prose import prose as read_prose
from train.rows import Example, apart, check_categories, examples_of, own_examples_of, read_folder
from train.sheet import figures, origins, sheet
from train.tune import quick as quick_tuning

OWN_SHARE = 1.0
DRILLS = Path(__file__).parent / "drills"


@click.command()
@click.option("--data", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--seeds", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--prose", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--own", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--category", "categories", multiple=True, help="own.NAME; may be repeated.")
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--page", "page_path", type=click.Path(path_type=Path), help="Write figures here.")
@click.option("--cache", type=click.Path(path_type=Path), help="Keep the encoder unpacked here.")
@click.option("--seed", default=1, show_default=True)
@click.option("--quick", is_flag=True, help="See in a minute whether everything fits together.")
def main(  # noqa: PLR0913, PLR0917  # the options of the command
    data: Path | None, seeds: Path | None, prose: Path | None, own: Path | None,
    categories: tuple[str, ...], out: Path, page_path: Path | None, cache: Path | None,
    seed: int, *, quick: bool,
) -> None:  # fmt: skip
    """Train the embedded judge on labelled sets, and write its weights and their data sheet."""
    started = time.monotonic()
    check_categories(categories)
    sets, examples = gather(data, seeds, own, categories)
    random = np.random.default_rng(seed)
    examples += read_prose(prose, random) if prose else ()
    examples += drills(DRILLS, random) if seeds else ()
    examples = apart(examples)
    examples += list(disguised(examples, random))
    course = Course(seed, own=categories)
    if quick:
        course = replace(course, tuning=quick_tuning(course.tuning))
    encoder = open_encoder(cache)

    def say(what: str) -> None:
        click.echo(f"{time.monotonic() - started:6.0f} s  {what}", err=True)

    trained = run(examples, arrays_of(encoder.files.tower), encoder, course, say)
    digests = keep(trained.files, out)
    source = {"package": PACKAGE, "sha256": encoder.files.digest}
    found = sheet(trained, course, digests, source) | {"sets": origins(sets, examples)}
    say("measuring")
    # Measured as it will be run: read back from what was written, every stage in its place.
    cascade = Cascade(weights_of(flat(trained.files)), encoder)
    rows = [example for example in examples if measured(example)]
    views = cascade.look([example.row.text for example in rows])
    found["figures"] = figures(rows, views, trained)
    (out / "sheet.json").write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if page_path:
        page_path.write_text(page(found), "utf-8")
    say("done")


def gather(
    data: Path | None, seeds: Path | None, own: Path | None, categories: Sequence[str]
) -> tuple[list[LabelledSet], list[Example]]:
    """Read every set that was given."""
    sets: list[LabelledSet] = []
    examples: list[Example] = []
    if data:
        found = read_folder(data)
        sets += found
        examples += examples_of(found)
    for folder, prefix, names in ((seeds, "seed:", ()), (own, "own:", tuple(categories))):
        if folder:
            found = read_folder(folder)
            sets += found
            examples += own_examples_of(found, prefix, OWN_SHARE, names)
    if not examples:
        raise click.UsageError("nothing to learn from; give --data, --seeds or --own")
    return sets, examples


if __name__ == "__main__":
    main()
