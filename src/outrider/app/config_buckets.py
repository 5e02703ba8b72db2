"""`batch_bucket` of a provider: what is said about mistakes, and how bucket and jobs are reached."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from outrider.app import config_reach
from outrider.app.config_structs import Provider
from outrider.base import plugins
from outrider.base.errors import ConfigError
from outrider.base.ports import Bucket, Transport
from outrider.gateway.signed import Signer, SigningTransport
from outrider.providers.presets import Preset

ROLE = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/.+")
SOME_ROLE = "arn:aws:iam::123456789012:role/NAME"
URL = re.compile(r"(s3|gs)://([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])((?:/[A-Za-z0-9!_.*'()-]+)*)/?")
"""A bucket's name, and a prefix of the characters that Bedrock takes."""
VENDORS = {"s3": "Amazon Bedrock", "gs": "Vertex AI"}
RUNTIME = re.compile(r"(https://)bedrock-runtime((?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?)")
"""Bedrock's usual addresses, where those of its jobs and of S3 can be told from."""
PLAIN = ((b"accept-encoding", b"identity"), (b"user-agent", b"outrider"))

Problem = tuple[str, str]


def problems_of(provider: Provider, chosen: Preset | None) -> Iterator[Problem]:
    """The field and what is wrong with it."""
    kind = chosen.batch_bucket if chosen is not None else ""
    url = provider.batch_bucket
    for field in ("batch_role", "batch_jobs_url", "batch_bucket_url"):
        if getattr(provider, field) and not url:
            yield field, "it is for batches in a bucket: add batch_bucket, or leave it out"
        elif getattr(provider, field) and kind != "s3" and field != "batch_bucket_url":
            yield field, "only Amazon Bedrock has this; leave it out"
    if not url:
        return
    if not kind:
        yield "batch_bucket", "only Amazon Bedrock and Vertex AI take batches in a bucket; leave it out"
    elif not url.startswith(f"{kind}://"):
        yield "batch_bucket", f"{VENDORS[kind]} takes batches in {kind}://BUCKET/PREFIX"
    elif not URL.fullmatch(url) or {".", ".."} & set(url.split("/")):
        form = f"{kind}://BUCKET or {kind}://BUCKET/PREFIX"
        yield "batch_bucket", f"write {form}, with letters, digits and !-_.*'() in the prefix, no . or .. alone"
    if kind == "s3" and not provider.batch_role:
        yield "batch_bucket", f"Bedrock works on batches in the name of a role: add batch_role, such as {SOME_ROLE}"
    elif kind == "s3" and not ROLE.fullmatch(provider.batch_role):
        yield "batch_role", f"write a role's ARN, such as {SOME_ROLE}"


class _Place(NamedTuple):
    """An address, and who signs what goes there."""

    base: str
    signer: Signer | None

    @property
    def path(self) -> str:
        return urlsplit(self.base).path.rstrip("/")


def bucket_of(
    name: str,
    provider: Provider,
    base: str,
    chosen: Preset | None,
    headers: Sequence[tuple[bytes, bytes]],
    pool: Callable[[str], Transport],
) -> Bucket | None:
    """The provider's bucket, if the settings name one. `base` is where calls go, `headers` go with them, `pool` opens
    connections to a base URL. Raises ConfigError."""
    found = URL.fullmatch(provider.batch_bucket)
    if found is None or chosen is None or not chosen.batch_bucket:
        return None

    def reached(place: _Place) -> Transport:
        carries = pool(place.base)
        return carries if place.signer is None else SigningTransport(carries, place.signer)

    url = f"{found[1]}://{found[2]}{found[3]}"
    if chosen.batch_bucket == "gs":
        objects = (provider.batch_bucket_url or "https://storage.googleapis.com").rstrip("/")
        place = _Place(objects, config_reach.signer(name, provider, objects, chosen))
        ours = [*PLAIN, *(pair for pair in headers if pair[0] == b"authorization")]
        return Bucket(url, reached(place), place.path, ours)
    there, jobs = _amazon(name, provider, base, found[2])
    return Bucket(url, reached(there), there.path, PLAIN, reached(jobs), jobs.path, provider.batch_role)


def _amazon(name: str, provider: Provider, base: str, bucket: str) -> tuple[_Place, _Place]:
    """S3, and Bedrock's jobs. Both are signed, also where calls go with an API key: it opens no bucket."""
    try:
        aws = plugins.load("outrider.providers.signing", "aws")
    except ImportError as error:
        raise ConfigError(
            f"provider {name!r} needs {error.name} for `batch_bucket`: pip install 'outrider[bedrock]'"
        ) from None
    region: str = provider.region or aws.region_of(base)
    usual = RUNTIME.fullmatch(base)
    if usual is None and not provider.batch_jobs_url:
        raise ConfigError(
            f"provider {name!r} needs `batch_jobs_url`: where Bedrock's batch jobs are asked for cannot be told from "
            f"{base}"
        )
    jobs = provider.batch_jobs_url or f"{usual[1]}bedrock{usual[2]}" if usual else provider.batch_jobs_url or ""
    if provider.batch_bucket_url:
        objects = f"{provider.batch_bucket_url.rstrip('/')}/{bucket}"
    else:
        china = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        host = f"s3.{region}.{china}"
        objects = f"https://{host}/{bucket}" if "." in bucket else f"https://{bucket}.{host}"
    return (
        _Place(objects, aws.Signer(objects, region, service="s3")),
        _Place(jobs.rstrip("/"), aws.Signer(jobs, region)),
    )
