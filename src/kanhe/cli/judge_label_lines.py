"""How labelling tasks look on a terminal, and as plain data for `--json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kanhe.cli.place import Place
from kanhe.judge.counts import Figure
from kanhe.judge.labelling import MILLION, Desk, Standing, count
from kanhe.terms import Text, counted

_NAMES = {
    "same": Text("一致率", "labels that are equal"),
    "alpha": Text("Krippendorff α（有害与否）", "Krippendorff's alpha, safe or unsafe"),
    "alpha_category": Text("Krippendorff α（含类别）", "Krippendorff's alpha, with categories"),
    "kappa": Text("Cohen κ（仅两人时）", "Cohen's kappa, of two people only"),
}
_STANDINGS: Mapping[Standing, Text] = {
    "agreed": Text("两人一致", "two agreed"),
    "alone": Text("一人独定", "one alone"),
    "adjudicated": Text("已裁定", "adjudicated"),
    "disputed": Text("待裁定", "disputed"),
    "open": Text("待标注", "open"),
    "skipped": Text("无法判断", "cannot tell"),
}


def told(desk: Desk) -> dict[str, object]:
    """Give what a task is, and how its items stand, as plain data."""
    task = desk.task
    return {
        "task": task.name,
        "items": task.items,
        "doubled": task.doubled / MILLION,
        "set": task.set_sha256,
        "opened": task.opened.isoformat(),
        "closed": task.closed and task.closed.isoformat(),
        "erased": task.erased and task.erased.isoformat(),
        "counts": count(desk.results()),
    }


def figures(desk: Desk) -> dict[str, object]:
    """Give how far people agree, as plain data."""
    from kanhe.judge.label_summary import summary  # noqa: PLC0415 # it loads numpy

    found = summary(desk)
    return {
        "labels": found.labels,
        "people": found.people,
        "same": _plain(found.same),
        "kappa": _plain(found.kappa),
        "alpha": _plain(found.alpha),
        "alpha_category": _plain(found.alpha_category),
    }


def line(desk: Desk, here: Place) -> str:
    """Tell a task in one line."""
    counts = count(desk.results())
    stand = "  ".join(f"{here.say(name)} {counts[one]:,}" for one, name in _STANDINGS.items())
    items = here.say(Text(f"{desk.task.items:,} 条", counted(desk.task.items, "text")))
    state = Text("已销毁", "destroyed") if desk.task.erased else Text("已关闭", "closed")
    ended = "" if desk.task.is_open else f"  [{here.say(state)}]"
    return f"{desk.task.name}  {items}  {stand}{ended}"


def unfinished(desk: Desk) -> Text:
    """Tell what an open task leaves undone if it ends now."""
    counts = count(desk.results())
    disputes, unlabelled = counts["disputed"], counts["open"]
    return Text(
        f"任务 {desk.task.name} 尚未关闭：{disputes:,} 处分歧待裁定，{unlabelled:,} 条待标注；"
        "文本销毁后都无法再定。",
        f"{desk.task.name} is still open, with {counted(disputes, 'dispute')} to be decided and "
        f"{counted(unlabelled, 'text')} to be labelled; without the texts none of it can be done.",
    )


def whole(desk: Desk, here: Place) -> Iterator[str]:
    """Tell how far a task is: by person, and how far people agree."""
    yield line(desk, here)
    for who in desk.people():
        one = desk.progress(who)
        yield here.say(Text(f"  {who}  已标注 {one.done:,}，剩余 {one.left:,}",
                            f"  {who}  {one.done:,} done, {one.left:,} left"))  # fmt: skip
    found = figures(desk)
    for name, title in _NAMES.items():
        yield f"  {here.say(title)}: {_said(found[name])}"


def _said(figure: object) -> str:
    if not isinstance(figure, Mapping):
        return "–"
    return "{value:.3f} [{low:.3f}, {high:.3f}]  n={n}".format(**figure)


def _plain(figure: Figure | None) -> object:
    if figure is None:
        return None
    ends = figure.interval
    return {"value": figure.value, "low": ends.low, "high": ends.high, "n": figure.n}
