"""`salesloop import`: a summary, a rejects file only where there are rejects, and an exit code that says which."""

from pathlib import Path

import pytest

from cli.import_ import import_into, rejects_beside
from domain.customers.models import Customer
from domain.imports.rules import ImportKind
from runtime.database import connected
from runtime.refusal import CannotRun
from tests.cli.house import House

pytestmark = pytest.mark.anyio
HEADER = "external_id,kind,name\n"


async def test_rejects_lie_beside_the_file_until_there_are_none(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "customers.csv"
    path.write_text(HEADER + "a,company,A\nb,cat,B\n")
    outcome = await import_into(database_url, ImportKind.CUSTOMERS, path)
    assert (outcome.created, outcome.rejected) == (1, 1)
    assert rejects_beside(path).name == "customers.csv.rejects.csv"
    assert (
        rejects_beside(path).read_text()
        == 'line,field,reason,value\n3,kind,"kind must be one of company, person.",cat\n'
    )
    said = capsys.readouterr().out
    assert said.startswith("customers.csv: 2 rows in ")
    assert "1 created, 0 changed, 0 unchanged, 1 rows rejected" in said
    assert str(rejects_beside(path)) in said

    path.write_text(HEADER + "a,company,A\nb,person,B\n")
    outcome = await import_into(database_url, ImportKind.CUSTOMERS, path)
    assert (outcome.created, outcome.unchanged) == (1, 1)
    assert not rejects_beside(path).exists()


async def test_without_a_terminal_a_line_tells_now_and_then(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "customers.jsonl"
    path.write_text("".join(f'{{"external_id": "c{n}", "kind": "cat"}}\n' for n in range(101_000)))
    await import_into(database_url, ImportKind.CUSTOMERS, path)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("customers.jsonl: 10")


async def test_a_file_that_is_refused_as_a_whole_changes_nothing(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("external_id,kind,name,name\na,company,A,A\n")
    with pytest.raises(CannotRun, match=r"customers.csv: The header names the column name twice"):
        await import_into(database_url, ImportKind.CUSTOMERS, path)
    assert not rejects_beside(path).exists()
    async with connected(database_url):
        assert not await Customer.exists()


def test_exit_codes(house: House) -> None:
    (house.folder / "good.csv").write_text(HEADER + "a,company,A\n")
    (house.folder / "bad.csv").write_text(HEADER + "a,cat,A\n")
    refused = house.run("import", "customers", "good.csv")
    assert (refused.returncode, refused.stdout) == (
        1,
        "salesloop: the database lacks migrations; run: salesloop migrate\n",
    )
    assert house.run("migrate").returncode == 0
    assert house.run("import", "customers", "bad.csv").returncode == 3
    assert house.run("import", "orders", "good.csv").returncode == 1
    assert house.run("import", "customers", "missing.csv").returncode == 2
    taken = house.run("import", "customers", "good.csv")
    assert (taken.returncode, "1 created" in taken.stdout) == (0, True)
