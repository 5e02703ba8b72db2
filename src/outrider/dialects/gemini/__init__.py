"""Google Gemini: `generateContent` and its stream, in both directions.

`requests`, `answers` and `streams` are the translations. A conversation goes to chat in `contents` (its model's turns
in `turn`), from chat in `messages` (in `speech`); `tools` and `settings` are the rest of a request. Field names are the
REST API's camelCase; `names` turns the snake_case that it also takes into that.
"""

from outrider.dialects.gemini.names import FORMAT

__all__ = ["FORMAT"]
