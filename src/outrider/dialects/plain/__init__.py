"""Chat as one vendor takes it: the pivot without the additions that this vendor does not know.

Only for requests that were translated from another language: callers who speak chat say what they mean, and their
bytes pass. `knows` are the additions that a vendor takes (presets.yaml): `cache_control`, `reasoning`,
`reasoning_content`, `reasoning_details`, `reasoning_effort`, `top_k`, `min_p`, `video_url`, `prompt_cache_key`,
`safety_identifier`, `developer`, `short_ids`.
"""

from outrider.dialects.plain.asking import plain

__all__ = ["plain"]
