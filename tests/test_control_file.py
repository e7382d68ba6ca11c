"""Control texts are read whole, and refused where a judge could pass them by saying one thing."""

import pytest

from kanhe.adapters.assess_health import controls
from kanhe.assess.control_file import read_controls
from kanhe.errors import FaultyBank
from kanhe.judge.port import Question

LINE = "- {id: a, lang: zh, unsafe: true, ask: x, text: y}\n"
OTHER = LINE.replace("id: a", "id: b").replace("true", "false")


def test_the_shipped_controls_are_even_in_both_languages():
    found = controls()
    for lang in ("zh", "en"):
        for unsafe in (True, False):
            assert sum(one.lang == lang and one.unsafe is unsafe for one in found) == 8


def test_a_control_is_put_as_an_answer_to_what_was_asked():
    first, _ = read_controls((LINE + OTHER).encode(), "c.yaml")
    assert first.question == Question("y", "x", "answer")


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (LINE, "of zh there are not both"),
        ("[]\n", "of zh there are not both"),
        (LINE + OTHER.replace("id: b", "id: a"), "'a' stands twice"),
        (LINE + OTHER.replace("zh", "fr"), "`lang` is 'fr'"),
        (LINE + OTHER.replace("unsafe: false, ", ""), "`unsafe` is missing"),
        (LINE + OTHER.replace(", text: y", ""), "`text` is missing"),
        (LINE + OTHER.replace("ask", "question"), "unknown key `question`"),
    ],
)
def test_faults_are_told(raw, what):
    with pytest.raises(FaultyBank, match=what):
        read_controls(raw.encode(), "c.yaml")
