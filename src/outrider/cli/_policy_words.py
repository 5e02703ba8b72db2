"""What `outrider policy` prints."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from outrider.base import clock
from outrider.cli._output import clean, many, note, say, table, when

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from outrider.policy.backtest import Report, Side
    from outrider.policy.desk import Explained
    from outrider.policy.grants import Grant
    from outrider.policy.lint import Linted
    from outrider.policy.permissions import Roster
    from outrider.policy.propose import Proposal
    from outrider.policy.timeline import Tallies

_VERDICTS = {"allow": "allowed", "ask": "a person is asked", "deny": "refused"}


def decision(one: "Explained") -> None:
    """A decision: the verdict, why, where its values came from, the labels it rests on."""
    rules = ", ".join(one.rules)
    say(f"{_VERDICTS[one.verdict]} by {rules}" if rules else _VERDICTS[one.verdict])
    for line in one.words:
        say(f"  {clean(line)}")
    labels = one.labels
    said = "declared" if one.declared else "not declared: the worst"
    leaves = ", what it is asked leaves the house" if labels.leaves else ""
    say(f"  labels ({said}): returns {labels.trust} and {labels.privacy}, does {labels.does}{leaves}")
    if one.shadow and one.shadow != one.verdict:
        say(f"  with the shadow rules: {_VERDICTS[one.shadow]}")


def report(one: "Report") -> None:
    """Before and after, rules that decided, calls that change."""
    say(f"{many(one.calls, 'call')} in {many(one.sessions, 'session')}")
    rows = [(name, str(getattr(one.before, name)), str(getattr(one.after, name))) for name in ("allow", "ask", "deny")]
    rows.append(("quiet sessions", str(one.before.quiet), str(one.after.quiet)))
    table(("verdict", "before", "after"), rows, right=("before", "after"))
    _rules(one.before, one.after)
    if not one.changed:
        say("No call changes.")
    for name, count in sorted(one.changed.items()):
        say(f"{name}: {many(count, 'call')}")
    for change in one.changes:
        say(f"  {change.session} · {when(change.at)} · {change.agent or 'an agent'}: {change.before} → {change.after}")
        say(f"    {change.tool} {clean(change.arguments)}")
        for line in change.why:
            say(f"      {clean(line)}")
    if sum(one.changed.values()) > len(one.changes):
        note(f"{many(sum(one.changed.values()) - len(one.changes), 'changed call')} more; --most shows them.")
    if one.skipped:
        note(f"{many(one.skipped, 'call')} left out: their arguments were too large to be kept.")


def _rules(before: "Side", after: "Side") -> None:
    names = sorted({*before.rules, *after.rules})
    if names:
        rows = [(name, str(before.rules.get(name, 0)), str(after.rules.get(name, 0))) for name in names]
        table(("decided by", "before", "after"), rows, right=("before", "after"))


def linted(one: "Linted") -> None:
    """Findings, then proposals as YAML that can be taken over."""
    for finding in one.findings:
        say(f"{finding.level}: {clean(finding.tool)}: {clean(finding.text)} ({finding.code})")
        say(f"  better: {clean(finding.remedy)}")
    if one.proposals:
        say("# Not declared, so taken to be the worst. A proposal, to be read before it is taken over:")
        say("tools:")
        say("  labels:")
        for proposal in one.proposals:
            for line in proposed(proposal):
                say(f"    {line}")
    if not one.tools:
        say("There is no tool to look at: none was called here in that time, or the list is empty.")
    elif not one.findings and not one.proposals:
        say(f"Nothing to say about the labels of {many(one.tools, 'tool')}.")


def proposed(one: "Proposal") -> list[str]:
    """YAML lines of a proposal, its reasons as comments."""
    import msgspec

    labels = msgspec.to_builtins(one.declaration)
    lines = [f"# {clean(reason)}" for reason in one.reasons]
    return [*lines, f"{_yaml(clean(one.tool))}: {_yaml(labels)}"]


def bounds(one: "Grant") -> dict[str, Any]:
    """A grant's bounds as JSON has them: amounts as text."""
    said = {name: getattr(one, name) for name in ("tools", "recipients", "paths", "urls", "ids", "calls", "note")}
    said["until"] = clock.iso(one.until) if one.until else ""
    return said | {"amount": str(one.amount) if one.amount is not None else None}


def command(session: str, one: "Grant") -> str:
    """The command that gives a grant."""
    lists = (
        ("tool", one.tools),
        ("recipient", one.recipients),
        ("path", one.paths),
        ("url", one.urls),
        ("id", one.ids),
    )
    options = [f"--{name} {shlex.quote(clean(value))}" for name, values in lists for value in values]
    options += [f"--amount {one.amount}"] if one.amount is not None else []
    options += [f"--calls {one.calls}"] if one.calls else []
    left = (one.until - clock.now_ns()) // 60_000_000_000
    options += [f"--for {max(1, left)}m"] if one.until else []
    return f"outrider policy grant {shlex.quote(clean(session))} {' '.join(options)}"


def _yaml(value: Any) -> str:
    """A value in YAML's flow form, which JSON is."""
    import msgspec

    return msgspec.json.encode(value).decode()


def roster(one: "Roster") -> None:
    """Who may call what."""
    rows = [("role", name, "", " ".join(tools)) for name, tools in sorted(one.roles.items())]
    for kind, named in (("user", one.users), ("agent", one.agents), ("key", one.keys)):
        rows += [(kind, name, " ".join(s.roles), " ".join(s.tools)) for name, s in sorted(named.items())]
    table(("kind", "name", "roles", "tools"), rows)
    free = [kind for kind, named in (("users", one.users), ("agents", one.agents), ("keys", one.keys)) if not named]
    if one.claims:  # whoever has none of them, and is not named, has nothing
        free = [kind for kind in free if kind != "users"]
        note("An identity provider gives users the roles that its claims name; who has none by it or here has nothing.")
    if missing := one.missing():
        note(f"No role is called {' or '.join(missing)}: it gives nothing until `policy.roles` or `allow role` has it.")
    if free:
        note(f"Nothing is said about {' and '.join(free)}: all of them may call every tool, as far as labels let them.")


def tallies(one: "Tallies") -> None:
    """What shadow rules would have changed, and how often each rule decided."""
    say(f"{many(one.looked_at, 'decision')} looked at")
    changes: Sequence[tuple[str, str]] = [(name, str(count)) for name, count in sorted(one.shadow.items())]
    if changes:
        table(("verdict → with shadow rules", "calls"), changes, right=("calls",))
    else:
        say("Shadow rules would have changed none, or there are none.")
    rows = [(name, str(t.allow), str(t.ask), str(t.deny)) for name, t in sorted(one.rules.items())]
    table(("decided by", "allow", "ask", "deny"), rows, right=("allow", "ask", "deny"))
