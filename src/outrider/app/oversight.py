"""The control on the model URL in a process: the same policy as at the tool URL, by what is configured now."""

from collections.abc import Callable, Sequence

from outrider.app.policy import PolicyHandle
from outrider.gateway.control.oversight import Oversight
from outrider.gateway.control.wishes import Wishes
from outrider.policy.declarations import Declaration
from outrider.policy.recognise import Conversations
from outrider.store import Store
from outrider.tools.ports import Tool


def oversight(
    policy: PolicyHandle, leases: Callable[[], Store], mounted: Callable[[], Sequence[Tool]] = tuple
) -> Oversight:
    """What the corridor asks. `mounted` are the tools of the tool URL: where the owner labelled none of that name, what
    they say of themselves (if it may be believed) holds for a tool of the same name here, too."""

    def declared(name: str) -> Declaration | None:
        return policy.declared(name) or next((one.declaration for one in mounted() if one.name == name), None)

    return Oversight(
        policy.control,
        Conversations(leases),
        policy.proposed,
        declared,
        lambda: wishes(policy),
        policy.claimed,
        policy.said,
    )


def wishes(policy: PolicyHandle) -> Wishes:
    """What the section `policy` says of proposed calls."""
    said = policy.settings.policy
    between = tuple((one.begin, one.end) for one in said.untrusted_between)
    return Wishes(said.proposed_calls, said.on_ask, said.user_text, between, said.unrecognised)
