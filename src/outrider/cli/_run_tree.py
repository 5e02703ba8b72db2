"""One run for the terminal: its facts, and its steps as a tree with timings."""

from collections.abc import Iterator, Sequence

from outrider.base import ids
from outrider.cli._output import clean, dollars, took, when
from outrider.journal.events import RunRecorded, Step

_MARKS = {"ok": "✓", "error": "✗", "cancelled": "–", "running": "…"}


def facts(run: RunRecorded) -> Iterator[tuple[str, str]]:
    """Label and text of everything about the run that is worth a line; empty things are left out."""
    yield "run", ids.text(run.id)
    yield "started", f"{when(run.at)} UTC"
    yield "status", f"{run.status} (HTTP {run.http_status})" if run.http_status else run.status
    asked = [run.model, run.route if run.route != run.model else "", run.deployment]
    for label, text in (
        ("error", ": ".join(part for part in (run.error, run.message) if part)),
        ("model", " → ".join(part for part in asked if part)),
        ("why", run.why),
        ("project", run.project),
        ("key", run.key),
        ("user", run.user),
        ("agent", run.agent),
        ("session", run.session),
        ("tags", ", ".join(run.tags)),
        ("cache", run.cache),
    ):
        if text:
            yield label, clean(text)
    if run.usage:
        about = " (estimated)" if run.usage.estimated else ""
        yield "tokens", f"{run.usage.input} in ({run.usage.cached} cached), {run.usage.output} out{about}"
    yield "cost", dollars(run.cost)
    timing = [("total", run.duration), ("queue", run.queue), ("first token", run.ttft), ("own overhead", run.overhead)]
    yield "time", ", ".join(f"{name} {took(ns)}" for name, ns in timing if ns or name == "total")


def line(step: Step) -> str:
    """One step in one line: mark, kind, name, when after the run's start, how long, money, what went wrong."""
    parts = [f"{_MARKS[step.status]} {step.kind} {clean(step.name)}", f"+{took(step.start)}", took(step.duration)]
    if step.usage:
        parts.append(f"{step.usage.input}→{step.usage.output} tokens")
    if step.cost:
        parts.append(dollars(step.cost))
    if step.error:
        parts.append(clean(step.error))
    return "  ".join(parts)


def ordered(steps: Sequence[Step]) -> list[tuple[int, Step]]:
    """Every step once with its depth, children below their parent by start. Unknown parents count as the run itself."""
    known = {step.id for step in steps}
    children: dict[int, list[Step]] = {}
    for step in sorted(steps, key=lambda s: (s.start, s.id)):
        parent = step.parent if step.parent in known and step.parent != step.id else 0
        children.setdefault(parent, []).append(step)
    found: list[tuple[int, Step]] = []
    seen: set[int] = set()
    waiting = [(0, step) for step in reversed(children.get(0, []))]
    while waiting:
        depth, step = waiting.pop()
        if step.id in seen:
            continue
        seen.add(step.id)
        found.append((depth, step))
        waiting += [(depth + 1, child) for child in reversed(children.get(step.id, []))]
    # Steps that are their own ancestors hang on nothing: show them, flat.
    return found + [(0, step) for step in steps if step.id not in seen]


def show_tree(title: str, steps: Sequence[Step]) -> None:
    """The tree on a terminal, through rich."""
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    root = Tree(Text(title, style="bold"))
    levels = [root]
    colours = {"ok": "green", "error": "red", "cancelled": "yellow", "running": "cyan"}
    for depth, step in ordered(steps):
        del levels[depth + 1 :]
        text = Text(line(step))
        text.stylize(colours[step.status], 0, 1)
        levels.append(levels[depth].add(text))
    Console().print(root)
