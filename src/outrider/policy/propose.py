"""A declaration for a tool that has none, from its name, its description, its schemas and what it answered before.

A proposal is for a person to read: it errs to the worse label, and says what each label rests on. What a server says of
itself (MCP's annotations) is a reason for the worse label at once, for the better one only where the name agrees.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from outrider.base.errors import ConfigError
from outrider.policy.declarations import Declaration, Effect, Steer, Trust, guess_kind, words_of
from outrider.policy.tool_verbs import COMMANDS, acting, goes_on, looks_up, verb_of
from outrider.policy.traffic import Sample, scalars


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_EFFECTS: tuple[tuple[Effect, str], ...] = (
    (
        "credentials",
        "password passwd credential credentials secret apikey login signin permission permissions grant revoke role"
        " mfa otp sudo authorize impersonate acl",
    ),
    (
        "money",
        "pay payment payout transfer wire refund purchase buy checkout charge invoice withdraw deposit donate tip trade"
        " subscribe order settle reimburse book reserve rent",
    ),
    (
        "destructive",
        "delete remove drop purge destroy wipe truncate erase cancel terminate kill uninstall clear reset archive"
        " unsubscribe trash overwrite format rollback kick ban",
    ),
    (
        "external",
        "send post publish share invite reply forward notify tweet comment upload submit email message call dispatch"
        " broadcast announce execute exec run eval deploy launch trigger webhook push merge sync export request",
    ),
    (
        "internal",
        "create add insert update set edit write save append rename move modify schedule reschedule assign mark put"
        " patch register record log store copy import change replace enable disable start stop open close approve",
    ),
)
_VERBS: dict[Effect, frozenset[str]] = {does: _set(words) for does, words in _EFFECTS}
_OBJECTS: dict[Effect, frozenset[str]] = {
    "credentials": _set(
        "password key keys token secret credential credentials permission permissions role roles access"
    ),
    "money": _set("money payment payments transaction transactions funds transfer invoice"),
    "external": _set(
        "participant participants attendee attendees member members user users guest guests channel issue issues pull"
        " repository repo ticket webhook reaction message email mail invitation"
    ),
}
_FIRST = _set("log record store copy open close start stop change mark put set format clear reset order call checkout")
"""These are verbs only where a name begins with them."""
_NOUNS = _set(
    "order book payment invoice charge trade deposit permission permissions role password secret credential credentials"
    " archive message email call request export post comment log record store copy transfer refund subscribe"
)
"""These are nouns where the name has a verb of reading anywhere."""
_READS = _set(
    "get list read search find fetch lookup show view describe count check query browse retrieve look inspect "
    "peek status history track screenshot exists is has diff download summarize summarise analyze "
    "analyse compare calculate compute convert translate parse validate preview estimate current today whoami "
    "ping help crawl scrape navigate open"
)
_SAYS = _set("action operation op verb method")
_ONLY_READS = re.compile(r"read[- ]only|\bselect\b|\bno (?:writes|changes)\b|without chang")
_WORLD = _set(
    "web internet online http https url urls website site page browse browser crawl scrape google bing duckduckgo "
    "search wikipedia news rss feed"
)
_OUTSIDE = _WORLD - {"search", "page", "site", "feed"}
_CONTENT = _set(
    "body text message content contents subject title description summary note notes comment comments html "
    "markdown caption reason instructions prompt details remark remarks snippet excerpt bio about review post "
    "label"
)
_OTHERS = _set(
    "mail mails email emails inbox message messages chat channel channels thread threads comment comments review "
    "reviews page pages web website websites url article articles news feed post posts tweet issue issues ticket "
    "tickets pull file files document documents doc docs attachment attachments transcript transcripts calendar "
    "event events invite invites note notes wiki forum repo repository readme code search browser html pdf "
    "profile profiles user users contact contacts reservation listing listings product products hotel hotels "
    "restaurant restaurants memory memories conversation conversations slack discord teams notion drive log logs"
)
_MADE = re.compile(
    r"(^|[._-])(id|ids|uuid|guid|created|updated|modified|timestamp|time|date|at|size|count|total|version|status|state|etag|hash|sha)$"
)
_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,63}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")


class Tool(msgspec.Struct, frozen=True):
    """A tool as its server describes it (the JSON of MCP's `tools/list`)."""

    name: str
    description: str = ""
    inputSchema: Mapping[str, Any] = {}
    outputSchema: Mapping[str, Any] | None = None
    annotations: Mapping[str, Any] = {}

    @property
    def arguments(self) -> Mapping[str, Mapping[str, Any]]:
        found = self.inputSchema.get("properties")
        return {k: v if isinstance(v, Mapping) else {} for k, v in found.items()} if isinstance(found, Mapping) else {}


def tools_of(text: bytes | str) -> list[Tool]:
    """Tools from JSON: the answer of MCP's `tools/list`, or a list as models are given it (OpenAI's or Anthropic's
    form). Raises ConfigError."""
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ConfigError(f"the tools are no JSON: {error}") from None
    for key in ("result", "tools"):
        if isinstance(found, Mapping) and key in found:
            found = found[key]
    if not isinstance(found, list):
        raise ConfigError("the tools are a JSON list, or an object with a list in `tools`")
    tools = []
    for at, one in enumerate(found):
        inner = one.get("function", one) if isinstance(one, Mapping) else None
        if not isinstance(inner, Mapping) or not isinstance(inner.get("name"), str):
            raise ConfigError(f"tool {at + 1} has no name")
        schema = inner.get("inputSchema") or inner.get("input_schema") or inner.get("parameters") or {}
        output = inner.get("outputSchema")
        notes = inner.get("annotations")
        tools.append(
            Tool(
                inner["name"],
                str(inner.get("description") or ""),
                schema if isinstance(schema, Mapping) else {},
                output if isinstance(output, Mapping) else None,
                notes if isinstance(notes, Mapping) else {},
            )
        )
    return tools


class Proposal(msgspec.Struct, frozen=True):
    """Labels for a tool, each with what it rests on; `samples` is how many recorded answers were looked at, `aimed` how
    many calls were asked about that went where its answers say."""

    tool: str
    declaration: Declaration
    reasons: tuple[str, ...]
    samples: int = 0
    aimed: int = 0


def propose(tool: Tool, samples: Sequence[Sample] = (), aimed: int = 0) -> Proposal:
    """What its labels could be. That its answers are trusted is never proposed: only who runs it knows who writes in
    them."""
    does, why = effect(tool)
    reasons = [f"does: {does} ({why})"]
    leaves = False
    if does == "none" and (out := sends_out(tool)):
        leaves = True
        reasons.append(f"leaves: true ({out})")
    steers, carries = _arguments(tool)
    reasons += [f"{name} steers as {kind}" for name, kind in steers.items()]
    reasons += [f"{name} is content" for name in carries]
    echoed = sorted({name for one in samples for name in one.echoed})
    if echoed:
        reasons.append(f"echoes: true (its answers repeat {', '.join(echoed)})")
    fields = _made_fields(tool, samples)
    reasons += [f"{path} is trusted (only numbers, dates, or identifiers that it made itself)" for path in fields]
    public = does == "none" and leaves and not samples_private(samples)
    reasons.append(f"privacy: {'public (it asks the outer world)' if public else 'private'}")
    if aimed and does == "none":
        reasons.append(
            f"{aimed} recorded calls were asked about because its answers say where they go: if nobody but you and "
            "your systems writes these, `trust: trusted` ends that"
        )
    declaration = Declaration(
        privacy="public" if public else "private",
        does=does,
        steers=steers,
        carries=tuple(carries),
        fields=fields,
        leaves=leaves,
        echoes=bool(echoed),
        verb=verb_of(tool.name, tool.description) if does != "none" else "",
        idempotent=tool.annotations.get("idempotentHint") is True or does == "none",
    )
    return Proposal(tool.name, declaration, tuple(reasons), len(samples), aimed)


def effect(tool: Tool) -> tuple[Effect, str]:
    """What it does, and what says so."""
    if tool.annotations.get("destructiveHint") is True and tool.annotations.get("readOnlyHint") is not True:
        found = named_effect(tool)
        return (
            found
            if found is not None and found[0] in ("money", "credentials")
            else (
                "destructive",
                "its server says that it destroys",
            )
        )
    found = named_effect(tool)
    if found is not None:
        return found
    words = [*words_of(tool.name), *first_words(tool.description)]
    read = next((word for word in words if word in _READS), "")
    if why := _more_than_reading(tool):
        return "external", why
    if read and tool.annotations.get("readOnlyHint") is not False:
        return "none", f"{read!r} in its name or description, and nothing that speaks for more"
    if tool.annotations.get("readOnlyHint") is not False and looks_up(
        tool.name, tool.description, dict.fromkeys(tool.arguments)
    ):
        return "none", "its name and description are those of a thing that is looked up"
    return "external", "nothing says what it does"


def _more_than_reading(tool: Tool) -> str:
    """Why a tool that is called like reading may do more; "" if nothing says so."""
    if word := acting(words_of(tool.name), _READS):
        return f"{word!r} in its name"
    if word := goes_on(tool.description):
        return f"{word!r} in its description"
    for name, schema in tool.arguments.items():
        words, given = words_of(name), schema.get("enum")
        if (
            words
            and words[-1] in COMMANDS
            and not (tool.annotations.get("readOnlyHint") is True or _ONLY_READS.search(tool.description.lower()))
        ):
            return f"the argument {name} may be any command"
        if words and words[-1] in _SAYS and isinstance(given, list):
            for value in given:
                if any(part in verbs for part in words_of(str(value))[:1] for verbs in _VERBS.values()):
                    return f"the argument {name} may be {value!r}"
    return ""


def named_effect(tool: Tool) -> tuple[Effect, str] | None:
    """The effect that its name says, else the first verb of its description; None if they speak of reading alone."""
    words = words_of(tool.name)
    reads = next((at for at, word in enumerate(words) if word in _READS), len(words))
    acted = acting(words, _READS)
    acts: list[tuple[Effect, str]] = []
    for does, verbs in _VERBS.items():
        for at, word in enumerate(words):
            noun = (word in _NOUNS or word in _OTHERS) and reads < len(words)
            if word in verbs and (word == acted or not (reads < at or noun or (at and word in _FIRST))):
                acts.append((does, f"{word!r} in its name"))
    if acts:
        return _with_object(acts[0], set(words))
    if reads < len(words):
        return None
    for word in first_words(tool.description):
        if word in _READS:
            return None
        for does, verbs in _VERBS.items():
            if word in verbs:
                return _with_object((does, f"{word!r} in its description"), set(words))
    return None


def _with_object(found: tuple[Effect, str], words: set[str]) -> tuple[Effect, str]:
    """The same verb is graver with some objects: money, secrets, other people."""
    does, why = found
    if does in ("external", "internal"):
        for graver, objects in _OBJECTS.items():
            if named := words & objects:
                return (graver, f"{why}, with {sorted(named)[0]!r}") if graver != does else found
    return found


def first_words(description: str) -> list[str]:
    """The words that a description begins with, in their plain form."""
    found = re.findall(r"[a-z]+", description.lower().replace("this tool", "").replace("allows you to", ""))[:4]
    return [
        word for one in found for word in {one, one.removesuffix("s"), one.removesuffix("es"), one.removesuffix("ing")}
    ]


def sends_out(tool: Tool) -> str:
    """Why its arguments leave the house although it only reads; "" if nothing says so."""
    for name, schema in tool.arguments.items():
        if guess_kind(name) == "url" or schema.get("format") in ("uri", "url", "iri", "uri-reference"):
            return f"the argument {name} is an address"
    words = {*words_of(tool.name), *re.findall(r"[a-z]+", tool.description.lower()[:400])}
    if words & _OUTSIDE:
        return f"{sorted(words & _OUTSIDE)[0]!r} in its name or description"
    return "its server says that it reaches the open world" if tool.annotations.get("openWorldHint") is True else ""


def written_by_others(tool: Tool) -> str:
    """A word of its name that speaks of what others write; "" if there is none."""
    words = words_of(tool.name)
    return next((word for word in words if word in _OTHERS), "")


def steering(name: str, schema: Mapping[str, Any]) -> Steer | None:
    """The kind of an argument by its name and schema; None: it is content."""
    of = schema.get("items") if schema.get("type") == "array" and isinstance(schema.get("items"), Mapping) else schema
    given = of if isinstance(of, Mapping) else schema
    formats: dict[str, Steer] = {
        "email": "recipient", "idn-email": "recipient", "uri": "url", "url": "url", "iri": "url", "date": "date",
        "date-time": "date", "time": "date", "uuid": "id",
    }  # fmt: skip
    found = formats.get(str(given.get("format")))
    if found is not None:
        return found
    if given.get("type") == "boolean" or "enum" in given or "const" in given:
        return "choice"
    words = words_of(name)
    if words and words[-1] in _CONTENT and given.get("type", "string") == "string":
        return None
    return guess_kind(name)


def _arguments(tool: Tool) -> tuple[dict[str, Steer], list[str]]:
    steers: dict[str, Steer] = {}
    carries = []
    for name, schema in tool.arguments.items():
        kind = steering(name, schema)
        if kind is None:
            carries.append(name)
        else:
            steers[name] = kind
    return steers, carries


def _made_fields(tool: Tool, samples: Sequence[Sample]) -> dict[str, Trust]:
    """Fields of its answers that a system makes itself: of the output schema, else of five answers or more."""
    if tool.outputSchema is not None:
        found = [path for path, schema in _leaves(tool.outputSchema) if _made_schema(path, schema)]
        return dict.fromkeys(found, "trusted")
    if len(samples) < 5:
        return {}
    values: dict[str, list[Any]] = {}
    for one in samples:
        for path, value in scalars(one.result):
            values.setdefault(path, []).append(value)
    return {path: "trusted" for path, seen in values.items() if path and all(_made_value(path, one) for one in seen)}


def _leaves(schema: Mapping[str, Any], path: str = "", depth: int = 0) -> Iterable[tuple[str, Mapping[str, Any]]]:
    properties, items = schema.get("properties"), schema.get("items")
    if depth > 8:
        return
    if isinstance(properties, Mapping):
        for name, inner in properties.items():
            if isinstance(inner, Mapping):
                yield from _leaves(inner, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(items, Mapping):
        yield from _leaves(items, f"{path}[]", depth + 1)
    elif path:
        yield path, schema


def _made_schema(path: str, schema: Mapping[str, Any]) -> bool:
    if schema.get("type") in ("integer", "number", "boolean") or "enum" in schema or "const" in schema:
        return True
    return schema.get("format") in ("date-time", "date", "time", "uuid", "duration")


def _made_value(path: str, value: Any) -> bool:
    if isinstance(value, bool | int | float):
        return True
    text = str(value)
    return bool(_DATE.fullmatch(text) or (_MADE.search(path) and _PLAIN_ID.fullmatch(text) and "@" not in text))


def samples_private(samples: Sequence[Sample]) -> bool:
    """Whether answers have fields whose names speak of people."""
    private = {
        "email",
        "phone",
        "iban",
        "password",
        "token",
        "secret",
        "address",
        "birthday",
        "ssn",
        "salary",
        "balance",
    }
    return any(private & set(words_of(path)) for one in samples for path, _ in scalars(one.result))
