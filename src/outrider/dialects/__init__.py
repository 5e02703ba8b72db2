"""The wire languages of models, each translated to and from one pivot: chat completions with named additions.

A package per language, pure functions on decoded JSON: what a caller wrote becomes chat, chat becomes what a provider
takes, answers and streams likewise. N languages need 2 N translations instead of N². What the additions are is in
`docs/concepts/dialects.md`. `gateway.surface` puts callers' languages in front of the corridor,
`outrider.providers` puts providers' behind it; neither translates itself.
"""

from outrider.dialects.pivot import (
    ODD,
    Fields,
    FromChat,
    Lost,
    ToChat,
    Translated,
    odd_answer,
    odd_request,
    searched,
    sound,
    understood,
    usage,
)

__all__ = [
    "ODD",
    "Fields",
    "FromChat",
    "Lost",
    "ToChat",
    "Translated",
    "odd_answer",
    "odd_request",
    "searched",
    "sound",
    "understood",
    "usage",
]
