"""What the control on the model URL shares in one worker: it reads conversations into sessions, and judges the calls
that models propose. Blocking; the stage uses it in threads."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from outrider.base import clock, ids
from outrider.base.errors import OutriderError, RequestError
from outrider.gateway.control import providers_own, reading
from outrider.gateway.control.calls import NOT_ASKED, Doubts, Judged, Unreadable, arguments, digest
from outrider.gateway.control.wishes import Wishes
from outrider.gateway.control.words import parted
from outrider.policy.claims import Claims
from outrider.policy.control import Control, Outcome, call_of
from outrider.policy.decide import Call
from outrider.policy.declarations import UNDECLARED, Declaration
from outrider.policy.events import Event, Inherited, Said, Turned, returned
from outrider.policy.explain import values
from outrider.policy.identity import Who
from outrider.policy.normal import fold
from outrider.policy.proposed import Proposed
from outrider.policy.recognise import Caller, Conversations, Known
from outrider.policy.sessions import Session
from outrider.policy.turns import (
    SHORTEST_PIECE,
    Proposal,
    Turn,
    id_mark,
    is_random,
    piece_mark,
    pieces,
    strings,
    telling,
)

Place = tuple[int, int]
ENCLOSED = Declaration(trust="untrusted", privacy="private", does="none")
"""What a user's message encloses: files, pictures, retrieved passages, what it repeats."""
_MOST_MARKED = 24
"""Sentences of one result, or of one answer, by which it is known again."""
_fields = msgspec.json.Decoder(dict[str, Any])


class Asked(msgspec.Struct):
    """A request, as the control needs it. `words` is what the header says the user said (None: there is none)."""

    caller: Caller
    session: str
    body: bytes
    words: str | None = None
    parent: str = ""
    headers: Mapping[bytes, bytes] = {}


class Heard(msgspec.Struct):
    """A request whose conversation is in its session. `functions` are those that it offers, with their descriptions;
    `owns`: it offers tools of the provider, too; `said`: the session has words of the user that are new to it."""

    who: Who
    caller: Caller
    functions: dict[str, str]
    owns: bool
    said: bool = False


_FLAGGED = Declaration(privacy="public", does="none")


