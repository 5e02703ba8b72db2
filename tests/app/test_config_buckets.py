"""`batch_bucket`: what it means, and what is said about mistakes."""

import pytest

from outrider.app.reach import Reach
from outrider.app.settings import parse
from outrider.base import plugins
from outrider.base.errors import ConfigError
from outrider.base.ports import Bucket, Transport
from outrider.gateway.signed import SigningTransport
from outrider.gateway.upstream import HttpPool
from tests.app.mistakes import problems

ROLE = "arn:aws:iam::123456789012:role/batches"
BEDROCK = 'providers: {bedrock: {models: [m], region: eu-west-1, batch_bucket: "s3://mine/a/b/", batch_role: "%s"%s}}'
VERTEX = 'providers: {vertex: {models: [m], region: global, project: p, batch_bucket: "gs://mine"%s}}'


def bucket(text: str, reach: Reach | None = None) -> Bucket:
    table = (reach or Reach()).table(parse(f"embedded: {{enabled: false}}\n{text}", "test", {"K": "key"}), None)
    found = table.resolve("m").deployments[0].bucket
    assert found is not None
    return found


def origin(transport: Transport | None) -> str:
    pool = transport._inner if isinstance(transport, SigningTransport) else transport
    assert isinstance(pool, HttpPool)
    return pool.origin.authority


async def test_bedrock_has_its_addresses_from_the_region() -> None:
    found = bucket(BEDROCK % (ROLE, ""))
    assert (found.url, found.role) == ("s3://mine/a/b", ROLE)
    assert origin(found.objects) == "mine.s3.eu-west-1.amazonaws.com"
    assert origin(found.jobs) == "bedrock.eu-west-1.amazonaws.com"
    assert (found.path, found.jobs_path) == ("", "")
    assert isinstance(found.objects, SigningTransport)
    assert isinstance(found.jobs, SigningTransport)


async def test_a_key_of_bedrocks_opens_no_bucket() -> None:
    found = bucket(BEDROCK % (ROLE, ', api_key: "${env:K}"'))
    assert isinstance(found.objects, SigningTransport)
    assert b"authorization" not in dict(found.headers)


async def test_other_addresses() -> None:
    urls = ', batch_bucket_url: "https://s3.example/x/", batch_jobs_url: "https://jobs.example/y/"'
    found = bucket(BEDROCK % (ROLE, urls))
    assert (origin(found.objects), found.path) == ("s3.example", "/x/mine")
    assert (origin(found.jobs), found.jobs_path) == ("jobs.example", "/y")
    dotted = bucket((BEDROCK % (ROLE, "")).replace("s3://mine", "s3://my.own"))
    assert (origin(dotted.objects), dotted.path) == ("s3.eu-west-1.amazonaws.com", "/my.own")
    china = bucket((BEDROCK % (ROLE.replace("aws", "aws-cn"), "")).replace("eu-west-1", "cn-north-1"))
    assert origin(china.objects) == "mine.s3.cn-north-1.amazonaws.com.cn"


async def test_an_address_of_its_own_says_where_its_jobs_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with pytest.raises(ConfigError, match="'bedrock' needs `batch_jobs_url`"):
        bucket(BEDROCK % (ROLE, ', base_url: "https://proxy.example"'))


async def test_vertex_takes_cloud_storage_with_its_own_credentials() -> None:
    found = bucket(VERTEX % "")
    assert (found.url, found.jobs) == ("gs://mine", None)
    assert origin(found.objects) == "storage.googleapis.com"
    assert isinstance(found.objects, SigningTransport)
    keyed = bucket(VERTEX % ', api_key: "${env:K}"')
    assert isinstance(keyed.objects, HttpPool)
    assert dict(keyed.headers)[b"authorization"] == b"Bearer key"


async def test_an_unchanged_bucket_keeps_its_connections() -> None:
    reach = Reach()
    first, same = bucket(VERTEX % "", reach), bucket(VERTEX % "", reach)
    moved = bucket((VERTEX % "").replace("gs://mine", "gs://yours"), reach)
    assert first.objects is same.objects is not moved.objects
    await reach.close()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (VERTEX.replace("gs://mine", "s3://mine") % "", "Vertex AI takes batches in gs://BUCKET/PREFIX"),
        (BEDROCK.replace("s3://", "mine:") % (ROLE, ""), "Amazon Bedrock takes batches in s3://BUCKET/PREFIX"),
        (BEDROCK.replace("a/b/", "a b") % (ROLE, ""), "write s3://BUCKET or s3://BUCKET/PREFIX"),
        (BEDROCK.replace("a/b/", "../b") % (ROLE, ""), "no . or .. alone"),
        (BEDROCK.replace("s3://mine", "s3://MINE") % (ROLE, ""), "write s3://BUCKET or s3://BUCKET/PREFIX"),
        (BEDROCK % ("", ""), "add batch_role, such as arn:aws:iam::"),
        (BEDROCK % ("batches", ""), "batch_role: write a role's ARN"),
        (BEDROCK % (ROLE, ", batch_jobs_url: bedrock"), "batch_jobs_url: expected a URL"),
        (VERTEX % f', batch_role: "{ROLE}"', "batch_role: only Amazon Bedrock has this"),
        (f"providers: {{bedrock: {{batch_role: {ROLE!r}}}}}", "batch_role: it is for batches in a bucket"),
        ('providers: {openai: {batch_bucket: "s3://mine"}}', "only Amazon Bedrock and Vertex AI take batches"),
    ],
)
def test_mistakes_are_named(text: str, said: str) -> None:
    (line,) = problems(text)
    assert "providers." in line
    assert said in line


async def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls with an API key need no botocore; batches in a bucket do."""
    load = plugins.load

    def missing(package: str, name: str) -> object:
        if name == "aws":
            raise ImportError("no botocore", name="botocore")
        return load(package, name)

    monkeypatch.setattr(plugins, "load", missing)
    with pytest.raises(ConfigError, match=r"'bedrock' needs botocore for `batch_bucket`: pip install 'outrider\[bed"):
        bucket(BEDROCK % (ROLE, ', api_key: "${env:K}"'))
