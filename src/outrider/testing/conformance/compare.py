"""Whether a provider heard what the caller said, and the caller got what the provider said."""

import base64
from collections.abc import Sequence
from typing import Any

from outrider.testing.conformance.got import Got, Wrong, must, same
from outrider.testing.conformance.scenes import Scene, Speaker
from outrider.testing.speaking.words import Ask, Call, Media, Part, Refusal, Reply, Result, Text, Thought, Turn, text_of

Atom = tuple[Any, ...]
_LOOSE = ("tier", "effort", "budget", "cache_key", "user", "metadata", "n", "schema", "json", "logprobs", "verbosity")
"""Parameters that have a rule of their own below, or that need not arrive everywhere."""
_ASPECTS = {
    "presence_penalty": "penalties",
    "frequency_penalty": "penalties",
}


# -- what the provider heard ------------------------------------------------------------------------------------------


def check_heard(scene: Scene, wanted: Sequence[Turn], heard: Ask, speaker: Speaker, dropped: set[str]) -> None:
    """Raises Wrong where the provider heard something else than was said. `dropped` are aspects that were left out."""
    said, found = _plain(wanted, speaker), _plain(heard.turns, speaker)
    if speaker.name == "chat":
        found = _nameless(found, wanted)
    if "json" in scene.needs & speaker.lacks.keys():
        must("JSON" in text_of(heard.turns[0].parts), "nobody told the provider to answer in JSON")
        found = [turn for turn in found if turn[0] != "system"]
    if not scene.ids:
        said, found = _numbered(said), _numbered(found)
    if dropped & {"audio", "image_url", "file_url"}:
        said = [(role, [atom for atom in atoms if atom[0] != "media"]) for role, atoms in said]
    if "tool_image" in scene.needs & speaker.lacks.keys():  # the image stands beside the result, with a word about it
        said, found = _wordless(said), _wordless(found)
    same("roles heard", [role for role, _ in found], [role for role, _ in said])
    for (role, atoms), (_, others) in zip(said, found, strict=True):
        _same_atoms(role, others, atoms)
    _check_thoughts(wanted, heard.turns, speaker)
    _check_tools(scene, heard, speaker, dropped)
    if scene.choice:
        usual = ("", "auto") if scene.choice == "auto" else (scene.choice,)
        without = scene.choice == "none" and not heard.tools
        must(without or heard.choice in usual, f"tool choice heard: {heard.choice!r} instead of {scene.choice!r}")
    _check_params(scene, heard, speaker, dropped)


def _check_tools(scene: Scene, heard: Ask, speaker: Speaker, dropped: set[str]) -> None:
    if "server_tool" in scene.needs:
        own = [bool(tool.kind) for tool in heard.tools]
        return same("the provider's own tools heard", own, [True] * ("server_tool" not in dropped))
    same(
        "tools heard",
        [t.name for t in heard.tools],
        [t.name for t in scene.tools] if scene.choice != "none" or heard.tools else [],
    )
    for tool, other in zip(scene.tools, heard.tools, strict=False):
        same(f"the description of {tool.name}", other.description, tool.description)
        same(f"the schema of {tool.name}", _schema(other.schema), _schema(tool.schema))
        if tool.strict is not None and speaker.name != "gemini":
            same(f"strictness of {tool.name}", bool(other.strict), tool.strict)
    return None


def _plain(turns: Sequence[Turn], speaker: Speaker) -> list[tuple[str, list[Atom]]]:
    """Turns of a role joined, all instructions first, texts joined, thoughts left out."""
    found: list[tuple[str, list[Atom]]] = []
    system = "\n".join(text_of((part,)) for t in turns if t.role in ("system", "developer") for part in t.parts)
    if system:
        found.append(("system", [("text", system)]))
    for turn in turns:
        if turn.role in ("system", "developer"):
            continue
        atoms = [atom for part in turn.parts for atom in _atoms(part, speaker)]
        if found and found[-1][0] == turn.role:
            found[-1][1].extend(atoms)
        else:
            found.append((turn.role, atoms))
    return [(role, _joined(atoms)) for role, atoms in found]


def _nameless(turns: list[tuple[str, list[Atom]]], wanted: Sequence[Turn]) -> list[tuple[str, list[Atom]]]:
    """Without the names of text files: where they become texts, the name may stand over them."""
    names = [
        p.name for turn in wanted for p in turn.parts if isinstance(p, Media) and p.mime == "text/plain" and p.name
    ]
    if not names:
        return turns
    return [
        (role, [("text", a[1].replace(names[0], "")) if a[0] == "text" else a for a in atoms]) for role, atoms in turns
    ]


