"""Whole processes, as `tests.crash` starts them."""

from tests.crash.conftest import process, provider_url

__all__ = ["process", "provider_url"]
