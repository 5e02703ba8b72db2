"""Settings of policy."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from outrider.app.config_approvals import Approvals
from outrider.app.config_values import Duration, Money, Secret, Words
from outrider.gateway.control.wishes import Terms
from outrider.limits import terms
from outrider.policy import permissions
from outrider.policy.claims import Provider, Verifier
from outrider.policy.loops import Limits
from outrider.policy.permissions import Roster

_USUAL = Limits()
_Many = Annotated[int, Meta(ge=0)]


class Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one user, agent or key may call."""

    roles: Annotated[Words, Meta(description="Roles, whose tools it has.")] = ()
    tools: Annotated[
        Words, Meta(description="Tools by name, `*` for any text; `!mail__delete*` takes out what others here give.")
    ] = ()


class IdentityProvider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who vouches for users: tokens (JWT) that it signed become a user and roles."""

    issuer: Annotated[str, Meta(description="What its tokens say in `iss`.", min_length=1)]
    audience: Annotated[str, Meta(description="What they say in `aud`; empty: whatever they do.")] = ""
    keys: Annotated[str, Meta(description="Its keys (JWKS): a file from this folder, or an https address.")] = ""
    secret: Annotated[Secret | None, Meta(description="The secret that is shared with it, instead of keys.")] = None
    header: Annotated[
        str, Meta(description="Header with the token, with or without `Bearer`. Not that of the API key.")
    ] = "x-outrider-identity"
    required: Annotated[bool, Meta(description="Refuse tool calls without a token.")] = False
    user_claim: Annotated[str, Meta(description="Claim that names the user; `a.b` for one within another.")] = "sub"
    agent_claim: Annotated[str, Meta(description="Claim that names the agent; empty: none does.")] = ""
    roles_claim: Annotated[str, Meta(description="Claim with the user's roles or groups.")] = "roles"
    roles: Annotated[
        dict[str, Words],
        Meta(description="What its values mean: roles of `policy.roles`. Empty: each is a role by its own name."),
    ] = {}


class Loops(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From when on a person is asked whether a session may go on; 0: never."""

    learn: Annotated[
        bool,
        Meta(
            description="Learn what is not set here from an agent's recorded sessions: twice the upper end of the "
            "interval of their 99th percentile (95th while there are under 368), from 72 sessions on."
        ),
    ] = True
    same_call: Annotated[
        _Many | None, Meta(description=f"The same call with nothing new in its answers. Usually {_USUAL.same_call}.")
    ] = None
    same_results: Annotated[int, Meta(description="Answers in a row that the session has had before.", ge=0)] = (
        _USUAL.same_results
    )
    cycle: Annotated[int, Meta(description="Rounds of the same few calls in the same order.", ge=0)] = _USUAL.cycle
    returns: Annotated[
        int, Meta(description="Times that a task comes back to an agent that gave it to another one.", ge=0)
    ] = _USUAL.returns
    turns: Annotated[_Many | None, Meta(description=f"Calls of the model. Usually {_USUAL.turns}.")] = None
    calls: Annotated[_Many | None, Meta(description=f"Calls of tools. Usually {_USUAL.calls}.")] = None
    time: Annotated[Duration | None, Meta(description="Since it began. Usually no limit but what is learned.")] = None
    usd: Annotated[Money | None, Meta(description="Dollars in all. Usually no limit but what is learned.")] = None
    usd_in_ten_minutes: Annotated[Money | None, Meta(description="Dollars in ten minutes. Likewise.")] = None

    def limits(self) -> tuple[Limits, frozenset[str] | None]:
        """The limits, and the names of those that are not to be learned (None: none is)."""
        given = {
            "same_call": self.same_call,
            "turns": self.turns,
            "calls": self.calls,
            "seconds": self.time,
            "spend": terms.amount("usd", self.usd) if self.usd is not None else None,
            "slope": terms.amount("usd", self.usd_in_ten_minutes) if self.usd_in_ten_minutes is not None else None,
        }
        said = {name: value for name, value in given.items() if value is not None}
        fixed = {"same_results": self.same_results, "cycle": self.cycle, "returns": self.returns}
        limits = msgspec.structs.replace(_USUAL, **said, **fixed)
        return limits, frozenset(said) if self.learn else None


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model that reads the user's own words, and nothing else, for what they allow."""

    model: Annotated[
        str,
        Meta(description="Route, one without `knowledge`, that is asked when a user says something; empty: none."),
    ] = ""
    apply: Annotated[
        Literal["propose", "auto"],
        Meta(
            description="What becomes of what holds: it is shown to people (`propose`), or also counts as asked for by "
            "the user (`auto`) until they say more. No other rule is lifted, and none of money, deletions or "
            "credentials."
        ),
    ] = "propose"
    lasts: Annotated[Duration, Meta(description="How long such a grant holds at most.", gt=0)] = 3600.0
    patience: Annotated[Duration, Meta(description="How long an answer is waited for. No agent waits.", gt=0)] = 30.0

    def terms(self) -> Terms:
        return Terms(self.model, self.apply, self.lasts, self.patience)


