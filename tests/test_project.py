"""The conventions of the house, as tests. Allow-lists only shrink: an entry that is no longer needed fails too."""

import ast
import functools
import importlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import outrider

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "outrider"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FILES = sorted(SRC.rglob("*.py"))

LONG_FILES: dict[str, int] = {}
LONG_FUNCTIONS: frozenset[str] = frozenset()
BROAD_EXCEPTS = {
    "app.build": 1,
    "evals.evaluators": 1,
    "evals.subjects.python": 1,
    "gateway.batches.runner": 2,
    "gateway.control.reader": 1,
    "gateway.control.stage": 1,
    "gateway.server": 1,
    "knowledge.work": 1,
    "providers.embedded.generation": 1,
    "testing.running": 1,
    "tools.upstreams._link": 1,
}
WITHOUT_A_TEST = [
    "api.shapes_knowledge",
    "gateway.surface.http",
    "gateway.surface.traces",
    "journal.bodies",
    "journal.tail",
    "store.sqlite",
    "testing.provider",
    "testing.serving",
]
"""Tested through the whole server, by tests of another name."""


def name_of(path: Path) -> str:
    """`outrider.journal.read` for its file; a package for its `__init__.py`."""
    parts = path.relative_to(SRC.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


class Known(NamedTuple):
    """What the tests below ask of one file, read once: its definitions, and the lines where dotted names are used."""

    classes: list[str]
    functions: list[ast.FunctionDef | ast.AsyncFunctionDef]
    used: dict[str, list[int]]


@functools.cache
def known(path: Path) -> Known:
    found = Known([], [], {})
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef):
            found.classes.append(node.name)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            # Without what is in it, but for the last statement: that is all they ask, and the rest is large.
            found.functions.append(type(node)(**{**vars(node), "body": node.body[-1:]}))
        elif isinstance(node, ast.Attribute | ast.Name) and (name := dotted(node)):
            found.used.setdefault(name, []).append(node.lineno)
    return found


