"""`kanhe assess sign`: put an electronic signature under a report, in one of the regime's roles.

What is signed is shown first. Who signs gives the password of the account: the ledger keeps its
pseudonym, the role and the report's hash, and no name.
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from kanhe.accounts.account import Account
from kanhe.accounts.password import matches
from kanhe.adapters.account_store import open_accounts
from kanhe.adapters.assess_ledger import LedgerDoor, roles_of, with_signature
from kanhe.adapters.package_data import regime as regime_of
from kanhe.assess.report_file import REPORT, Written, read_report
from kanhe.assess.results import Conclusion
from kanhe.cli.place import Place, place, placed
from kanhe.errors import AccountError, AssessError
from kanhe.law.regime import Regime
from kanhe.report.assessment import Report
from kanhe.terms import Text

_path = click.Path(path_type=Path)


@click.command(short_help="Sign a report in one of the regime's roles.")
@click.argument("report", type=_path)
@click.option(
    "--as", "role", required=True, metavar="ROLE", help="In which role; see the names it gives."
)
@click.option("--account", "name", required=True, metavar="NAME", help="Who signs.")
@click.option("--yes", is_flag=True, help="Sign without asking once more.")
@placed
def sign(  # noqa: PLR0913, PLR0917 # one parameter an option
    report: Path,
    role: str,
    name: str,
    data: Path | None,
    config: Path | None,
    regime: str | None,
    language: str | None,
    *,
    yes: bool,
) -> None:
    """Sign REPORT: the folder of a run or of its report, or report.json itself.

    The report has to be the very one that the ledger was told of when it was made. Those who have
    to sign are named by the regime; each signs once, with the password of an account.

    Example: kanhe assess sign kanhe-data/assess/2026-11 --as assessment_lead --account anna
    """
    here = place(data, config, regime, language)
    file = _file(report)
    read = _read(file)
    law = regime_of(read.head.regime)
    click.echo("\n".join(_shown(here, read, law, role)))
    door = LedgerDoor(here.data, here.origin)
    door.may_sign(read, role, law)  # first: nobody gives a password for what cannot be signed
    person = _person(here, name)
    question = here.say(Text("以上报告，是否签署？", "Do you sign this report?"))
    if not (yes or click.confirm(question, default=False)):
        raise click.Abort
    signature = door.sign(read, role, person.id, law)
    signed = with_signature(file, read, signature)
    lacking = [one for one in _roles(law) if one not in {had.role for had in signed.signatures}]
    click.echo(here.say(Text(
        f"已签署并记入账本，条目 {signature.entry}。",
        f"Signed and recorded as entry {signature.entry}.",
    )))  # fmt: skip
    click.echo(here.say(_next(lacking)))


def _next(lacking: list[str]) -> Text:
    if not lacking:
        return Text(
            "各角色均已签署；请运行 kanhe assess report 重新生成带签名的文档。",
            "All have signed; `kanhe assess report` writes the documents with their signatures.",
        )
    return Text(f"尚待签署：{'、'.join(lacking)}。", f"Still to sign: {', '.join(lacking)}.")


def _file(place_: Path) -> Path:
    for folder in (place_, place_ / "report"):
        if (folder / REPORT).is_file():
            return folder / REPORT
    return place_


def _read(file: Path) -> Written:
    try:
        return read_report(file.read_bytes())
    except OSError as error:
        raise AssessError(
            f"{file} cannot be read: {error.strerror}",
            advice=f"Name a folder that holds {REPORT}; `kanhe assess report` writes it.",
        ) from error


def _roles(law: Regime) -> tuple[str, ...]:
    return roles_of(law, datetime.now(UTC).astimezone(ZoneInfo(law.zone)).date())


def _shown(here: Place, read: Written, law: Regime, role: str) -> list[str]:
    head, results = read.head, read.results
    roles = ", ".join(_roles(law))
    ended = head.ended.astimezone(ZoneInfo(law.zone))
    rows = (
        (Text("报告", "Report"), read.sha256),
        (Text("评估", "Run"), f"{head.run}, {here.say(head.title)}, {ended:%Y-%m-%d %H:%M}"),
        (Text("各项测试", "Tests"), here.say(_CONCLUSIONS[results.conclusion.value])),
        (Text("结论", "Conclusion"), here.say(_CONCLUSIONS[_whole(read, law).value])),
        (Text("签署角色", "You sign as"), f"{role} ({roles})"),
    )
    return [f"{here.say(title)}: {value}" for title, value in rows]


def _whole(read: Written, law: Regime) -> Conclusion:
    """Conclude as the documents do: from tests and clauses together."""
    made = read.made or read.head.ended
    return Report(
        read.head, read.results, read.clauses, read.signatures, read.service, made, law
    ).conclusion


_CONCLUSIONS = {
    "conforms": Text("符合", "conforms"),
    "does-not-conform": Text("不符合", "does not conform"),
    "open": Text("尚无结论", "nothing is concluded"),
}


def _person(here: Place, name: str) -> Account:
    """Give the account, once its password was given.

    Raises:
        AccountError: There is none, it is disabled or has no password, or another one was given.
    """
    with closing(open_accounts(here.data)) as accounts:
        person = accounts.named(name)
        kept = accounts.proofs(person.id).password if person else None
    if person is None or person.disabled or kept is None:
        raise AccountError(
            f"{name!r} is no account that can sign: it has to be there, with a password",
            advice=f"`{here.typed('kanhe account list')}` names those there are, "
            f"`{here.typed('kanhe account add NAME')}` adds one.",
        )
    given = click.prompt(here.say(Text("密码", "Password")), hide_input=True, err=True)
    if not matches(kept, given):
        raise AccountError("this is not the password", advice="Try again; nothing was signed.")
    return person