class Oversight:
    """`declared` gives the labels of a tool by its name (None: it has none), `wishes` what is configured now,
    `claimed` what an identity provider says about a request's user."""

    def __init__(
        self,
        control: Control,
        conversations: Conversations,
        proposed: Proposed,
        declared: Callable[[str], Declaration | None],
        wishes: Callable[[], Wishes],
        claimed: Callable[[Mapping[bytes, bytes]], Claims | None] = lambda _: None,
        said: Callable[[Who], None] = lambda _: None,
    ) -> None:
        self.control, self._conversations, self._proposed = control, conversations, proposed
        self._declared, self.wishes, self._claimed, self.said = declared, wishes, claimed, said

    def declared(self, tool: str) -> Declaration:
        return self._declared(tool) or UNDECLARED

    def of_provider(self, tool: str) -> Declaration:
        return self._declared(tool) or providers_own.declaration(tool)

    # -- before the model is asked ----------------------------------------------------------------------------------

    def hear(self, asked: Asked, wishes: Wishes) -> Heard:
        """Find the session and let it see what is new. Raises RequestError 403, StoreUnavailable."""
        request, caller = _fields.decode(asked.body), asked.caller
        claims = self._claimed(asked.headers)
        if claims is not None:  # what is signed comes before what is said
            caller = msgspec.structs.replace(caller, user=claims.user, agent=claims.agent or caller.agent)
        messages = [one for one in request.get("messages") or () if isinstance(one, dict)]
        turns = reading.turns(messages)
        known = self._conversations.recognise(caller, asked.session, turns, wishes.unrecognised)
        who = Who(
            caller.project,
            known.session,
            caller.user,
            caller.agent,
            claims.roles if claims else (),
            caller.key,
            asked.parent,
        )
        session, before = self._inherit(who, known)
        reader = _Reader(self, session, known, turns, messages, asked.words, wishes)
        groups = [reader.events(at) for at in known.fresh]
        own = self._of_providers(request)
        events = [one for group in groups for one in group]
        if asked.words and session.state.said(fold(asked.words)) is None:
            own = [*own, Said(asked.words)]
        if events or own:
            session = self.control.see(who, *events, *own)
        seqs = _seqs(len(turns), known.fresh, groups, max(1, session.seq - len(own)))
        labelled = session.state.taint is not None or session.state.private is not None
        self._conversations.remember(caller, known, seqs, labelled=labelled)
        self._mark(caller, session, reader.read)
        said = len(session.state.asked) > before
        return Heard(who, caller, reading.offered(request), bool(providers_own.offered(request)), said)

    def flagged(self, heard: Heard) -> None:
        """Taint the session, once: a detector flagged what its conversation says, whoever is said to have said it."""
        if self.control.sessions.get(heard.who.project, heard.who.session).state.taint is None:
            self.control.see(heard.who, returned("guardrail", "a detector flagged the conversation", _FLAGGED))

    def _inherit(self, who: Who, known: Known) -> tuple[Session, int]:
        """The session with what it goes on from, and how many utterances of the user it had before."""
        session = self.control.sessions.get(who.project, who.session)
        before = len(session.state.asked)
        links: list[Event] = []
        for link in known.inherits:
            upto = min(link.seq, self.control.sessions.get(who.project, link.session).seq)
            had = session.parents.get(link.session, 0)
            if upto > had:
                links.append(Inherited(link.session, upto, had, link.foreign))
        return (self.control.see(who, *links) if links else session), before

    def _of_providers(self, request: Mapping[str, Any]) -> list[Event]:
        """What the provider fetches by itself is read by the model within this very answer."""
        found: list[Event] = []
        for tool in providers_own.offered(request):
            declaration = self.of_provider(tool)
            if declaration.trust == "untrusted" and not providers_own.is_made_here(tool):
                found.append(returned(tool, "", declaration))
        return found

    def passages(self, heard: Heard, collection: str, text: str) -> None:
        """What was found for the answer, and is told to the model."""
        tool = f"knowledge__{collection}"
        declaration = self._declared(tool) or ENCLOSED
        self.control.see(heard.who, returned(tool, text, declaration))

    def may_act(self, heard: Heard, request: bytes, wishes: Wishes) -> list[Judged]:
        """The provider's own tools that do something by themselves, judged before they can."""
        out: list[Judged] = []
        for tool, said in providers_own.offered(_fields.decode(request)).items():
            declaration = self.of_provider(tool)
            if declaration.does != "none":
                one = Judged((0, len(out)), Proposal("", tool, ""))
                self._judge(heard, one, wishes, Call(tool, said, declaration, agent=heard.who.agent), "")
                out.append(one)
        return out

    # -- when it has answered ---------------------------------------------------------------------------------------

    def judge(
        self,
        heard: Heard,
        calls: Sequence[tuple[Place, Proposal]],
        notes: Sequence[Mapping[str, Any]],
        text: str,
        wishes: Wishes,
        cost: int,
        doubts: Doubts | None = None,
    ) -> list[Judged]:
        """What becomes of an answer's calls. `notes` are its messages, for what the provider's tools brought."""
        brought = [
            returned(f"provider__{tool}", result, self.of_provider(f"provider__{tool}"))
            for message in notes
            for tool, result in reading.server_results(dict(message))
        ]
        enforce = wishes.mode == "enforce"
        who = heard.who
        halted = None
        if brought or not enforce:
            turned = () if enforce else (Turned(clock.now_ns(), cost),)
            session = self.control.see(who, *brought, *turned)
        if enforce:
            halted = self.control.turn(who, cost)
        plan = f"plan_{ids.token(12)}" if len(calls) > 1 else ""
        out = []
        for place, proposal in calls:
            one = Judged(place, proposal)
            if halted is not None:
                _take(one, halted)
            else:
                self._judge_function(heard, one, wishes, plan, doubts or {})
            out.append(one)
        session = self.control.sessions.get(who.project, who.session)
        for one in out:
            one.tainted = session.state.taint is not None
        self._remember(heard, session, [one for one in out if one.passes or not enforce], text)
        return out

    def _judge_function(self, heard: Heard, one: Judged, wishes: Wishes, plan: str, doubts: Doubts) -> None:
        proposal = one.proposal
        try:
            one.arguments = arguments(proposal.arguments)
        except Unreadable as why:
            one.verdict, one.reasons, one.code = "deny", (str(why),), "unreadable"
            return
        if proposal.tool not in heard.functions and not heard.owns:
            one.verdict, one.code = "deny", "not_offered"
            one.reasons = ("the request did not offer this tool",)
            return
        description = heard.functions.get(proposal.tool, "")
        call = call_of(
            proposal.tool, one.arguments, self.declared(proposal.tool), description=description, who=heard.who
        )
        self._judge(heard, one, wishes, call, plan, doubts.get((proposal.tool, digest(one.arguments)), ()))

    def _judge(
        self, heard: Heard, one: Judged, wishes: Wishes, call: Call, plan: str, doubts: Sequence[str] = ()
    ) -> None:
        one.arguments = call.arguments
        enforce = wishes.mode == "enforce"
        try:
            asks = wishes.on_ask != "refuse"
            outcome = self.control.check(heard.who, call, plan=plan, enforce=enforce, asks=asks, doubts=doubts)
            if enforce and not asks and outcome.verdict == "ask" and outcome.approval is None:
                outcome = msgspec.structs.replace(outcome, verdict="deny")
                one.code = outcome.code or NOT_ASKED
        except OutriderError as error:
            one.verdict, one.reasons, one.code = "deny", (error.message,), error.code
            return
        _take(one, outcome)

    def _remember(self, heard: Heard, session: Session, given: Sequence[Judged], text: str) -> None:
        """What was given to the client is known when it comes back: calls by their ids, sentences of the answer."""
        marks = [
            (id_mark(one.proposal.id), one.proposal.tool, session.seq) for one in given if is_random(one.proposal.id)
        ]
        labelled = session.state.taint is not None or session.state.private is not None
        if labelled:
            texts = [text, *(part for one in given if one.arguments is not None for part in _texts(one.arguments))]
            own = [one for part in texts for one in telling(part, _MOST_MARKED) if session.state.said(one) is None]
            marks += [(piece_mark(one), "", session.seq) for one in own]
        self._conversations.note(heard.caller, session.id, marks)
        made = [(one.proposal.tool, one.arguments) for one in given if one.arguments is not None]
        if made:
            cleared = [one.verdict == "allow" for one in given if one.arguments is not None]
            self._proposed.note(heard.who.project, heard.who.key, session.id, made, cleared)

    def _mark(self, caller: Caller, session: Session, read: Sequence[str]) -> None:
        """Sentences of what others wrote, by which they are known in another conversation."""
        said = session.state.said
        found = {piece_mark(one) for text in read for one in telling(text, _MOST_MARKED) if said(one) is None}
        self._conversations.note(caller, session.id, [(one, "", session.seq) for one in found])


