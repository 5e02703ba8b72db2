"""Feedback: what people say of an answer, and what became of it afterwards."""

from typing import Literal

import msgspec

from outrider.journal.events.step import BlobRef

Thumb = Literal["", "up", "down"]


class FeedbackGiven(msgspec.Struct, tag_field="kind", tag="feedback.given", omit_defaults=True):
    """About a run (its 16-byte id) or a session. `score` lies between 0 and 1; `outcome` is what happened later, in a
    word of the application's. `text` is a payload, `{"edit": …, "comment": …}`, which retention takes as it takes those
    of runs; `edited`: the answer was put right in it. `by` is who sent it, `user` whose word it is.
    """

    id: bytes
    project: str
    at: int
    run: bytes = b""
    session: str = ""
    thumb: Thumb = ""
    score: float | None = None
    outcome: str = ""
    edited: bool = False
    text: BlobRef | None = None
    by: str = ""
    user: str = ""
    v: int = 1

    @property
    def bad(self) -> bool:
        """Whether it says that the answer was not right."""
        return self.thumb == "down" or self.edited or (self.score is not None and self.score < 0.5)