def _wordless(turns: list[tuple[str, list[Atom]]]) -> list[tuple[str, list[Atom]]]:
    """Without texts that stand beside tools' results."""
    return [
        (role, [a for a in atoms if a[0] != "text"] if atoms and atoms[0][0] == "result" else atoms)
        for role, atoms in turns
    ]


def _numbered(turns: list[tuple[str, list[Atom]]]) -> list[tuple[str, list[Atom]]]:
    """Ids replaced by their order: what matters is that call and result have the same."""
    seen: dict[str, int] = {}
    named = ("call", "result")

    def one(atom: Atom) -> Atom:
        return (atom[0], seen.setdefault(atom[1], len(seen)), *atom[2:]) if atom[0] in named else atom

    return [(role, [one(atom) for atom in atoms]) for role, atoms in turns]


def _atoms(part: Part, speaker: Speaker) -> list[Atom]:
    match part:
        case Text(text=text) | Refusal(text=text):
            return [("text", text)] if text else []
        case Media(mime="text/plain", content=content) if speaker.name == "chat":  # which has no files but PDFs
            return [("text", base64.b64decode(content).decode())]
        case Media(kind=kind, content=content, url=url, cited=cited):
            return [("media", kind, url or content, cited and speaker.name in ("anthropic", "bedrock"))]
        case Call(id=id_, name=name, arguments=arguments):
            return [("call", id_, name, arguments)]
        case Result(id=id_, parts=parts, error=error):
            inner = _joined([atom for one in parts for atom in _atoms(one, speaker)])
            flat = [atom for atom in inner if atom[0] == "media"] if speaker.name in ("chat", "gemini") else []
            kept = [atom for atom in inner if atom not in flat]
            flagged = error and speaker.name not in ("chat", "responses")
            return [("result", id_, flagged, kept), *flat]
    return []


def _joined(atoms: Sequence[Atom]) -> list[Atom]:
    """Results first, as every language wants them; texts that follow one another as one."""
    ordered = [a for a in atoms if a[0] == "result"] + [a for a in atoms if a[0] != "result"]
    out: list[Atom] = []
    for atom in ordered:
        if atom[0] == "text" and out and out[-1][0] == "text":
            out[-1] = ("text", f"{out[-1][1]}\n{atom[1]}")
        else:
            out.append(atom)
    return out


def _same_atoms(role: str, found: Sequence[Atom], wanted: Sequence[Atom]) -> None:
    same(f"parts heard of the {role}", [atom[0] for atom in found], [atom[0] for atom in wanted])
    for one, other in zip(found, wanted, strict=True):
        if one[0] == "text" and "\n" in one[1] + other[1]:
            same(f"{role}'s text", "".join(one[1].split()), "".join(other[1].split()))
        elif one[0] == "result":
            same(f"{role}'s result", one[:3], other[:3])
            texts = [[_words(a[1], one[2:]) if a[0] == "text" else a for a in atoms] for atoms in (one[3], other[3])]
            same(f"what the tool said ({one[1]})", texts[0], texts[1])
        else:
            same(f"{role}'s {one[0]}", one, other)


def _words(text: str, failed: Sequence[Any]) -> list[str]:
    """The words of a result; that it is an error may be said in words where there is no flag."""
    return text.removeprefix("Error:").split() if not failed[0] else text.split()


def _check_thoughts(wanted: Sequence[Turn], heard: Sequence[Turn], speaker: Speaker) -> None:
    """Thoughts come back with the seal that they had."""
    if speaker.name == "chat":
        return
    said, found = (_seals(turns, speaker) for turns in (wanted, heard))
    same("thoughts given back", found, said)
    if speaker.seals == "claude":
        for turn in heard:
            first = [isinstance(part, Thought) for part in turn.parts]
            must(first == sorted(first, reverse=True), "a thought stands after other parts")


def _seals(turns: Sequence[Turn], speaker: Speaker) -> list[Any]:
    found: list[Any] = []
    for turn in turns:
        for part in turn.parts:
            if isinstance(part, Thought) and part.seal:
                found.append((part.text, part.seal) if speaker.seals == "claude" else part.seal)
            elif isinstance(part, Call) and part.seal:
                found.append(part.seal)
    return found


def _schema(schema: Any) -> Any:
    """A schema without what languages add or leave out."""
    if isinstance(schema, dict):
        plain = {k: _schema(v) for k, v in schema.items() if k not in ("additionalProperties", "$schema", "title")}
        return {} if plain == {"type": "object", "properties": {}} else plain
    return [_schema(one) for one in schema] if isinstance(schema, list) else schema