class Marks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two marks that enclose what is not the user's, such as retrieved documents."""

    begin: Annotated[str, Meta(description="Text that stands before it, such as `<documents>`.", min_length=1)]
    end: Annotated[
        str, Meta(description="Text that stands after it; the last one in the message counts.", min_length=1)
    ]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What agents may do."""

    rules: Annotated[
        str | None,
        Meta(description="Cedar file, from this folder; null: the rules that come with Outrider."),
    ] = None
    proposed_calls: Annotated[
        Literal["enforce", "shadow", "off"],
        Meta(
            description="Tool calls that models propose on /v1: hold them back where the rules say so, only record "
            "what the rules would say, or leave them alone."
        ),
    ] = "shadow"
    on_ask: Annotated[
        Literal["explain", "reask", "refuse"],
        Meta(
            description="What becomes of a proposed call that is held back: the answer ends with a text that says what "
            "waits (`explain`), the model is told and may go on otherwise in the same answer (`reask`), or nobody is "
            "asked and it is refused (`refuse`)."
        ),
    ] = "explain"
    user_text: Annotated[
        Literal["messages", "header"],
        Meta(
            description="Where the user's own words are on /v1: in user messages, or only in the header "
            "`x-outrider-user-text` (percent-encoded), so that the messages are what others wrote."
        ),
    ] = "messages"
    untrusted_between: Annotated[
        tuple[Marks, ...], Meta(description="What prompts enclose in user messages that is not the user's.")
    ] = ()
    unrecognised: Annotated[
        Literal["new", "caller"],
        Meta(
            description="The session of a conversation on /v1 that nothing is known of: a new one, or one for all such "
            "conversations of a key, user and agent."
        ),
    ] = "new"
    roles: Annotated[dict[str, Words], Meta(description="Tools of a role, by name or pattern.")] = {}
    users: Annotated[
        dict[str, Subject],
        Meta(description="What users may call. `*`: those not named, who may nothing else once anybody is named."),
    ] = {}
    agents: Annotated[dict[str, Subject], Meta(description="The same of agents: a call needs both.")] = {}
    keys: Annotated[dict[str, Subject], Meta(description="The same of API keys, by their public part.")] = {}
    identity: Annotated[IdentityProvider | None, Meta(description="Who vouches for users.")] = None
    approvals: Annotated[Approvals, Meta(description="Calls that wait for a person.")] = Approvals()
    grants: Annotated[Reading, Meta(description="Grants that a model reads out of the user's words.")] = Reading()
    loops: Annotated[Loops, Meta(description="When a session that goes on and on needs a person.")] = Loops()

    def roster(self) -> Roster:
        """Who may call what."""
        users, agents, keys = (
            {name: permissions.Subject(one.roles, one.tools) for name, one in named.items()}
            for named in (self.users, self.agents, self.keys)
        )
        return Roster(dict(self.roles), users, agents, keys, claims=self.identity is not None)


def verifier(identity: IdentityProvider, folder: Path) -> Verifier:
    """Raises ConfigError where its keys cannot be read."""
    given = {name: getattr(identity, name) for name in Provider.__struct_fields__ if name != "secret"}
    return Verifier(Provider(**given, secret=identity.secret.reveal() if identity.secret else ""), folder)
