"""A whole worker inside a test: it serves, it stops, it says why it cannot start."""

import json
import socket
import urllib.request
from pathlib import Path

import pytest

from outrider.base.errors import ConfigError, JournalFull
from outrider.journal import read
from outrider.testing import scripted_thread
from outrider.testing.running import running

CONFIG = 'embedded: {{enabled: false}}\nproviders: {{a: {{base_url: "{url}", models: [scripted-chat]}}}}'


def test_it_serves_records_and_stops(tmp_path: Path) -> None:
    with scripted_thread() as url, running(CONFIG.format(url=url), tmp_path) as outrider:
        body = json.dumps({"model": "scripted-chat", "messages": [{"role": "user", "content": "hi"}]}).encode()
        other = outrider.new_key("other")
        for key in (outrider.key, other):
            request = urllib.request.Request(
                f"{outrider.url}/v1/chat/completions", body, {"authorization": f"Bearer {key}"}
            )
            with urllib.request.urlopen(request, timeout=20) as answer:
                assert answer.status == 200
        assert outrider.tasks() >= 1
        projects = {row.project for row in read.list_runs(outrider.store(), read.RunFilter()).rows}
        assert projects == {"default", "other"}
        port = int(outrider.url.rpartition(":")[2])
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_wrong_settings_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="provders"), running("provders: {}", tmp_path):
        pass


def test_what_fails_at_the_start_is_raised(tmp_path: Path) -> None:
    def spoil(outrider: object) -> None:
        (tmp_path / "run").write_text("a file where a folder must be")

    with (
        pytest.raises(JournalFull, match="run"),
        running(CONFIG.format(url="http://127.0.0.1:9"), tmp_path, before=spoil),
    ):
        pass
