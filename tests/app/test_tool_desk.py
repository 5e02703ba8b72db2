"""A desk with a catalogue of its own, as the command line has it: servers start for it and end with it."""

from contextlib import closing
from pathlib import Path

from outrider.app import paths
from outrider.app.settings import parse
from outrider.app.tool_desk import opened_desk
from outrider.app.tool_parts import ToolParts
from outrider.journal.append import Journal
from outrider.store import open_leases, open_store

CODE = "import outrider\n\n@outrider.tool\ndef hello(name: str) -> str:\n    return name\n"


def test_tools_are_listed_and_servers_ended(tmp_path: Path) -> None:
    (tmp_path / "t.py").write_text(CODE)
    settings = parse(f"tools:\n  servers:\n    mine: {{python: {tmp_path / 't.py'}}}\n", "f", {})
    url = f"sqlite:///{tmp_path / 'o.sqlite3'}"
    with closing(open_leases(url)) as leases, closing(open_store(url)) as store:
        journal = Journal(paths.spool(tmp_path))
        with opened_desk(settings, tmp_path, None, leases, lambda: store, journal) as desk:
            assert [tool.name for tool in desk.tools()] == ["hello"]
            found = desk.overview("default")
            assert [server.state for server in found.servers] == ["up"]
            assert found.tools[0].proposal is None  # it says itself that it is the worst
        journal.close()


def test_parts_follow_the_configuration() -> None:
    assert ToolParts.use.__doc__
