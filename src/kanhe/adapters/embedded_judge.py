"""The judge that comes with Kanhe: a cascade of small classifiers, in this process, on one thread.

It trusts no file that its data sheet does not vouch for, loads nothing that could hold code, and
gives no opinion where its arithmetic breaks down. All work is done on one thread of its own, some
thousand characters at a time: a question that nobody waits for any more is dropped between two such
portions, and a very long one lets others through.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from kanhe.adapters.encoder import open_encoder
from kanhe.adapters.encoder_files import DIGEST
from kanhe.errors import JudgeBusy, JudgeError, WeightsError
from kanhe.judge.cascade import Cascade, View, weights_of, worse
from kanhe.judge.category import UNSAFE, is_category
from kanhe.judge.port import Answer, JudgeId, Opinion, Question, Unscored
from kanhe.judge.window import windows

_log = logging.getLogger(__name__)

NAME = "embedded"
WEIGHTS = Path(str(files("kanhe"))) / "weights" / "embedded"
SHEET = "sheet.json"
ARITHMETIC = 1
"""Another number whenever equal weights would give another opinion: it is part of the hash, and
`tests/test_embedded_judge.py` notices."""

WHOLE = 4096
"""Characters of a text that is looked at in one go; a longer one is cut into windows."""
MOST_DOUBTED = 256
"""Windows of one text that may need the tower: some seconds of work, which is less than a judge's
queue waits. Beyond that there is no opinion, for nobody may buy minutes with one text. Harmless
prose comes to it at about 400,000 characters."""

_AT_ONCE = 4096
"""Characters in a portion: a hundred sentences, or eight windows; at worst a fifth of a second."""
_REINSTALL = "Install Kanhe again: the files come with it."


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the data sheet beside the weights says that the run time needs.

    Attributes:
        outputs: What each probability is of; the first is `unsafe`.
        files: SHA-256 (hex) by file name.
        threshold: What the training chose for `unsafe`; for those who measure, not for opinions.
    """

    outputs: tuple[str, ...]
    files: Mapping[str, str]
    threshold: float

    def hash(self) -> str:
        """Give the hash of the judge: over all that an opinion depends on."""
        facts = {
            "arithmetic": ARITHMETIC,
            "encoder": DIGEST,
            "files": dict(self.files),
            "outputs": self.outputs,
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def read_sheet(place: Path) -> Sheet:
    """Read the data sheet of the weights in a folder.

    Raises:
        WeightsError: It is missing or unreadable, or its weights need another encoder than ours.
    """
    path = place / SHEET
    try:
        told = json.loads(path.read_bytes())
        sheet = Sheet(
            tuple(map(str, told["outputs"])),
            {str(name): str(digest) for name, digest in told["files"].items()},
            float(told["threshold"]),
        )
        encoder = told["encoder"]["sha256"]
    except OSError as error:
        raise _broken(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise _broken(f"{path} is no data sheet: {error!r}") from error
    if encoder != DIGEST:
        raise WeightsError(
            f"{path} was made with another sentence encoder: {encoder}, not {DIGEST}",
            advice="Train the weights again, or install the Kanhe that they were made with.",
        )
    strange = [name for name in sheet.outputs if not is_category(name)]
    if strange or sheet.outputs[:1] != (UNSAFE,) or len({*sheet.outputs}) < len(sheet.outputs):
        raise _broken(f"{path} names outputs that are none: {strange or sheet.outputs}")
    return sheet


def read_weights(place: Path, sheet: Sheet) -> dict[str, bytes]:
    """Read the files that a sheet names.

    Raises:
        WeightsError: One is missing, or not the one that the sheet vouches for.
    """
    found = {}
    for name, digest in sheet.files.items():
        try:
            if Path(name).name != name:
                raise _broken(f"{SHEET} names a file in another folder: {name!r}")
            found[name] = (place / name).read_bytes()
        except OSError as error:
            raise _broken(f"{place / name} cannot be read: {error.strerror}") from error
        if (is_ := hashlib.sha256(found[name]).hexdigest()) != digest:
            raise _broken(
                f"{place / name} is not what {SHEET} says: "
                f"expected SHA-256 {digest[:16]}…, found {is_[:16]}…"
            )
    return found


def open_cascade(packed: Mapping[str, bytes], cache: Path | None) -> Cascade:
    """Unpack weights and open the encoder.

    Args:
        packed: Files of the weights by name.
        cache: Where the encoder may be kept unpacked; None keeps it in memory.

    Raises:
        WeightsError: An array is missing or unreadable, or the encoder is not there.
    """
    arrays: dict[str, NDArray[Any]] = {}
    try:
        for name, data in packed.items():
            with np.load(BytesIO(data), allow_pickle=False) as file:
                arrays |= {f"{Path(name).stem}/{key}": file[key] for key in file.files}
        weights = weights_of(arrays)
    except (ValueError, TypeError, OSError, EOFError, BadZipFile, LookupError) as error:
        raise _broken(f"the weights of the embedded judge are unusable: {error!r}") from error
    return Cascade(weights, open_encoder(cache))


class EmbeddedJudge:
    """A `Judge`. Its files are checked at once; it loads at `start`, or with the first question.

    Args:
        cache: Where the sentence encoder may be kept unpacked; None keeps it in memory.
        weights: The folder of another training.
        name: What rules call it.

    Raises:
        WeightsError: The weights are missing, or not what their sheet says.
    """

    def __init__(self, cache: Path | None, weights: Path = WEIGHTS, name: str = NAME) -> None:
        self.sheet = read_sheet(weights)
        read_weights(weights, self.sheet)  # and forget them: a service may never ask
        self._weights, self._cache = weights, cache
        self._cascade: Cascade | None = None
        found = self.sheet.hash()
        self._id = JudgeId(name, f"cascade with {len(self.sheet.outputs)} outputs", found, True)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="judge")
        self._closed = False

    @property
    def id(self) -> JudgeId:
        """Which one it is: its hash covers weights, encoder and arithmetic."""
        return self._id

    @property
    def categories(self) -> frozenset[str]:
        """Every output of the weights."""
        return frozenset(self.sheet.outputs)

    async def start(self) -> None:
        """Load unless it is loaded: a fifth of a second, and some seconds the very first time.

        Raises:
            WeightsError: The weights or the encoder cannot be used.
            JudgeBusy: It is closed.
        """
        await self._on_thread([])

    async def judge(self, questions: Sequence[Question]) -> Sequence[Answer]:
        """Give an opinion on each text; the context is not looked at. See `Judge.judge`."""
        found = [_Found() for _ in questions]
        try:
            for portion in _portions(questions, found):
                views = await self._on_thread([text for _, text in portion])
                for (one, _), view in zip(portion, views, strict=True):
                    one.add(view)
        except WeightsError as error:
            raise JudgeError(str(error), advice=error.advice) from error
        return [self._answer(one) for one in found]

    async def aclose(self) -> None:
        """Let the portion that is being looked at end, and take no other. May be called twice."""
        self._closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _on_thread(self, texts: Sequence[str]) -> list[View]:
        if self._closed:
            raise JudgeBusy("the embedded judge is shut down", advice="Start the gateway again.")
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._look, texts)

    def _look(self, texts: Sequence[str]) -> list[View]:
        """Load where need be, and look: on the judge's own thread only."""
        if self._cascade is None:
            began = time.monotonic()
            packed = read_weights(self._weights, self.sheet)
            self._cascade = open_cascade(packed, self._cache)
            _log.info("loaded the embedded judge in %.2f s", time.monotonic() - began)
        return self._cascade.look(texts)

    def _answer(self, found: _Found) -> Answer:
        if found.is_over:
            return Unscored(f"more than {MOST_DOUBTED} windows of the text need a closer look")
        # What is no number is neither above nor below a threshold: it would pass as safe.
        if found.view is None or not np.isfinite(found.view.probabilities).all():
            return Unscored("the arithmetic gave what is no number")
        unsafe, *others = np.round(found.view.probabilities.astype(np.float64), 6).tolist()
        named = dict(zip(self.sheet.outputs[1:], others, strict=True))
        return Opinion(unsafe, named, found.view.stage)


@dataclass(slots=True)
class _Found:
    """What is known of one text so far: the worst of its windows, and how many were doubted."""

    view: View | None = None
    doubted: int = 0

    @property
    def is_over(self) -> bool:
        """Whether the text has had its share."""
        return self.doubted > MOST_DOUBTED

    def add(self, view: View) -> None:
        self.view = view if self.view is None else worse(self.view, view)
        self.doubted += view.stage == "tower"


def _portions(
    questions: Sequence[Question], found: Sequence[_Found]
) -> Iterator[list[tuple[_Found, str]]]:
    """Share out texts, long ones in windows, so that no portion is much work.

    Each portion is taken when the one before has been looked at: what is over gets no other.
    """
    portion: list[tuple[_Found, str]] = []
    size = 0
    for question, one in zip(questions, found, strict=True):
        short = len(question.text) <= WHOLE
        for window in [question.text] if short else windows(question.text):
            if portion and size + len(window) > _AT_ONCE:
                yield portion
                portion, size = [], 0
            if one.is_over:
                break
            portion.append((one, window))
            size += len(window)
    if portion:
        yield portion


def _broken(what: str) -> WeightsError:
    return WeightsError(what, advice=_REINSTALL)
