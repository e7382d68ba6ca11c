"""What the start says of judges."""

from fakes_judge import FakeJudge
from kanhe.adapters.judge_queue import JudgeQueue
from kanhe.adapters.judges import Judges
from kanhe.cli.judges_told import judges_told
from kanhe.judge.port import Question
from upstream import on_loop


@on_loop
async def test_the_default_judge_comes_first_and_each_says_how_well_it_is_known():
    def fake(name, *, pinned):
        return JudgeQueue(FakeJudge(lambda _: 0.1, name, pinned=pinned))

    embedded, guard, away = (fake("embedded", pinned=True), fake("guard", pinned=False),
                             fake("away", pinned=False))  # fmt: skip
    judges = Judges({"embedded": embedded, "guard": guard, "away": away}, "guard")
    await judges.ask("guard", [Question("")], 1.0)
    assert list(judges_told(judges, {embedded.id.hash})) == [
        f"  judges   guard, default: not pinned, {guard.id.hash[:12]}, never measured as it is now",
        f"           embedded: pinned, {embedded.id.hash[:12]}, measured",
        "           away: not known yet, since nobody has asked it",
    ]
    await judges.aclose()
