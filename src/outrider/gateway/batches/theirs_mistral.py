"""Mistral's batch jobs, at the provider: files as OpenAI has them, jobs of its own kind over them."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from outrider.base.ports import WireRequest
from outrider.gateway.batches.provider_api import Theirs, read
from outrider.gateway.batches.theirs_openai import PAGES, TAG, OpenAIBatches

OVER = ("SUCCESS", "FAILED", "TIMEOUT_EXCEEDED", "CANCELLED")
PAGE = 100
HOURS = 24


class _Job(msgspec.Struct):
    id: str
    status: str
    output_file: str | None = None
    error_file: str | None = None
    metadata: dict[str, Any] | None = None
    total_requests: int = 0
    succeeded_requests: int = 0
    failed_requests: int = 0
    errors: list[dict[str, Any]] | None = None

    def theirs(self) -> Theirs:
        files = tuple(file for file in (self.output_file, self.error_file) if file)
        why = "; ".join(str(one.get("message", "")) for one in self.errors or ()) or self.status.lower()
        done = self.succeeded_requests + self.failed_requests
        well = self.status in ("SUCCESS", "QUEUED", "RUNNING")
        over = self.status in OVER
        return Theirs(self.id, self.status.lower(), over, done, self.total_requests, files, "" if well else why)


class _Page(msgspec.Struct):
    items: list[_Job] = msgspec.field(name="data", default_factory=list)


_job = msgspec.json.Decoder(_Job)
_page = msgspec.json.Decoder(_Page)


class MistralBatches(OpenAIBatches):
    """A `BatchApi`. A job is of one model, which is named beside its file."""

    def line(self, tag: str, number: int, wire: WireRequest) -> bytes:
        return b'{"custom_id":"%d","body":%b}\n' % (number, wire.body)

    async def create(self, tag: str, file: str, texts: Sequence[bytes]) -> Theirs:
        asked = {
            "input_files": [file],
            "endpoint": self._endpoint,
            "model": self._at.model,
            "metadata": {TAG: tag},
            "timeout_hours": HOURS,
        }
        return read(_job, await self._ask("POST", "/batch/jobs", msgspec.json.encode(asked))).theirs()

    async def find(self, tag: str, lines: int, sent: int, known: Collection[str]) -> Theirs | None:
        """The newest job that carries the tag, among the last few hundred."""
        for number in range(PAGES):
            page = read(_page, await self._ask("GET", f"/batch/jobs?page={number}&page_size={PAGE}"))
            for job in page.items:
                if job.metadata is not None and job.metadata.get(TAG) == tag:
                    return job.theirs()
            if len(page.items) < PAGE:
                break
        return None

    async def get(self, id_: str) -> Theirs:
        return read(_job, await self._ask("GET", f"/batch/jobs/{id_}")).theirs()

    async def cancel(self, id_: str) -> None:
        await self._ask("POST", f"/batch/jobs/{id_}/cancel")
