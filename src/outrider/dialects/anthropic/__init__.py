"""Anthropic Messages, to chat and back.

`requests` turns whole requests, with `messages`, `turns` (one turn's blocks), `content` (one block), `tools` and
`thinking` for their parts; `answers`, `streams` (into chat) and `writing` (out of chat) do what comes back, with
`counts` for usage and the reasons why an answer ended; `errors` has the shape of refusals. `carried` is how thoughts of
other languages travel through a caller that speaks this one.
"""

FORMAT = "anthropic-claude-v1"
"""The `format` of everything in chat that only this language can read."""

__all__ = ["FORMAT"]