def _check_params(scene: Scene, heard: Ask, speaker: Speaker, dropped: set[str]) -> None:
    said, found = scene.params, heard.params
    for name, value in said.items():
        aspect = _ASPECTS.get(name, name)
        if name == "temperature" and "hot" in dropped:
            aspect = "hot"
        if name not in _LOOSE and aspect not in dropped | speaker.lacks.keys():
            same(f"{name} heard", found.get(name), value)
    for name in ("n", "logprobs", "verbosity"):
        if name in said and name not in dropped:
            same(f"{name} heard", found.get(name), said[name])
    if "schema" in said:
        same("the schema heard", _schema(found.get("schema")), _schema(said["schema"]))
    if "json" in said and "json" not in speaker.lacks:
        must(bool(found.get("json")), "nobody told the provider to answer in JSON")
    if "tier" in said and "tier" not in dropped:
        same("the service tier heard", found.get("tier"), said["tier"])
    if "effort" in said or "budget" in said:
        thinks = found.get("effort") not in (None, "none") or found.get("budget") or found.get("adaptive")
        must(bool(thinks), "nobody told the provider to think")
    if "budget" in said and speaker.name in ("anthropic", "bedrock", "gemini"):
        same("the budget for thinking", found.get("budget"), said["budget"])
    for name in ("cache_key", "user") if speaker.name in ("chat", "responses") else ():
        if name in said:
            same(f"{name} heard", found.get(name), said[name])
    if scene.marks and "marks" not in speaker.lacks:
        must(heard.marks >= scene.marks, f"cache marks heard: {heard.marks} instead of {scene.marks}")
    for name, value in scene.unknown.items():
        same(f"the new field {name}", heard.unknown.get(name), value)


# -- what the caller got ----------------------------------------------------------------------------------------------


def check_got(scene: Scene, reply: Reply, got: Got, speaker: Speaker, cannot: frozenset[str]) -> None:
    """Raises Wrong where the caller got something else than the provider said."""
    if not _unsaid(reply, speaker):  # what a gateway says in its stead is its own affair
        same("text got", _text(got.parts), _text(reply.parts))
    made = [part for part in reply.parts if isinstance(part, Call)]
    made = made[:1] if "held_calls" in scene.tells else made
    calls = [part for part in got.parts if isinstance(part, Call)]
    same("calls got", [(c.name, c.arguments) for c in calls], [(c.name, c.arguments) for c in made])
    same("the calls' ids", [c.id for c in calls], [c.id for c in made])
    ends = {"refusal", "filter"}
    good = got.finish == reply.finish or (got.finish in ends and reply.finish in ends)
    must(good, f"finish got: {got.finish!r} instead of {reply.finish!r}")
    if reply.stopped and "stopped" not in speaker.silent | cannot and speaker.name != "bedrock":
        same("the stop sequence got", got.stopped, reply.stopped)
    if scene.tells & {"thoughts", "plain_thoughts"}:
        same("thoughts got", _thoughts(got.parts), _thoughts(reply.parts))
    if "cites" in scene.tells:
        same("citations got", _cites(got.parts), _cites(reply.parts))
    if "cites_document" in scene.tells:
        found = [c.document for p in got.parts if isinstance(p, Text) for c in p.cites]
        same("documents cited", found, [c.document for p in reply.parts if isinstance(p, Text) for c in p.cites])
    if "likely" in scene.tells:
        same("log-probabilities got", got.likely, list(reply.likely))
    if "more" in scene.tells:
        same("further choices", [_text(parts) for parts in got.more], [_text(parts) for parts in reply.more])
    if scene.native:
        same("new fields got", got.unknown, reply.unknown)
    _check_counts(reply, got, speaker, cannot)


def _unsaid(reply: Reply, speaker: Speaker) -> bool:
    return speaker.name == "gemini" and reply.finish == "refusal"


def _text(parts: Sequence[Part]) -> str:
    return "".join(part.text for part in parts if isinstance(part, Text | Refusal))


def _thoughts(parts: Sequence[Part]) -> str:
    return "".join(part.text for part in parts if isinstance(part, Thought))


def _cites(parts: Sequence[Part]) -> list[tuple[str, str]]:
    return [(cite.url, cite.title) for part in parts if isinstance(part, Text) for cite in part.cites]


def _check_counts(reply: Reply, got: Got, speaker: Speaker, cannot: frozenset[str]) -> None:
    if got.counts is None:
        raise Wrong("no usage")
    counts, found = reply.counts, got.counts
    if _unsaid(reply, speaker):
        return
    same("tokens in", found.input, counts.input)
    same("tokens out", found.output, counts.output)
    same("cached tokens", found.cached, counts.cached)
    if "written" not in speaker.silent | cannot:
        same("tokens written to the cache", found.written, counts.written)
    if "reasoning" not in speaker.silent | cannot:
        same("tokens of thinking", found.reasoning, counts.reasoning)
