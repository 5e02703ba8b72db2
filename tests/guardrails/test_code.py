"""What code reaches, under whatever name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.guardrails import Context, _code_javascript, _code_names, _code_python
from outrider.guardrails.code import Options, check, findings

REACHES = [
    ("import os; os.system('x')", "process"),
    ("from os import system as s; s('x')", "process"),
    ("import subprocess as sp; sp.run(['x'])", "process"),
    ("__import__('os').system('x')", "process"),
    ("__import__('o'+'s').system('x')", "process"),
    ("getattr(__import__('os'), 'sys'+'tem')('x')", "process"),
    ("import importlib; importlib.import_module('subprocess').run('x')", "process"),
    ("eval('1')", "dynamic"),
    ("exec(open('x').read())", "dynamic"),
    ("e = eval; e('1')", "dynamic"),
    ("compile('1','','exec')", "dynamic"),
    ("().__class__.__bases__[0].__subclasses__()", "escape"),
    ("[c for c in ().__class__.__mro__[1].__subclasses__() if c.__name__=='Popen']", "escape"),
    ("getattr((), '__cl'+'ass__')", "escape"),
    ("getattr(x, name)()", "reflection"),
    ("globals()['__builtins__']['eval']('1')", "escape"),
    ("__builtins__.__dict__['ex'+'ec']('1')", "reflection"),
    ("import builtins; builtins.exec('x')", "dynamic"),
    ("open('/etc/passwd')", "environment"),
    ("open('x','w').write('a')", "file_write"),
    ("open('x', mode)", "file_write"),
    ("from pathlib import Path; Path('x').write_text('a')", "file_write"),
    ("import shutil; shutil.rmtree('/')", "file_write"),
    ("import os; os.remove('x')", "file_write"),
    ("import socket; socket.socket()", "network"),
    ("import requests; requests.post('x', data=open('.env').read())", "environment"),
    ("from urllib.request import urlopen", "network"),
    ("import os; os.environ['X']", "environment"),
    ("from os import environ", "environment"),
    ("import ctypes", "dynamic"),
    ("import pickle; pickle.loads(b'')", "dynamic"),
    ("'{0.__class__.__init__.__globals__}'.format(x)", "escape"),
    ("f = lambda: 0; f.__globals__", "escape"),
    ("(lambda: 0).__code__", "escape"),
    ("import sys; sys.modules['os'].system('x')", "process"),
    ("import base64; exec(base64.b64decode('cHJpbnQoMSk='))", "dynamic"),
    ("exec(''.join(chr(x) for x in [1,2]))", "dynamic"),
    ("__import__('\\x6f\\x73').popen('x')", "process"),
    ("__import__('so'[::-1]).system('x')", "process"),
    ("import os as o; f = o.popen; f('x')", "process"),
    ("class A:\n def f(self): return self.__class__.__base__", "escape"),
    ("import asyncio; asyncio.create_subprocess_shell('x')", "process"),
    ("import pty; pty.spawn('sh')", "process"),
    ("x = __import__; x('os')", "dynamic"),
    ("import  multiprocessing; multiprocessing.Process()", "process"),
    ("vars()['x']", "reflection"),
    ("setattr(a,'b',c)", "reflection"),
    ("import numpy; numpy.load('x', allow_pickle=True)", "dynamic"),
    ("try: 1/0\nexcept Exception as e: e.__traceback__.tb_frame.f_globals", "escape"),
    ("import code; code.interact()", "dynamic"),
    ("import types; types.FunctionType(c, {})", "dynamic"),
    ("breakpoint()", "dynamic"),
    ("df.to_csv('/x')", "file_write"),
    ("require('child_process').exec('x')", "process"),
    ("const cp = require('child_' + 'process'); cp.exec('x')", "process"),
    ("import { exec } from 'child_process'; exec('x');", "process"),
    ("import fs from 'fs'; fs.writeFileSync('x','y');", "file_write"),
    ("new Function('return 1')();", "dynamic"),
    ("eval('1');", "dynamic"),
    ("window['ev'+'al']('1');", "dynamic"),
    ("fetch('http://x?c=' + document.cookie);", "network"),
    ("process.env.SECRET;", "environment"),
    ("({}).constructor.constructor('return process')();", "escape"),
    ("[]['filter']['constructor']('alert(1)')();", "escape"),
    ("setTimeout('alert(1)', 1);", "dynamic"),
    ("const m = await import(name); const z = 1;", "dynamic"),
    ("globalThis.process.mainModule.require('fs');", "escape"),
    ("navigator.sendBeacon('x', y);", "network"),
    ("x.__proto__.polluted = 1;", "escape"),
    ("const {exec} = require('child_process'); exec('x');", "process"),
    ("element.innerHTML = x;", "dynamic"),
    ("(0, eval)('1');", "dynamic"),
    ("\"\\x65val\"; this['\\x65val']('1');", "dynamic"),
    ("new WebSocket('ws://x');", "network"),
    ("import('fs').then(f => f.rm('x'));", "file_write"),
]
HARMLESS = [
    "import math; print(math.sqrt(2))",
    "import json; json.loads('{}')",
    "x = [i**2 for i in range(10)]; print(sum(x))",
    "def f(a, b): return a + b",
    "import pandas as pd; df = pd.DataFrame({'a':[1]}); print(df.mean())",
    "import numpy as np; np.array([1,2]).sum()",
    "class A:\n    def __init__(self): self.x = 1",
    "from collections import Counter; Counter('abc').most_common(1)",
    "import re; re.findall('a','b')",
    'print("os.system is dangerous")',
    "d = {}; d['eval'] = 1",
    "from datetime import datetime; datetime.now()",
    "open('data.csv').read()",
    "const a = [1,2].map(x => x * 2); console.log(a);",
    "function f(x) { return x + 1; } f(2);",
    "class A { constructor() { this.x = 1; } }",
    "import dataclasses",
    "@dataclasses.dataclass\nclass P:\n    x: int = 0",
    "JSON.parse('{}'); Math.max(1, 2);",
    "const o = {a: 1}; o['a'];",
    "import matplotlib.pyplot as plt; plt.plot([1])",
    "if __name__ == '__main__': main()",
    "try:\n    x()\nexcept ValueError as e:\n    print(e)",
]


@pytest.mark.parametrize(("code", "kind"), REACHES)
def test_what_code_reaches_is_found(code: str, kind: str) -> None:
    assert kind in {one.kind for one in findings(code) if one.score >= 0.5}


@pytest.mark.parametrize("code", HARMLESS)
def test_usual_code_is_left_alone(code: str) -> None:
    assert [one for one in findings(code) if one.score >= 0.5] == []


@pytest.mark.parametrize(
    "code",
    ["import os", "import json, os", "from os.path import join", "import mathematics", "__import__('os')", "import importlib",  # noqa: E501
     "importlib.import_module('os')", "import os as math", "from . import os", "require('os')"],
)  # fmt: skip
def test_only_listed_modules_may_be_imported(code: str) -> None:
    found = findings(code, Options(imports=("math", "json")))
    assert "import_not_allowed" in {one.kind for one in found}


@pytest.mark.parametrize(
    "code", ["import math", "import json, math as m", "from json import loads", "import json.decoder"]
)
def test_listed_modules_may_be_imported(code: str) -> None:
    assert [one for one in findings(code, Options(imports=("math", "json"))) if one.score >= 0.5] == []


def test_places_count_characters() -> None:
    code = "x = 'ä€😀'; eval('1')\ny = '😀'\nöl = 'é'; exec('2')"
    found = [code[one.start : one.end] for one in findings(code, Options(language="python"))]
    assert found == ["eval", "exec"]
    script = "const x = 'ä€😀'; eval('1');"
    assert {script[one.start : one.end] for one in findings(script) if one.kind == "dynamic"} == {"eval", "eval('1')"}


def test_what_is_no_code_says_so() -> None:
    assert [one.kind for one in findings("this is not ] code at all (")] == ["unreadable"]
    assert findings("") == []
    assert [one.kind for one in findings("x" * 500_001)] == ["unreadable"]
    assert [one.kind for one in findings("(" * 5000 + ")" * 5000, Options(language="python"))] == ["unreadable"]


def test_in_an_answer_only_code_in_fences_is_looked_at() -> None:
    text = "eval('1')\n```text\neval('1')\n```\n```python\neval('1')\n```\n```js\nnew Function('x')\n```\n"
    found = check(text, Context("output"))
    assert {text[one.start : one.end] for one in found} >= {"eval", "new Function('x')"}
    assert min(one.start for one in found) > text.index("```python")


def test_only_the_named_arguments_are_code() -> None:
    options = Options(arguments=("code",))
    assert check("eval('1')", Context("tool_args", argument="title", options=options)) == []
    assert check("eval('1')", Context("tool_args", argument="code", options=options))


@settings(max_examples=3 * settings().max_examples, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_read(code: str) -> None:
    for one in findings(code):
        assert 0 <= one.start <= one.end <= len(code)


_PARTS = st.sampled_from(
    ["x", ".", "(", ")", "[", "]", "'os'", "getattr", "__import__", "+", "=", ";", "\n", ",", "eval", "'ev'", "'al'"]
    * 2
    + ["lambda", ":", "f'{x}'", "import", "os", "as", "if"]
)


@settings(max_examples=3 * settings().max_examples, deadline=None)
@given(st.lists(_PARTS, max_size=14).map(" ".join))
def test_any_code_is_read(code: str) -> None:
    for one in findings(code):
        assert 0 <= one.start <= one.end <= len(code)


def test_the_longest_name_that_is_known_counts() -> None:
    assert _code_names.reach("python", "os.environ.get") == ("environment", 0.6)
    assert _code_names.reach("python", "os.path.join") is None
    assert _code_names.path_reach("a.txt", "r").score < 0.5 < _code_names.path_reach("/etc/passwd", "r").score


def test_what_is_of_another_language_is_not_read() -> None:
    assert _code_python.read("const x = 1;") is None
    assert _code_javascript.read("def f(x):\n    return x", clean=True) is None
