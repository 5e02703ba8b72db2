"""The guides on evals in CI, on judges and on testing: their files, their commands and their programs, as written."""

import json
import os
import re
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from outrider.testing.speaking import Ask, Reply, SpeakingProvider, speaking_thread
from outrider.testing.speaking.words import Text
from tests.clients import installed
from tests.crash.conftest import Process

pytestmark = pytest.mark.slow

JUDGE = "scene:judge"
CONFIG = """
server: {{port: {port}}}
embedded: {{enabled: off}}
providers:
  scripted: {{base_url: "{url}", api_key: "${{env:KEY}}", models: [scripted-chat]}}
  google: {{base_url: "{url}", api_key: "${{env:KEY}}", models: ["{judge}"]}}
routes:
  support: {{deployments: [scripted/scripted-chat]}}
  support-next: {{deployments: [scripted/scripted-chat]}}
"""


def blocks(guide: str, *kinds: str) -> list[str]:
    """The guide's blocks of these kinds, in their order."""
    text = (installed.ROOT / "docs/guides" / guide).read_text("utf-8")
    return [said for kind, said in re.findall(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL) if kind in kinds]


def verdict(_: str, ask: Ask) -> Reply:
    """A judge that takes the first of the verdicts that it may give."""
    allowed = re.findall(r'"enum":\s*(\[[^]]*\])', json.dumps(ask.params))
    return Reply((Text(json.dumps({"reasons": "It names no day.", "verdict": json.loads(allowed[0])[0]})),))