def _texts(arguments: Mapping[str, Any]) -> list[str]:
    """What a call says that may come back as the task of another agent."""
    return strings(msgspec.json.encode(arguments).decode("utf-8", "replace"))[:_MOST_MARKED]


def _take(one: Judged, outcome: Outcome) -> None:
    one.verdict, one.reasons, one.approval = outcome.verdict, outcome.reasons, outcome.approval
    one.private = frozenset(values(outcome.decision))
    one.rules = tuple(rule.id for rule in outcome.decision.because)
    one.code = outcome.code or one.code


def _seqs(turns: int, fresh: Sequence[int], groups: Sequence[Sequence[Event]], upto: int) -> list[int]:
    """How many events the session had after each turn."""
    many = dict(zip(fresh, map(len, groups), strict=True))
    now = upto - sum(many.values())
    out = []
    for at in range(turns):
        now += many.get(at, 0)
        out.append(max(1, now))
    return out or [upto]


class _Reader:
    """Makes the events of new turns. `read` are the texts of others among them."""

    def __init__(
        self,
        oversight: Oversight,
        session: Session,
        known: Known,
        turns: Sequence[Turn],
        messages: Sequence[Mapping[str, Any]],
        words: str | None,
        wishes: Wishes,
    ) -> None:
        self._oversight, self._known, self._turns, self._messages = oversight, known, turns, messages
        self._words, self._wishes = words, wishes
        self._state = session.state
        self._untrusted = session.state.untrusted_texts()
        self._names = {one.id: one.tool for turn in turns for one in turn.calls if one.id} | known.tools
        self.read: list[str] = []

    def events(self, at: int) -> list[Event]:
        turn, message = self._turns[at], dict(self._messages[at])
        if turn.role == "tool":
            return self._result(turn, message)
        if turn.role == "assistant":
            return [
                self._other(f"provider__{tool}", result, self._oversight.of_provider(f"provider__{tool}"))
                for tool, result in reading.server_results(message)
            ]
        if turn.role == "operator":
            return self._said(turn.text, operator=True)
        return [
            *self._user(turn),
            *(self._other("attachment", said, ENCLOSED) for said in reading.attachments(message)),
        ]

    def _user(self, turn: Turn) -> list[Event]:
        if self._words is None and self._wishes.user_text == "messages":
            return self._said(turn.text)
        return [self._other("user message", turn.text, ENCLOSED)] if turn.text else []

    def _said(self, text: str, *, operator: bool = False) -> list[Event]:
        """Somebody's own words, and what they repeat of others."""
        between = () if operator else self._wishes.untrusted_between
        words = parted(text, self._known.written, self._untrusted, self._own, between)
        out: list[Event] = [Said(words.own, operator)] if words.own or not words.others else []
        return [*out, self._other("repeated text", "\n".join(words.others), ENCLOSED)] if words.others else out

    def _own(self, folded: str) -> bool:
        return self._state.said(folded) is not None

    def _result(self, turn: Turn, message: dict[str, Any]) -> list[Event]:
        tool = self._names.get(turn.call) or turn.tool or "unknown tool"
        declaration = self._oversight.declared(tool)
        written = self._known.written
        if declaration.trust == "trusted" and any(
            folded in written for _, folded in pieces(turn.text) if len(folded) >= SHORTEST_PIECE
        ):
            declaration = msgspec.structs.replace(declaration, trust="untrusted", fields={})  # stored, and read back
        out = [self._other(tool, turn.text, declaration)]
        return [*out, *(self._other(tool, one, declaration) for one in reading.attachments(message))]

    def _other(self, tool: str, result: Any, declaration: Declaration) -> Event:
        event = returned(tool, result, declaration)
        if declaration.trust == "untrusted" or declaration.fields:
            texts = strings(result) if isinstance(result, str) else strings(event.result.decode("utf-8", "replace"))
            self.read += texts
            self._untrusted = [*self._untrusted, *map(fold, texts)]
        return event


def refused(judged: Sequence[Judged]) -> RequestError:
    """The refusal of a request whose provider would act by itself."""
    one = next(one for one in judged if not one.passes)
    waits = f" It waits for approval {one.approval.id}." if one.approval is not None and one.verdict == "ask" else ""
    return RequestError(
        f"the provider's tool `{one.proposal.tool}` acts by itself, and the policy does not let it: "
        f"{'; '.join(one.shown[:2])}.{waits} Leave it out, or declare what it does under `tools.labels`",
        status=403,
        code="policy_refused",
        param="tools",
    )
