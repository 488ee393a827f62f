"""`salesloop schema`: printed, and compared with the file that is checked in."""

from pathlib import Path

from tests.cli.house import House


def test_the_schema_is_printed_and_its_file_compared(house: House) -> None:
    file = Path(house.folder, "schema.graphql")
    file.write_text(house.run("schema").stdout)
    fresh = house.run("schema", "--check", "schema.graphql")
    assert (fresh.returncode, fresh.stdout) == (0, "schema.graphql is up to date.\n")


def test_a_stale_or_missing_file_is_refused(house: House) -> None:
    for text in ("type Query", ""):
        Path(house.folder, "schema.graphql").write_text(text)
        stale = house.run("schema", "--check", "schema.graphql")
        assert stale.returncode == 1
        assert "schema.graphql is stale; write it again with: salesloop schema > schema.graphql" in stale.stdout
