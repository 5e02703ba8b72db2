"""How far a text is from what was seen before, by its words or by what a model makes of it.

A text's signature is the counts of its words and pairs of words in a fixed number of places (feature hashing:
Weinberger et al. 2009): no model, a fraction of a millisecond. That of an embedding is the embedding in signed bytes,
a long one folded (Charikar, Chen and Farach-Colton 2002). How rare it is, is its distance to the nearest of a small
random sample of what was seen (Sugiyama and Borgwardt 2013, "Rapid distance-based outlier detection via sampling") and
of what was drawn already, so that one rare thing is not drawn again and again (as k-centers are chosen: Sener and
Savarese 2018).
"""

import hashlib
import itertools
import math
import re
import sys
import zlib
from array import array
from collections.abc import Sequence

import msgspec

PLACES, LONGEST = 64, 384
SEEN, DRAWN = 128, 64
"""Signatures that are kept of what was seen (at random) and of what was drawn (the newest)."""
FIRST = 20
"""Texts before anything is rare."""
PACE = 0.02
"""How quickly the usual distance follows."""
_WORDS = re.compile(r"\w+")
_SCALE = 127


class Kept(msgspec.Struct):
    """Signatures that were kept, how many texts were seen, and how far a text usually is. `space` is the model that
    made them (empty: they are of words)."""

    seen: list[bytes] = []
    drawn: list[bytes] = []
    count: int = 0
    usual: float = 0.0
    space: str = ""


def folded(vector: Sequence[float]) -> bytes:
    """The signature of an embedding: at most LONGEST signed bytes, of length about 127 as a vector."""
    import numpy as np

    given = np.asarray(vector, np.float64)
    signs = np.array([1.0 if zlib.crc32(at.to_bytes(4)) & 1 else -1.0 for at in range(len(given))])
    own = given if len(given) <= LONGEST else np.bincount(np.arange(len(given)) % LONGEST, given * signs, LONGEST)
    length = float(np.linalg.norm(own)) or 1.0
    return np.rint(_SCALE * own / length).astype(np.int8).tobytes()


def signature(text: str) -> bytes:
    """The signature: PLACES signed bytes, of length about 127 as a vector."""
    words = _WORDS.findall(text.casefold())[:200]
    counts = [0.0] * PLACES
    for one in [*words, *map(" ".join, itertools.pairwise(words))]:
        hashed = int.from_bytes(hashlib.blake2b(one.encode("utf-8", "surrogatepass"), digest_size=4).digest())
        counts[hashed % PLACES] += 1.0 if hashed & 0x8000_0000 else -1.0
    length = math.sqrt(sum(one * one for one in counts)) or 1.0
    return array("b", [round(_SCALE * one / length) for one in counts]).tobytes()


def distance(one: bytes, others: Sequence[bytes]) -> float:
    """To the nearest, from 0 (the same words) to 1 (nothing shared)."""
    import numpy as np

    if not others:
        return 1.0
    there = np.frombuffer(b"".join(others), np.int8).reshape(len(others), len(one)).astype(np.int32)
    nearest = int((there @ np.frombuffer(one, np.int8).astype(np.int32)).max())
    return max(0.0, min(1.0, 1.0 - nearest / _SCALE**2))


def alike(kept: Kept, space: str, own: bytes) -> bool:
    """Whether a signature can be held against those that are kept: of the same model, also behind its name."""
    return kept.space == space and all(len(one) == len(own) for one in (*kept.seen[:1], *kept.drawn[:1]))


def far(kept: Kept, own: bytes) -> float:
    """How far a signature is from all that is kept."""
    return distance(own, kept.seen + kept.drawn)


def chance(kept: Kept, away: float, share: float) -> float:
    """The chance that a text so far away is drawn: `share` on average, more the farther it is from what was seen, and
    never less than a tenth of it, so that nothing is left out."""
    if kept.count < FIRST:
        return share
    return min(1.0, max(share / 10, share * away / max(kept.usual, sys.float_info.epsilon)))


def see(kept: Kept, own: bytes, away: float, place: float, *, drawn: bool) -> None:
    """Take a text into account, after its chance was said. `place` is random, from 0 to 1."""
    if kept.count:
        kept.usual += max(PACE, 1 / (kept.count + 1)) * (away - kept.usual)
    kept.count += 1
    if drawn:
        kept.drawn = [*kept.drawn, own][-DRAWN:]
    if len(kept.seen) < SEEN:
        kept.seen.append(own)
    elif (at := int(place * min(kept.count, 20 * SEEN))) < SEEN:  # a sample of the last few thousand
        kept.seen[at] = own
