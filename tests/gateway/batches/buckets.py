"""What is true of batches at both providers that take them in buckets."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from tests.gateway.batches.conftest import line
from tests.gateway.batches.stores import KEY, REGION, SECRET
from tests.gateway.batches.theirs_buckets import BEDROCK_MODEL, ROLE, BedrockProvider, BucketProvider, VertexProvider

BEDROCK = (
    '{{bedrock: {{base_url: "{root}", models: ["'
    + BEDROCK_MODEL
    + '"], batch_bucket: "s3://mine/some/place", batch_role: "'
    + ROLE
    + '", batch_bucket_url: "{root}/s3", batch_jobs_url: "{root}/jobs"}}}}'
)
VERTEX = (
    '{{vertex: {{base_url: "{root}", region: europe-west4, project: my-project, models: [gemini-2.5-flash],%s'
    ' batch_bucket: "gs://mine/some/place", batch_bucket_url: "{root}/gcs"}}}}'
)


class Vendor(NamedTuple):
    """A provider, how the configuration names it, and the fewest lines that it takes."""

    name: str
    model: str
    provider: Callable[..., BucketProvider]
    reached: str
    least: int

    def lines(self, count: int, text: str = "scripted:words=3") -> list[dict[str, object]]:
        return [line(f"r-{i}", f"{text} {i}", model=self.model, max_tokens=50) for i in range(count)]


VENDORS = {
    "bedrock": Vendor("bedrock", BEDROCK_MODEL, BedrockProvider, BEDROCK, 100),
    "vertex": Vendor("vertex", "gemini-2.5-flash", VertexProvider, VERTEX % ' api_key: "${{env:PROVIDER_KEY}}",', 1),
}


def credentials(patch: pytest.MonkeyPatch) -> None:
    """Those that the scripted providers know, and none of this machine."""
    patch.setenv("PROVIDER_KEY", "k-1")
    for name, value in (("ACCESS_KEY_ID", KEY), ("SECRET_ACCESS_KEY", SECRET), ("REGION", REGION)):
        patch.setenv(f"AWS_{name}", value)
    for name in ("AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK", "AWS_PROFILE"):
        patch.delenv(name, raising=False)
