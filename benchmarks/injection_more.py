"""Further harmless texts to train the injection detector on: those that look like attacks or talk about them (what
rules say of themselves, rubrics of judges, docs of attack tools, system prompts), and code.

None of it is from a source that is measured on.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from benchmarks.injection_corpus import Text, parts


def alike(folder: Path) -> Iterator[Text]:
    """Harmless texts with the words of attacks."""
    yield from _descriptions(folder / "agent-threat-rules")
    yield from _rubrics(folder / "pyrit")
    yield from _docs(folder)
    yield from _prompts(folder / "inspect-evals" / "inspect_evals")
    yield from _code(folder)


def _descriptions(root: Path) -> Iterator[Text]:
    """What rules say of themselves: what an attack is, and why it is one."""
    for path in sorted((root / "package" / "rules").rglob("*.yaml")):
        rule = yaml.safe_load(path.read_text("utf-8"))
        if not isinstance(rule, dict):
            continue
        told = str(rule.get("description") or "")
        if len(told) > 80:
            yield Text(f"{rule.get('title', '')}\n{told}"[:1_600], "look-alike", "rules: descriptions")
        said = [one.get("context", "") for part in (rule.get("compliance") or {}).values() if isinstance(part, list)
                for one in part if isinstance(one, dict)]  # fmt: skip
        if said:
            yield Text("\n".join(map(str, said[:3]))[:1_600], "look-alike", "rules: descriptions")
    for path in sorted((root / "package").rglob("*.md")):
        for text in parts(path.read_text("utf-8")):
            yield Text(text, "look-alike", "rules: descriptions")


def _rubrics(root: Path) -> Iterator[Text]:
    """What judges are told to look for."""
    for path in sorted((root / "pyrit" / "datasets" / "score").rglob("*.yaml")):
        for text in parts(path.read_text("utf-8")):
            yield Text(text, "look-alike", "pyrit: rubrics")


def _docs(folder: Path) -> Iterator[Text]:
    """What attack tools say of themselves, in pages and in docstrings."""
    for name in ("garak", "spikee", "pyrit", "promptinject"):
        for path in sorted((folder / name).rglob("*.md")):
            for text in parts(path.read_text("utf-8")):
                yield Text(text, "look-alike", f"{name}: docs")
        for path in sorted((folder / name).rglob("METADATA")):
            for text in parts(path.read_text("utf-8")):
                yield Text(text, "look-alike", f"{name}: docs")
        for path in sorted((folder / name / name).rglob("*.py"))[:: 4 if name == "pyrit" else 1]:
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                    told = ast.get_docstring(node) or ""
                    if len(told) > 150:
                        yield Text(told[:1_600], "look-alike", f"{name}: docs")


_MEASURED = re.compile(
    r"jail|inject|agentdojo|harm|reject|xstest|cyse|b3|threat|stealth|misalign|ipi|agent_bench|persist|tau2|abstention"
    r"|theagentcompany"
)
"""Evaluations of which something is measured on, or that attack."""


def _prompts(root: Path) -> Iterator[Text]:
    """What evaluations tell their models to do: orders to a model from whoever may give them."""
    for path in sorted(root.rglob("*.py")):
        if _MEASURED.search(str(path.relative_to(root))):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Assign) and re.search(r"PROMPT|TEMPLATE|INSTRUCTION", ast.unparse(node.targets[0])):
                for one in ast.walk(node.value):
                    if isinstance(one, ast.Constant) and isinstance(one.value, str) and len(one.value) > 200:
                        yield Text(one.value[:1_600], "look-alike", "inspect: prompts")


def _code(folder: Path, most: int = 700) -> Iterator[Text]:
    """Code with its comments."""
    found = []
    library_of_python = Path(ast.__file__).parent
    for path in [*sorted(library_of_python.glob("*.py")), *sorted((folder / "django" / "django").rglob("*.py"))]:
        text = path.read_text("utf-8", errors="replace")
        found += [text[at : at + 1_400] for at in range(0, min(len(text), 7_000) - 700, 2_800)]
    for text in found[:: max(1, len(found) // most)]:
        yield Text(text, "harmless", "python: code")
