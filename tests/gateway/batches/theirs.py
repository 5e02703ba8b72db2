"""A scripted provider that has files and batches of its own, like OpenAI's."""

import json
import re
from collections.abc import Sequence
from typing import Any

from outrider.testing import ScriptedProvider
from outrider.testing.plans import Plan, failure, plain

JOBS = {"completed": "SUCCESS", "failed": "FAILED", "expired": "TIMEOUT_EXCEEDED", "cancelled": "CANCELLED"}
OVER = ("completed", "failed", "expired", "cancelled")


class BatchProvider(ScriptedProvider):
    """Works on a batch when it is asked about it for the `patience`th time. `mood` is what goes wrong: `` (nothing),
    `refuses` (no batches), `fails` (at validation), `expires` (with the first half done), `deaf` (begins a batch, but
    its answer is a 500), `lost` (the output is gone),
    `forgetful` (it is deaf, and does not keep a batch's metadata),
    `stubborn` (what is cancelled goes on).
    """

    def __init__(self, *, mood: str = "", patience: int = 2) -> None:
        super().__init__(["gpt-4o-mini", "text-embedding-3-small"])
        self.mood, self.patience = mood, patience
        self.files: dict[str, bytes] = {}
        self.names: dict[str, str] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.live = 0
        self._inside = False

    def plan(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        route = path.partition("?")[0]
        match method, *route.removeprefix("/v1/").split("/"):
            case "POST", "files":
                return self._upload(body)
            case "GET", "files":
                assert "purpose=batch" in path
                return self._said({"data": [{"id": id_, "filename": self.names.get(id_, "")} for id_ in self.files]})
            case "GET", "files", id_, "content":
                gone = self.mood == "lost" or id_ not in self.files
                return failure(404, "gone") if gone else plain(self.files[id_])
            case "DELETE", "files", id_:
                self.files.pop(id_, None)
                return self._said({"id": id_, "deleted": True})
            case "POST", "batches":
                return self._create(json.loads(body))
            case "GET", "batches":
                return self._said({"data": list(self.batches.values())[::-1], "has_more": False})
            case "GET", "batches", id_:
                return self._said(self._asked(self.batches[id_]))
            case "POST", "batches", id_, "cancel":
                if self.mood != "stubborn":
                    self._work(self.batches[id_], "cancelled", half=True)
                return self._said(self.batches[id_])
        if method == "POST":
            self.live += not self._inside
        return super().plan(method, path, headers, body)

    def _said(self, content: dict[str, Any]) -> Plan:
        return plain(json.dumps(content).encode())

    def _upload(self, body: bytes) -> Plan:
        found = re.search(rb"jsonl\r\n\r\n(.*)\r\n--", body, re.DOTALL)
        assert found is not None
        assert b'name="purpose"\r\n\r\nbatch\r\n' in body
        id_ = f"file-theirs-{len(self.files)}"
        named = re.search(rb'filename="([^"]*)"', body)
        assert named is not None
        self.files[id_], self.names[id_] = found[1], named[1].decode()
        return self._said({"id": id_, "object": "file"})

    def _create(self, asked: dict[str, Any]) -> Plan:
        if self.mood == "refuses":
            return failure(400, "no batches for you")
        id_ = f"batch_theirs_{len(self.batches)}"
        lines = self.files[asked["input_file_id"]].splitlines()
        counts = {"total": len(lines), "completed": 0, "failed": 0}
        made = {"id": id_, "status": "in_progress", "request_counts": counts, "asked": 0, **asked}
        if self.mood == "forgetful":  # it keeps no metadata
            made["metadata"] = None
        self.batches[id_] = made
        return failure(500, "who knows") if self.mood in ("deaf", "forgetful") else self._said(made)

    def _asked(self, batch: dict[str, Any]) -> dict[str, Any]:
        batch["asked"] += 1
        if batch["asked"] >= self.patience and batch["status"] not in OVER:
            ends = {"fails": "failed", "expires": "expired"}
            self._work(batch, ends.get(self.mood, "completed"), half=self.mood == "expires")
        return batch

    def _work(self, batch: dict[str, Any], status: str, *, half: bool) -> None:
        batch["status"] = status
        if status == "failed":
            batch["errors"] = {"data": [{"message": "scripted"}]}
            return
        lines = [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
        kinds: dict[bool, list[bytes]] = {True: [], False: []}
        for number, line in enumerate(lines):
            response, error = None, {"code": "batch_expired"}
            if not half or number < len(lines) // 2:
                response, error = self._answer(line), None
            said = {"custom_id": line["custom_id"], "response": response, "error": error}
            kinds[response is not None and response["status_code"] == 200].append(json.dumps(said).encode())
        for good, name in ((True, "output_file_id"), (False, "error_file_id")):
            if kinds[good]:
                batch[name] = f"{batch['id']}-{name}"
                self.files[batch[name]] = b"\n".join(reversed(kinds[good]))
        batch["request_counts"] |= {"completed": len(kinds[True]), "failed": len(kinds[False])}

    def _answer(self, line: dict[str, Any]) -> dict[str, Any]:
        self._inside = True
        plan = super().plan("POST", line["url"], [], json.dumps(line["body"]).encode())
        self._inside = False
        body = json.loads(b"".join(piece for _, piece in plan.pieces))
        return {"status_code": plan.status, "request_id": "theirs", "body": body}


class AzureProvider(BatchProvider):
    """Azure's: below `/openai/v1`, with a key in `api-key`; only deployments that are for batches are worked with, one
    in a file, and nothing of `metadata` is kept. They answer no call."""

    deployment = "gpt-4o-mini-batch"

    def plan(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        assert path.startswith("/openai/v1/")
        if not self._inside:
            assert dict(headers)[b"api-key"] == b"k-1"
            if method == "POST" and path.endswith("completions") and json.loads(body)["model"] == self.deployment:
                return failure(400, "OperationNotSupported")
        return super().plan(method, path.removeprefix("/openai"), headers, body)

    def _create(self, asked: dict[str, Any]) -> Plan:
        lines = [json.loads(line) for line in self.files[asked["input_file_id"]].splitlines()]
        assert {line["body"]["model"] for line in lines} == {self.deployment}
        assert asked["completion_window"] == "24h"
        return super()._create({**asked, "metadata": None})

    def _answer(self, line: dict[str, Any]) -> dict[str, Any]:
        return super()._answer({**line, "url": f"/openai{line['url']}"})


class MistralProvider(BatchProvider):
    """Mistral's: files, and jobs of one model over them."""

    def plan(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        route, _, query = path.partition("?")
        match method, *route.removeprefix("/v1/").split("/"):
            case "POST", "batch", "jobs":
                return self._create(json.loads(body))
            case "GET", "batch", "jobs":
                assert "page_size=100" in query
                first = "page=0" in query
                return self._said(
                    {"data": [self._job(one) for one in reversed(self.batches.values())] if first else []}
                )
            case "GET", "batch", "jobs", id_:
                return self._said(self._job(self._asked(self.batches[id_])))
            case "POST", "batch", "jobs", id_, "cancel":
                self._work(self.batches[id_], "cancelled", half=True)
                return self._said(self._job(self.batches[id_]))
            case _, "batches", *_:
                return failure(404, "no such path")
        return super().plan(method, path, headers, body)

    def _create(self, asked: dict[str, Any]) -> Plan:
        if self.mood == "refuses":
            return failure(422, "no batches for you")
        (file,) = asked["input_files"]
        lines = [json.loads(line) for line in self.files[file].splitlines()]
        assert all(line.keys() == {"custom_id", "body"} for line in lines)
        assert all(line["body"]["model"] == asked["model"] for line in lines)
        assert asked["timeout_hours"] <= 168
        asked = {"input_file_id": file, "endpoint": asked["endpoint"], "metadata": asked["metadata"]}
        said = super()._create(asked)
        return said if said.status != 200 else self._said(self._job(list(self.batches.values())[-1]))

    def _answer(self, line: dict[str, Any]) -> dict[str, Any]:
        return super()._answer({**line, "url": "/v1/chat/completions"})

    def _job(self, batch: dict[str, Any]) -> dict[str, Any]:
        counts = batch["request_counts"]
        errors = [{"message": one["message"], "count": 1} for one in batch.get("errors", {}).get("data", [])]
        return {
            "id": batch["id"],
            "object": "batch",
            "input_files": [batch["input_file_id"]],
            "metadata": batch["metadata"],
            "endpoint": batch["endpoint"],
            "output_file": batch.get("output_file_id"),
            "error_file": batch.get("error_file_id"),
            "errors": errors,
            "status": JOBS.get(batch["status"], "RUNNING"),
            "total_requests": counts["total"],
            "completed_requests": counts["completed"] + counts["failed"],
            "succeeded_requests": counts["completed"],
            "failed_requests": counts["failed"],
        }