def dotted(node: ast.expr) -> str:
    """`a.b.c`; empty if it is none."""
    if isinstance(node, ast.Name):
        return node.id
    before = dotted(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{before}.{node.attr}" if before and isinstance(node, ast.Attribute) else ""


def short(module: str) -> str:
    return module.removeprefix("outrider.")


# -- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("package", [m for m, p in MODULES.items() if p.name == "__init__.py"])
def test_public_names_are_all(package: str) -> None:
    module = importlib.import_module(package)
    names = {n: v for n, v in vars(module).items() if not n.startswith("_")}
    declared = set(getattr(module, "__all__", ()))
    assert {n for n, v in names.items() if getattr(v, "__module__", "") == package} <= declared
    assert declared - {"__version__"} <= names.keys()
    assert len(declared) <= {"outrider": 25, "outrider.journal.events": 40}.get(package, 12)


_BANNED = re.compile(
    r"(?:^|_)(?:managers?|helpers?|utils?|common|services?|processors?|handlers?|engines?|factory|v2)(?:$|_)"
    r"|^(?:data|info)$"
)


def test_names_say_what_things_are() -> None:
    found = []
    for module, path in MODULES.items():
        names = [path.stem, *known(path).classes, *(made.name for made in known(path).functions)]
        words = [re.sub(r"(?<=[a-z])(?=[A-Z])", "_", n).lower() for n in names]
        found += [
            f"{module}: {n}" for n, w in zip(names, words, strict=True) if _BANNED.search(w) or w in ("data", "info")
        ]
    assert not found


# -- layers -----------------------------------------------------------------------------------------------------------


def test_every_package_has_a_layer() -> None:
    (contract,) = PROJECT["tool"]["importlinter"]["contracts"]
    layered = {name.strip() for layer in contract["layers"] for name in layer.split("|")}
    assert layered == {p.name for p in SRC.iterdir() if (p / "__init__.py").is_file()}


def test_no_import_cycle() -> None:
    graph = {module: set(_imports(module, path)) for module, path in MODULES.items()}
    done: set[str] = set()

    def walk(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " → ".join((*way[way.index(module) :], module))
        if module not in done:
            for below in sorted(graph[module]):
                walk(below, (*way, module))
            done.add(module)

    for module in graph:
        walk(module, ())


def _imports(module: str, path: Path) -> Iterator[str]:
    """Modules of ours that are imported when `module` is, by its own statements."""
    for node in _at_import(tree(path)):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            inner = {f"{node.module}.{a.name}" for a in node.names}
            yield from inner & MODULES.keys()
            if inner - MODULES.keys() and node.module != module:
                yield node.module


def _at_import(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and any(w in ast.unparse(child.test) for w in ("TYPE_CHECKING", "__main__")):
            continue
        yield child
        yield from _at_import(child)


def loaded_by(statement: str) -> set[str]:
    """What a fresh interpreter has imported after `statement`."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


HEAVY = ("numpy", "onnxruntime", "xllamacpp", "pyarrow", "genai_prices", "pydantic", "google.protobuf", "psycopg")


def test_importing_outrider_imports_nothing_else() -> None:
    assert {m for m in loaded_by("import outrider") if m.startswith("outrider")} == {"outrider"}


def test_importing_the_command_line_is_light() -> None:
    loaded = loaded_by("import outrider.app.main")
    assert not [m for m in HEAVY if m in loaded]
    assert len(loaded - loaded_by("pass")) < 400


# -- what code may do -------------------------------------------------------------------------------------------------


def uses(path: Path, *names: str) -> list[int]:
    """Lines of `path` where one of the dotted `names` is used."""
    return [line for name in names for line in known(path).used.get(name, ())]


def places(*names: str, allowed: tuple[str, ...] = ()) -> list[str]:
    return [f"{m}:{n}" for m, p in MODULES.items() if not m.startswith(allowed or ("-",)) for n in uses(p, *names)]


def test_the_environment_is_read_in_one_module() -> None:
    assert not places("os.environ", "os.getenv", "os.putenv", allowed=("outrider.base.env",))


def test_time_and_chance_come_from_base() -> None:
    clocks = ("time.time", "time.time_ns", "datetime.now", "datetime.utcnow")
    assert not places(*clocks, allowed=("outrider.base.clock",))
    chance = ("os.urandom", "uuid.uuid4", "uuid.uuid1", "random.random", "secrets.token_hex", "secrets.token_urlsafe")
    assert not places(*chance, allowed=("outrider.base.",))


def test_schemas_open_no_files_and_no_addresses() -> None:
    """`$ref` may name any: schemas come from callers, suites and servers of tools."""
    checks = {"validator_for", "is_valid", "validate", "iter_errors", "evaluate", "validator"}
    opening = [
        f"{name}:{node.lineno}"
        for name, path in MODULES.items()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in checks
        and ast.unparse(node.func.value) == "jsonschema_rs"
        and not any(word.arg == "offline" and ast.unparse(word.value) == "True" for word in node.keywords)
    ]  # fmt: skip
    assert not opening


def test_only_the_command_line_prints() -> None:
    assert not places("print", allowed=("outrider.cli", "outrider.testing.scripted"))


def test_nothing_is_left_to_do() -> None:
    words = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "pragma: no " + "cover"]))
    assert not [f"{m}: {w[0]}" for m, p in MODULES.items() if (w := words.search(p.read_text("utf-8")))]


def test_broad_excepts_stand_at_named_edges() -> None:
    """`except Exception` that does not raise again, by module. Edges: a worker's loop, HTTP, a plugin call."""
    found: dict[str, int] = {}
    for module, path in MODULES.items():
        for node in ast.walk(tree(path)):
            if (
                isinstance(node, ast.ExceptHandler)
                and _is_broad(node.type)
                and not isinstance(node.body[-1], ast.Raise)
            ):
                found[short(module)] = found.get(short(module), 0) + 1
    assert found == BROAD_EXCEPTS


def _is_broad(caught: ast.expr | None) -> bool:
    return caught is None or any(n in ast.unparse(caught).split() for n in ("Exception", "BaseException"))


# -- sizes and tests --------------------------------------------------------------------------------------------------


def test_files_fit_in_the_head() -> None:
    lengths = {short(m): len(p.read_text("utf-8").splitlines()) for m, p in MODULES.items()}
    assert {m: n for m, n in lengths.items() if n > LONG_FILES.get(m, 400)} == {}, "divide these"
    assert {m for m in LONG_FILES if lengths.get(m, 0) <= 400} == set(), "short by now: take these off the list"


def test_functions_fit_on_a_screen() -> None:
    found = set()
    for module, path in MODULES.items():
        made = known(path).functions
        found |= {f"{short(module)}.{n.name}" for n in made if (n.end_lineno or 0) - n.lineno >= 70}
    assert found == LONG_FUNCTIONS


def test_every_module_has_its_tests() -> None:
    """`a/b.py` has `tests/a/test_b*.py`, or a test in `tests/a/` imports it; modules of a folder may share its name."""
    found = {p.relative_to(ROOT / "tests"): p.read_text("utf-8") for p in (ROOT / "tests").rglob("*.py")}
    names = {str(p.with_suffix("")) for p in found}

    def tested(module: str) -> bool:
        *folders, name = module.split(".")
        near = ["/".join([*folders, f"test_{name.strip('_')}"])]
        if len(folders) > 1:
            near += ["/".join([*folders[:-1], f"test_{n}"]) for n in (folders[-1], name.strip("_"))]
        named = any(t == n or t.startswith(n + "_") for t in names for n in near)
        inner = re.compile(
            rf"from outrider\.{'.'.join(folders)} import .*\b{name}\b|outrider\.{re.escape(module)} import"
        )
        return named or any(p.parts[0] == folders[0] and inner.search(text) for p, text in found.items())

    code = [short(m) for m, p in MODULES.items() if p.name not in ("__init__.py", "__main__.py") and _acts(p)]
    untested = {m for m in code if not tested(m)}
    assert untested - set(WITHOUT_A_TEST) == set(), "write a test for these"
    assert set(WITHOUT_A_TEST) - untested == set(), "tested by now (or gone): take these off the list"


def _acts(path: Path) -> bool:
    """Whether a module has a function with a body: structs and Protocols alone have nothing to test."""
    last = [made.body[-1] for made in known(path).functions]
    return any(not isinstance(one, ast.Expr) or not isinstance(one.value, ast.Constant) for one in last)


# -- files that are not code ------------------------------------------------------------------------------------------


def test_every_dependency_has_its_reason() -> None:
    groups = {"run": PROJECT["project"]["dependencies"]}
    groups |= PROJECT["project"]["optional-dependencies"] | PROJECT["dependency-groups"]
    page = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    rows = re.findall(r"^\| ([\w.-]+) \| ([\w, ]+) \| \S.*\|$", page, re.MULTILINE)
    told = {name.lower() for name, _ in rows if name != "package"}
    declared = {re.split(r"[\[<>=;! ]", spec)[0].lower() for specs in groups.values() for spec in specs}
    assert told == declared
    assert [n for n, _ in rows if n != "package"] == sorted((n for n, _ in rows if n != "package"), key=str.lower)


def test_make_up_installs_what_reads_documents() -> None:
    """What people start with must do what the README shows."""
    assert "--editable '.[knowledge]'" in (ROOT / "Makefile").read_text("utf-8")
    for page in ("README.md", "docs/guides/getting-started.md"):
        assert "`pip install '.[knowledge]'`" in (ROOT / page).read_text("utf-8"), page


def test_both_databases_have_every_migration() -> None:
    migrations = SRC / "store" / "migrations"
    for schema in (migrations, *(migrations / s for s in ("leases", "knowledge", "casebook"))):
        folders = {d: {p.name for p in (schema / d).glob("*.sql")} for d in ("sqlite", "postgres")}
        assert folders["sqlite"] == folders["postgres"] != set()


_TEXT = ("", ".c", ".css", ".html", ".js", ".md", ".py", ".sql", ".toml", ".yaml")


def texts() -> Iterator[tuple[Path, str]]:
    """Every text file of the project."""
    for pattern in ("*", ".ci/*", "benchmarks/**/*", "docs/**/*", "src/**/*", "tests/**/*"):
        for path in ROOT.glob(pattern):
            if path.is_file() and path.suffix in _TEXT and path.name != "LICENSE":
                yield path, path.read_text("utf-8", errors="replace")


def test_no_file_names_a_machine_or_a_registry() -> None:
    hosts = ["py" + r"pi\.org", "pythonhosted" + r"\.org", "registry" + r"\.npmjs"]
    folders = [rf"(?<![\w./-])/{f}/" for f in ("wo" + "rk", "ro" + "ot", "tmp/" + "dev")]
    banned = re.compile("|".join(hosts + folders))
    assert not [f"{p.relative_to(ROOT)}: {m[0]}" for p, text in texts() if (m := banned.search(text))]


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")]
    broken = []
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")):
            if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert not broken


def test_every_variable_is_documented() -> None:
    docs = "\n".join(p.read_text("utf-8") for p in (ROOT / "docs").rglob("*.md"))
    constants = (n.value for path in FILES for n in ast.walk(tree(path)) if isinstance(n, ast.Constant))
    names = {c for c in constants if isinstance(c, str) and re.fullmatch(r"(OUTRIDER|OTEL)_[A-Z_]+", c)}
    assert sorted(n for n in names if n not in docs) == []


def test_version_and_licence() -> None:
    assert PROJECT["project"]["version"] == outrider.__version__
    assert "Apache License" in (ROOT / "LICENSE").read_text("utf-8")
    assert f"## {outrider.__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert (SRC / "py.typed").is_file()
