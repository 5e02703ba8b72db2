"""Digests of files that the settings name."""

import hashlib
import sys
from pathlib import Path

import pytest

from outrider.app import config_files
from outrider.app.settings import parse

TEXT = """
embedded: {enabled: false}
tools:
  servers:
    shop: {openapi: shop.json, url: "http://127.0.0.1:9"}
    far: {openapi: "http://127.0.0.1:9/openapi.json"}
    mine: {python: tools/mine.py}
    named: {python: some_package.tools}
    lost: {python: nowhere_at_all}
policy: {identity: {issuer: you, keys: keys.json}}
"""


def test_files_are_known_by_their_digests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "some_package").mkdir()
    (tmp_path / "some_package" / "__init__.py").write_text("raise RuntimeError('nobody imports this')")
    texts = {"shop.json": "{}", "tools/mine.py": "x = 1", "some_package/tools.py": "y = 2"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    settings = parse(TEXT, "t", {})
    found = config_files.digests(settings, tmp_path)
    servers = "tools.servers"
    assert found == {
        f"{servers}.shop.openapi": hashlib.sha256(b"{}").hexdigest(),
        f"{servers}.mine.python": hashlib.sha256(b"x = 1").hexdigest(),
        f"{servers}.named.python": hashlib.sha256(b"y = 2").hexdigest(),
        f"{servers}.lost.python": config_files.GONE,
        "policy.identity.keys": config_files.GONE,
    }
    (tmp_path / "shop.json").write_text("{ }")
    (tmp_path / "keys.json").write_text("{}")
    (tmp_path / "tools/mine.py").unlink()
    told = list(
        config_files.changed({**found, "tools.servers.old.python": "x"}, config_files.digests(settings, tmp_path))
    )
    assert [one.partition(":")[0] for one in told] == [
        f"{servers}.shop.openapi", f"{servers}.mine.python", "policy.identity.keys",
    ]  # fmt: skip
    assert "today it cannot be read" in told[1]
    assert "(it could not be read; today " in told[2]
