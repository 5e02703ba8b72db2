"""Files and batches as OpenAI's clients expect them. Pure."""

from collections.abc import Sequence
from typing import Any

from outrider.gateway.batches.files import File
from outrider.gateway.batches.rows import Batch

SECOND = 1_000_000_000


def file(found: File) -> dict[str, Any]:
    return {
        "id": found.id,
        "object": "file",
        "bytes": found.size,
        "created_at": found.created // SECOND,
        "expires_at": _at(found.expires),
        "filename": found.name,
        "purpose": found.purpose,
        "status": "processed",
        "status_details": None,
    }


def batch(found: Batch) -> dict[str, Any]:
    """`outrider` is ours: what its lines wait for at the moment, if they do."""
    about, status = found.about, found.status
    ended = _at(found.ended)
    return {
        "id": found.id,
        "object": "batch",
        "endpoint": found.made.endpoint,
        "model": about.model or None,
        "errors": _errors(found),
        "input_file_id": found.input_file,
        "completion_window": found.made.window,
        "status": status,
        "output_file_id": about.output_file or None,
        "error_file_id": about.error_file or None,
        "created_at": found.created // SECOND,
        "in_progress_at": _at(about.started),
        "expires_at": _at(found.expires),
        "finalizing_at": _at(about.finalizing),
        "completed_at": ended if status == "completed" else None,
        "failed_at": ended if status == "failed" else None,
        "expired_at": ended if status == "expired" else None,
        "cancelling_at": _at(found.cancelling),
        "cancelled_at": ended if status == "cancelled" else None,
        "request_counts": {"total": found.total, "completed": found.completed, "failed": found.failed},
        "usage": {
            "input_tokens": found.input_tokens,
            "input_tokens_details": {"cached_tokens": found.cached_tokens},
            "output_tokens": found.output_tokens,
            "output_tokens_details": {"reasoning_tokens": found.reasoning_tokens},
            "total_tokens": found.input_tokens + found.output_tokens,
        },
        "metadata": found.made.metadata,
        "outrider": {"waits_for": found.waits or None},
    }


def page(items: Sequence[dict[str, Any]], more: bool) -> dict[str, Any]:
    """A page of a listing."""
    return {
        "object": "list",
        "data": items,
        "first_id": items[0]["id"] if items else None,
        "last_id": items[-1]["id"] if items else None,
        "has_more": more,
    }


def _errors(found: Batch) -> dict[str, Any] | None:
    if not found.about.faults:
        return None
    faults = [
        {"code": fault.code, "line": fault.line or None, "message": fault.message, "param": fault.param or None}
        for fault in found.about.faults
    ]
    return {"object": "list", "data": faults}


def _at(moment: int) -> int | None:
    return moment // SECOND if moment else None
