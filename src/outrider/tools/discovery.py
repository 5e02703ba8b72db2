"""Where the users of a tool server connect their accounts: what it and its authorization server publish (RFC 9728,
RFC 8414), and Outrider as a client there (RFC 7591). What they publish is checked before anybody is sent there."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from outrider.base.errors import UpstreamError

if TYPE_CHECKING:
    from outrider.tools.outward import Meant

PATIENCE = 15.0
LARGEST = 1_000_000


class Found(msgspec.Struct, frozen=True):
    authorize_url: str
    token_url: str
    register_url: str
    issuer: str
    resource: str
    scope: str


async def discovered(server: str, url_: str, at: "Meant") -> Found:
    """What a protected resource and its authorization server publish (RFC 9728, RFC 8414). They may name any address:
    of those inside the network, only `at` is asked. Raises UpstreamError."""
    import httpx2
    from mcp.client.auth import OAuthFlowError
    from mcp.client.auth.utils import (
        build_oauth_authorization_server_metadata_discovery_urls,
        build_protected_resource_metadata_discovery_urls,
        create_oauth_metadata_request,
        extract_resource_metadata_from_www_auth,
        extract_scope_from_www_auth,
        get_client_metadata_scopes,
        handle_auth_metadata_response,
        handle_protected_resource_response,
        validate_metadata_issuer,
    )
    from mcp.shared.auth_utils import check_resource_allowed

    from outrider.tools.outward import client

    try:
        async with client(server, at, PATIENCE, LARGEST) as way:
            async with way.stream("GET", url_) as first:
                pass  # its headers are all: it may be a stream without an end
            hinted = extract_resource_metadata_from_www_auth(first) if first.status_code in (401, 403) else None
            resource = None
            for url in build_protected_resource_metadata_discovery_urls(hinted, url_):
                resource = await handle_protected_resource_response(await way.send(create_oauth_metadata_request(url)))
                if resource is not None:
                    break
            if resource is not None and not check_resource_allowed(url_, str(resource.resource)):
                raise UpstreamError(
                    f"{server!r} says that it is another server: a token for that one would be sent to this one",
                    code="another_resource",
                    retryable=False,
                )
            issuer = str(resource.authorization_servers[0]) if resource is not None else None
            metadata: Any = None
            for url in build_oauth_authorization_server_metadata_discovery_urls(issuer, url_):
                goes_on, metadata = await handle_auth_metadata_response(
                    await way.send(create_oauth_metadata_request(url))
                )
                if metadata is not None or not goes_on:
                    break
            if metadata is None:
                raise UpstreamError(
                    f"{server!r} publishes no authorization server; set `oauth.authorize_url` and `oauth.token_url`",
                    code="no_authorization_server",
                    retryable=False,
                )
            if issuer is not None:
                validate_metadata_issuer(metadata, issuer)
            scope = get_client_metadata_scopes(
                extract_scope_from_www_auth(first), resource, metadata, ["authorization_code", "refresh_token"]
            )
    except (httpx2.HTTPError, OAuthFlowError) as error:
        raise UpstreamError(
            f"the authorization server of {server!r} cannot be found ({type(error).__name__})",
            code="no_authorization_server",
        ) from None
    return Found(
        str(metadata.authorization_endpoint),
        str(metadata.token_endpoint),
        str(metadata.registration_endpoint or ""),
        str(metadata.issuer),
        str(resource.resource) if resource is not None else "",
        scope or "",
    )


async def registered(server: str, found: Found, redirect: str, at: "Meant") -> tuple[str, str]:
    """Outrider as a client of an authorization server (RFC 7591). Raises UpstreamError."""
    import httpx2

    from outrider.tools.outward import client

    if not found.register_url:
        return "", ""
    check_url(server, found.register_url)
    about = {
        "client_name": "Outrider",
        "redirect_uris": [redirect],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        **({"scope": found.scope} if found.scope else {}),
    }
    try:
        async with client(server, at, PATIENCE, LARGEST) as way:
            answer = await way.post(found.register_url, json=about)
        said = msgspec.json.decode(answer.content) if answer.status_code in (200, 201) else {}
        return str(said.get("client_id") or ""), str(said.get("client_secret") or "")
    except (httpx2.HTTPError, msgspec.DecodeError, AttributeError) as error:
        raise UpstreamError(
            f"the authorization server of {server!r} does not register Outrider ({type(error).__name__})",
            code="no_client",
        ) from None


def check_url(server: str, url: str) -> None:
    """Tokens go over TLS, or stay on this machine. Raises UpstreamError."""
    parts = urlsplit(url)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise UpstreamError(
            f"the authorization server of {server!r} is not reached over https", code="not_secure", retryable=False
        )
