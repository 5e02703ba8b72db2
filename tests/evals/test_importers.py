"""Files of other tools become cases; each is written as its documentation shows it. Mistakes name file and line."""

import json
from pathlib import Path
from typing import Any

import pytest

from outrider.base.errors import RequestError
from outrider.evals.importers import Imported, Options, forms, read
from outrider.evals.records import Case

PROMPTFOO = """\
prompts:
  - 'Translate to {{language}}: {{text | upper}}'
providers: [openai:gpt]
defaultTest:
  vars: {language: French}
tests:
  - description: a greeting
    vars: {text: Hello}
    assert:
      - {type: contains, value: Bonjour}
      - {type: javascript, value: output.length < 9}
    metadata: {category: short}
  - vars:
      language: [German, Spanish]
      text: Bye
"""


def put(folder: Path, name: str, said: Any) -> Path:
    path = folder / name
    rows = said if isinstance(said, str) else "\n".join(json.dumps(one) for one in said)
    path.write_text(json.dumps(said, indent=1) if name.endswith(".json") and not isinstance(said, str) else rows)
    return path


def got(path: Path, form: str = "", **options: str) -> Imported:
    return read(path, form, Options(**options))


def seen(found: Imported) -> list[tuple[Any, Any]]:
    return [(one.input, one.expected) for one in found.cases]


def test_every_form_says_what_it_is() -> None:
    assert sorted(forms()) == ["beir", "inspect", "jsonl", "langsmith", "openai_evals", "promptfoo", "ragas"]
    assert all(forms().values())


def test_our_own(tmp_path: Path) -> None:
    found = got(put(tmp_path, "c.jsonl", [{"id": "a", "input": "x", "expected": "y", "tags": ["t"]}]))
    assert (found.form, found.cases) == ("jsonl", [Case("a", "x", "y", tags=("t",), source="c.jsonl:1")])


def test_promptfoo_fills_its_prompt(tmp_path: Path) -> None:
    found = got(put(tmp_path, "p.yaml", PROMPTFOO))
    assert found.form == "promptfoo"
    assert seen(found) == [
        ("Translate to French: HELLO", "Bonjour"),
        ("Translate to German: BYE", None),
        ("Translate to Spanish: BYE", None),
    ]
    first = found.cases[0]
    assert (first.source, first.context["category"], first.context["description"]) == (
        "p.yaml:7",
        "short",
        "a greeting",
    )
    assert found.notes == [
        "contains (1): score them with contains",
        "javascript (1): kept in `context.assert`, and nothing is scored by it",
    ]


def test_promptfoo_chats_and_files_beside_it(tmp_path: Path) -> None:
    put(tmp_path, "chat.json", '[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "{{q}}"}]')
    put(tmp_path, "t.csv", 'q,__expected,__expected2,__metadata:kind\n"a ""b"",\nc",equals: yes,not-contains:no,odd\n')
    path = put(tmp_path, "p.yaml", "prompts: file://chat.json\ntests: file://t.csv\n")
    (case,) = got(path).cases
    assert case.input[1] == {"role": "user", "content": 'a "b",\nc'}
    assert (case.expected, case.context["kind"], case.source) == ("yes", "odd", "t.csv:2")
    assert [one["type"] for one in case.context["assert"]] == ["equals", "not-contains"]


def test_promptfoo_with_several_prompts_is_told_what_is_asked(tmp_path: Path) -> None:
    path = put(tmp_path, "p.yaml", "prompts: [a, b]\ntests:\n- vars: {question: why?, tone: dry}\n")
    with pytest.raises(RequestError, match="2 prompts, which are variants here"):
        got(path)
    assert seen(got(path, field="question")) == [("why?", None)]


def test_inspect_lines_and_csv(tmp_path: Path) -> None:
    call = {"id": "c1", "function": "find", "arguments": {"q": 1}}
    rows = [
        {"id": 7, "input": "2+2?", "target": ["4", "four"], "metadata": {"level": 1}},
        {"input": "Which?", "target": "B", "choices": ["red", "blue"]},
        {"input": [{"role": "assistant", "content": "", "tool_calls": [call]},
                   {"role": "tool", "content": "x", "tool_call_id": "c1"}], "target": "x", "sandbox": "docker"},
    ]  # fmt: skip
    found = got(put(tmp_path, "s.jsonl", rows))
    assert found.form == "inspect"
    assert seen(found)[:2] == [("2+2?", ["4", "four"]), ("Which?\n\nA) red\nB) blue", "B")]
    assert found.cases[0].context == {"level": 1}
    assert found.cases[2].input[0]["tool_calls"][0]["function"] == {"name": "find", "arguments": '{"q": 1}'}
    assert [one.split()[1] for one in found.notes] == ["need", "have"]
    listed = got(put(tmp_path, "s.json", rows))
    assert [one.source for one in listed.cases] == ["s.json:2", "s.json:13", "s.json:21"]
    csv = got(put(tmp_path, "s.csv", 'input,target,choices\nWhich?,A,"[""x"", ""y""]"\n'))
    assert seen(csv) == [("Which?\n\nA) x\nB) y", "A")]


def test_openai_evals(tmp_path: Path) -> None:
    chat = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]
    found = got(put(tmp_path, "samples.jsonl", [{"input": chat, "ideal": ["a", "b"]}, {"input": "t", "ideal": "c"}]))
    assert (found.form, seen(found)) == ("openai_evals", [(chat, ["a", "b"]), ("t", "c")])


