"""Errors: the provider's, at the head and within a stream, and the gateway's own."""

from outrider.testing.conformance.catalogue.making import one
from outrider.testing.speaking.words import Failure

SCENES = (
    one("error-refused", "The provider refuses the request", reply=Failure("refused")),
    one("error-key", "The provider refuses the gateway's key", reply=Failure("key")),
    one("error-missing", "The provider has no such model", reply=Failure("missing")),
    one("error-large", "The request is too large for the provider", reply=Failure("large")),
    one("error-limited", "A rate limit, and when to come back", reply=Failure("limited", retry_after=7)),
    one("error-broken", "The provider breaks", reply=Failure("broken")),
    one("error-overloaded", "The provider is overloaded", reply=Failure("overloaded")),
    one("error-in-stream", "An error within a stream", reply=Failure("overloaded", after=2)),
    one("stream-cut", "A stream that is cut off", reply=Failure("broken", after=2, cut=True)),
)