class Reader:
    """Somebody with a terminal in a folder, where `outrider` and `pytest` are on the path."""

    def __init__(self, process: Process, folder: Path) -> None:
        self.process, self.folder = process, folder
        self.url = f"http://127.0.0.1:{process.port}"

    def types(self, command: str, *answers: str) -> tuple[int, str]:
        """The exit code and what is printed; `answers` are typed when it asks."""
        env = {
            **self.process.env,
            "PATH": f"{self.folder.parent / 'bin'}:{os.environ['PATH']}",
            "OUTRIDER_URL": self.url,
            "OUTRIDER_KEY": self.process.key,
        }
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=env, input="".join(f"{one}\n" for one in answers),
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def writes(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    provider = SpeakingProvider(["scripted-chat", JUDGE])
    provider.scenes["judge"] = verdict
    folder, shims, config = tmp_path / "folder", tmp_path / "bin", tmp_path / "outrider.yaml"
    folder.mkdir()
    shims.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    with speaking_thread(provider) as url:
        config.write_text(CONFIG.format(port=port, url=url, judge=JUDGE))
        env = {k: v for k, v in os.environ.items() if not k.startswith(("OUTRIDER_", "OPENAI_", "OTEL_", "PYTEST_"))}
        process = Process(tmp_path / "home", config, port, env | {"KEY": "sk-x"})
        line = " ".join(process.line())
        for name, command in (("outrider", line), ("pytest", f"{sys.executable} -m pytest -p no:cacheprovider")):
            (shims / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
            (shims / name).chmod(0o755)
        process.start()
        yield Reader(process, folder)
        process.terminate()


def suite_of(reader: Reader, cases: int) -> None:
    """The suite of the guide, and its case as often as is said."""
    suite, _ = blocks("evals-in-ci.md", "yaml")
    (line,) = blocks("evals-in-ci.md", "json")
    reader.writes("evals/suite.yaml", suite)
    reader.writes("evals/prompt.txt", "You answer customers of a parcel service.\n")
    case = json.loads(line)
    made = [{**case, "id": f"parcel-{at}", "input": f"Where is parcel {at}?"} for at in range(1, cases + 1)]
    reader.writes("evals/cases.jsonl", "".join(f"{json.dumps(one)}\n" for one in made))


def test_evals_in_ci_on_the_command_line_and_on_the_server(reader: Reader) -> None:
    run, begin = blocks("evals-in-ci.md", "sh")
    (job,) = (one for one in blocks("evals-in-ci.md", "yaml") if "jobs:" in one)
    (in_ci,) = re.findall(r"run: (outrider eval run .*)", job)
    suite_of(reader, 1)
    code, said = reader.types(run)
    assert (code, "inconclusive: candidate: exact" in said) == (1, True), said
    code, said = reader.types(in_ci)
    assert (code, (reader.folder / "report.md").exists(), (reader.folder / "report.xml").exists()) == (1, True, True)
    code, said = reader.types(begin)
    assert "support: version 1 with 1 case" in said
    id_ = re.findall(r"exp_\w+", said)[0]
    client = httpx.Client(base_url=reader.url, headers={"authorization": f"Bearer {reader.process.key}"})
    while client.get(f"/api/experiments/{id_}").json()["experiment"]["state"] != "done":
        select.select([], [], [], 0.2)
    assert len(client.get(f"/api/experiments/{id_}/items").json()["answers"]) == 2
    assert client.get(f"/api/experiments/{id_}/diff").json()["variant"] == "next"


def test_evals_in_ci_in_tests(reader: Reader) -> None:
    conftest, tests = blocks("evals-in-ci.md", "python")
    reader.writes("conftest.py", conftest)
    reader.writes("test_answers.py", tests)
    for cases, code, words in ((40, 1, "inconclusive"), (200, 0, "1 passed")):
        suite_of(reader, cases)
        ended, said = reader.types("pytest -q")
        assert (ended, words in said) == (code, True), said


def test_a_judge_is_labelled_and_measured(reader: Reader) -> None:
    (suite,) = blocks("trust-your-judge.md", "yaml")
    reader.writes("suite.yaml", suite.replace("google/gemini-2.5-flash", f"google/{JUDGE}"))
    reader.writes("new.txt", "You answer customers of a parcel service.\n")
    reader.writes("cases.jsonl", "".join(f'{{"id": "c{at}", "input": "Where is {at}?"}}\n' for at in range(12)))
    label, measure, agreement = (one.removeprefix("$ ").strip() for one in blocks("trust-your-judge.md", "console"))
    code, said = reader.types("outrider eval run suite.yaml")
    assert code == 1, "a judge says the same of both"
    assert "this judge was never held against people" in said, said
    code, said = reader.types(label, *["pass", "fail"] * 5, "q")
    assert code == 0, said
    code, said = reader.types(f"{label} --judge prefer", "1", "q")
    assert code == 0, said
    code, said = reader.types(measure)
    assert (code, "people and judge" in said) == (0, True), said
    review = "outrider review create NAME --experiment suite --judge judge --reviewers 2"
    assert review in (installed.ROOT / "docs/guides/trust-your-judge.md").read_text("utf-8")
    code, said = reader.types(review.replace("NAME", "answers"))
    assert code == 0, said
    command, _, shown = agreement.partition("\n")
    table = ((13, 0, 0), (0, 20, 7), (0, 4, 56))  # two abstractors, Gwet 2014
    pairs = [(one, two) for one, row in enumerate(table) for two, often in enumerate(row) for _ in range(often)]
    reader.writes("labels.csv", "question,ann,gpt\n" + "".join(f"q{at},{a},{b}\n" for at, (a, b) in enumerate(pairs)))
    code, said = reader.types(command)
    assert (code, said.split()[: len(shown.split())]) == (0, shown.split()), "the guide shows how it begins"


def test_the_programs_of_the_testing_guide_run(reader: Reader) -> None:
    programs = blocks("testing.md", "python")
    assert len(programs) == 2
    for at, program in enumerate(programs):
        asked = {
            "model": "scripted-chat", "messages": [{"role": "user", "content": "scripted:tool=get_weather"}],
            "tools": [{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}],
        }  # fmt: skip
        send = f"import httpx\n    said = httpx.post(url + '/chat/completions', json={asked!r}, headers=KEY)\n"
        send += "    assert said.status_code == 200, said.text\n"
        assert program.count("    ...  #") == 1
        written = "KEY = {'authorization': 'Bearer sk-x'}\n" + program.replace("    ...  #", f"    {send}    #")
        reader.writes(f"program{at}.py", written)
        done = subprocess.run(
            [sys.executable, f"program{at}.py"], cwd=reader.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", ["scripted", "speaking"])
def test_the_providers_of_the_testing_guide_serve(module: str, tmp_path: Path) -> None:
    guide = (installed.ROOT / "docs/guides/testing.md").read_text("utf-8")
    command = f"python -m outrider.testing.{module} --port 9000"
    assert command in guide
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    words = command.replace("9000", str(port)).split()[1:]
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as server:
        try:
            url, transport = f"http://127.0.0.1:{port}", httpx.HTTPTransport(retries=9)
            with httpx.Client(base_url=url, transport=transport, headers={"authorization": "Bearer sk-x"}) as client:
                asked = {"model": "m", "messages": [{"role": "user", "content": "scripted:text=any answer"}]}
                answer = client.post("/v1/chat/completions", json=asked).json()
                assert answer["choices"][0]["message"]["content"] == "any answer"
                assert client.get("/scripted/seen").status_code == 200
        finally:
            server.terminate()
