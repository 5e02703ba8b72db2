"""`outrider keys`: what is created is there at once, shown once, and can be revoked."""

import json
import re
from pathlib import Path

from outrider.app.main import Installation
from outrider.console.sessions import SignIns
from outrider.journal.read import find_key
from outrider.limits.keys import Identity, digest
from tests.cli.conftest import Run


def created(cli: Run, *more: str) -> dict[str, str]:
    said = cli("keys", "create", "--json", *more)
    assert said.code == 0, said.err
    made: dict[str, str] = json.loads(said.out)
    return made


def test_a_key_is_there_at_once_and_only_its_digest_is_kept(cli: Run, home: Path) -> None:
    said = cli("keys", "create", "--name", "laptop")
    full = said.out.strip()
    assert re.fullmatch(r"sk-or-[0-9a-f]+-[0-9a-f]+", full)
    secret = full.rpartition("-")[2]
    listed = cli("keys", "list")
    assert "laptop" in listed.out
    assert secret not in listed.out
    store = Installation().open_store()
    row = find_key(store, full.split("-")[2])
    store.close()
    assert row is not None
    assert row.digest == digest(full)
    assert not any(secret.encode() in f.read_bytes() for f in home.rglob("*") if f.is_file())


def test_list_json_has_no_digest(cli: Run) -> None:
    made = created(cli)
    (row,) = json.loads(cli("keys", "list", "--json").out)
    assert row["public"] == made["public"]
    assert set(row) == {"public", "project", "name", "created_at", "revoked_at", "team", "may"}


def test_revoke_by_any_spelling(cli: Run) -> None:
    for spell in (lambda k: k["public"], lambda k: k["key"], lambda k: k["public"][:8]):
        made = created(cli)
        said = cli("keys", "revoke", spell(made))
        assert said.code == 0, said.err
        rows = {r["public"]: r for r in json.loads(cli("keys", "list", "--json").out)}
        assert rows[made["public"]]["revoked_at"] > 0
    again = cli("keys", "revoke", made["public"], "--json")
    assert json.loads(again.out)["was_revoked"] is True


def test_what_does_not_exist_is_said(cli: Run) -> None:
    assert "keys list" in cli("keys", "revoke", "nope").err
    assert "projects" in cli("keys", "create", "--project", "nope").err
    assert "nobody claims" in cli("keys", "create", "--project", "unidentified").err
    assert "keys create" in cli("keys", "link").err
    assert cli("keys", "create", "--name", "a\nb").code == 2
    assert cli("keys", "list").err.startswith("There is no key yet")


def test_projects_keep_apart(cli: Run) -> None:
    Path("outrider.yaml").write_text("projects: [one, two]")
    assert created(cli)["project"] == "one"
    created(cli, "--project", "two")
    assert len(json.loads(cli("keys", "list", "--project", "two", "--json").out)) == 1


def test_a_link_signs_in_once(cli: Run, home: Path) -> None:
    made = created(cli)
    url = cli("keys", "link").out.strip()
    assert url.startswith("http://127.0.0.1:8720/login?token=")
    token = url.partition("token=")[2]
    assert SignIns(home).redeem(token) == Identity("default", made["public"], operator=True)
    assert SignIns(home).redeem(token) is None
    cli("keys", "revoke", made["public"])
    assert cli("keys", "link", made["public"]).code == 2


def test_a_link_leads_to_the_first_project(cli: Run, home: Path) -> None:
    Path("outrider.yaml").write_text("projects: [one, two]")
    first = created(cli)
    other = created(cli, "--project", "two")
    token = cli("keys", "link").out.strip().partition("token=")[2]
    assert SignIns(home).redeem(token) == Identity("one", first["public"], operator=True)
    cli("keys", "revoke", first["public"])
    token = cli("keys", "link").out.strip().partition("token=")[2]
    assert SignIns(home).redeem(token) == Identity("two", other["public"], operator=True)


def test_names_cannot_steer_the_terminal(cli: Run) -> None:
    assert cli("keys", "create", "--name", "\x1b[31mred").code == 2