def test_langsmith(tmp_path: Path) -> None:
    rows = [
        {"id": "e1", "inputs": {"question": "q", "lang": "en"}, "outputs": {"answer": "a"},
         "metadata": {"dataset_split": ["test"], "by": "ann"}, "source_run_id": "r1"},
        {"id": "e2", "inputs": {"messages": [{"type": "human", "content": "hi"}]},
         "outputs": {"messages": [{"type": "ai", "content": "hello"}]}},
        {"id": "e3", "inputs": {"x": "only"}, "outputs": {"name": "n", "sum": 3}},
    ]  # fmt: skip
    found = got(put(tmp_path, "e.json", rows))
    assert found.form == "langsmith"
    assert seen(found) == [
        ("q", "a"),
        ([{"role": "user", "content": "hi"}], "hello"),
        ("only", {"name": "n", "sum": 3}),
    ]
    assert (found.cases[0].split, found.cases[0].context) == ("test", {"by": "ann", "lang": "en", "source_run": "r1"})
    assert found.notes == ["1 with several outputs: score them with the evaluator `fields`"]


def test_ragas_of_both_generations(tmp_path: Path) -> None:
    new = {"user_input": "q", "retrieved_contexts": ["p1", "p2"], "response": "r", "reference": "a"}
    turns = {
        "user_input": [{"type": "human", "content": "do it"}, {"type": "ai", "content": "", "tool_calls": []}],
        "reference_tool_calls": [{"name": "act", "args": {"n": 1}}],
    }
    found = got(put(tmp_path, "r.jsonl", [new, turns]))
    assert found.form == "ragas"
    assert seen(found) == [
        ("q", "a"),
        ([{"role": "user", "content": "do it"}], [{"tool": "act", "arguments": {"n": 1}}]),
    ]
    assert found.cases[0].recorded == {
        "retrieval": [{"passages": [{"text": "p1"}, {"text": "p2"}]}], "answer": {"text": "r"},
    }  # fmt: skip
    assert "1 conversations" in found.notes[0]
    old = got(put(tmp_path, "r.csv", "question,contexts,answer,ground_truth\nq,\"['p']\",r,a\n"))
    assert (old.form, seen(old)) == ("ragas", [("q", "a")])
    assert old.cases[0].recorded["retrieval"] == [{"passages": [{"text": "p"}]}]


def test_beir(tmp_path: Path) -> None:
    put(tmp_path, "queries.jsonl", [{"_id": "1", "text": "why"}, {"_id": "2", "text": "unjudged"}])
    (tmp_path / "qrels").mkdir()
    put(tmp_path, "qrels/test.tsv", "query-id\tcorpus-id\tscore\n1\td1\t2\n")
    (case,) = got(tmp_path).cases
    assert (case.id, case.input, case.context) == ("1", "why", {"relevant": {"d1": 2.0}})
    lines = got(put(tmp_path, "q.jsonl", [{"id": "a", "text": "why", "relevant": ["d1"]}]))
    assert (lines.form, lines.cases[0].context) == ("beir", {"relevant": {"d1": 1.0}})


@pytest.mark.parametrize(
    ("name", "form", "said", "message"),
    [
        ("a.jsonl", "", '{"input": "x", "target": "y"}\n{"input": \n', "a.jsonl:2: not a JSON object"),
        ("a.jsonl", "inspect", '{"input": "x"}\n\n{"target": "y"}\n', "a.jsonl:3: a sample needs `input`"),
        ("a.jsonl", "inspect", '{"input": [{"text": "x"}]}\n', "a.jsonl:1: each message has `role`"),
        ("a.json", "", '[\n{"inputs": {"q": "x"}},\n{"inputs": 3}]', "a.json:3: an example needs `inputs`"),
        ("a.json", "", '[{"inputs": {"q": "x"}}\n{"inputs": 3}]', "a.json:1: the list goes on with"),
        ("a.json", "", '[{"inputs": {"a": "x", "b": "y"}}]', "a.json:1: which of these is asked"),
        ("a.json", "", "[\n[1]]", "has none of the known forms"),
        ("a.yaml", "", "tests:\n- vars: {q: x}\n- vars: {q: 'file://y'}\n", "a.yaml:3: `q` is the file"),
        ("a.yaml", "", "prompts: ['{{x}}']\ntests:\n- vars: {q: x}\n", "a.yaml:3: the prompt cannot be filled"),
        ("a.yaml", "promptfoo", "tests: [\n", "a.yaml:2: "),
        ("a.yaml", "promptfoo", "tests:\n  " + "{a: " * 50_000, "a.yaml:2: it is nested"),
        ("a.yaml", "promptfoo", "tests:\n" + "- " * 100_000, "a.yaml:2: it is nested"),
        ("a.yaml", "", "tests: file://gone.csv\n", "which is no file beside it"),
        ("a.csv", "", "input,target\na,b\nc,d,e\n", "a.csv:3: the line has not as many columns"),
        ("a.csv", "", "x,y\n1,2\n", "has none of the known forms"),
        ("a.jsonl", "nonsense", "{}", "no 'nonsense' in"),
        ("a.jsonl", "jsonl", "\n", "a.jsonl has no case"),
        ("a.jsonl", "", '{"id": "a", "input": "x"}\n{"id": "a", "input": "y"}\n', "a.jsonl:2: the id 'a'"),
    ],
)  # fmt: skip
def test_mistakes_name_the_file_and_the_line(tmp_path: Path, name: str, form: str, said: str, message: str) -> None:
    path = put(tmp_path, name, said)
    with pytest.raises(RequestError) as caught:
        got(path, form)

    assert message in caught.value.message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="there is no such file"):
        got(tmp_path / "gone.jsonl")
