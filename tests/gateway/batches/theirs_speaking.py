"""Scripted providers that have batches of their own, of Anthropic's and of Gemini's kind, as their pages describe them.

Each line is heard as strictly as a call would be. `mood`: `` (nothing goes wrong), `refuses` (no batches), `fails` (all
of it), `expires` (with the first half done), `deaf` (begins a batch, but its answer is a 500), `lost` (the output is
gone), `others` (somebody else's batch of as many lines is under way when it is deaf).
"""

import json
from collections.abc import Sequence
from typing import Any

from outrider.testing.plans import Plan, failure, plain
from outrider.testing.speaking.provider import SpeakingProvider

CODES = {400: 3, 404: 5, 429: 8, 500: 13, 503: 14}


class Working(SpeakingProvider):
    path = ""

    def __init__(self, models: Sequence[str], *, mood: str = "", patience: int = 2) -> None:
        super().__init__(models)
        self.mood, self.patience = mood, patience
        self.batches: dict[str, dict[str, Any]] = {}
        self.live, self.deleted, self.cancelled = 0, 0, 0
        self._inside = False

    def plan(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        said = self.batch(method, path, headers, body)
        if said is not None:
            return said
        if method == "POST":
            self.live += not self._inside
        return super().plan(method, path, headers, body)

    def batch(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan | None:
        raise NotImplementedError

    def asked(self, batch: dict[str, Any]) -> dict[str, Any]:
        """It is looked at once more."""
        batch["asked"] += 1
        if batch["asked"] >= self.patience and not batch["over"]:
            self.work(batch, half=self.mood == "expires", why="expired")
        return batch

    def work(self, batch: dict[str, Any], *, half: bool, why: str) -> None:
        batch["over"], lines = True, batch["lines"]
        good = lines[: len(lines) // 2] if half else lines
        batch["answers"] = {number: self.answer(batch, line) for number, line in enumerate(good)}
        batch["why"] = why if half else ""

    def answer(self, batch: dict[str, Any], line: dict[str, Any]) -> tuple[int, Any]:
        self._inside = True
        plan = super().plan("POST", self.path, batch["headers"], json.dumps(line).encode())
        self._inside = False
        return plan.status, json.loads(b"".join(piece for _, piece in plan.pieces))


def _said(content: Any) -> Plan:
    return plain(json.dumps(content).encode())


class AnthropicProvider(Working):
    """`/v1/messages/batches`. `headers` of the batches' making are kept."""

    path = "/v1/messages"

    def __init__(self, *, mood: str = "", patience: int = 2) -> None:
        super().__init__(["claude-sonnet-4-5"], mood=mood, patience=patience)

    def batch(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan | None:
        route, _, _ = path.partition("?")
        if not route.startswith("/v1/messages/batches"):
            return None
        match method, *route.removeprefix("/v1/messages/batches").strip("/").split("/"):
            case "POST", "":
                return self._create(json.loads(body), headers)
            case "GET", "":
                found = [self._shape(self.asked(one)) for one in reversed(self.batches.values())]
                return _said({"data": found, "has_more": False})
            case "GET", id_:
                return _said(self._shape(self.asked(self.batches[id_])))
            case "POST", id_, "cancel":
                self.cancelled += 1
                self.work(self.batches[id_], half=True, why="canceled")
                return _said(self._shape(self.batches[id_]))
            case "GET", id_, "results":
                gone = self.mood == "lost" or not self.batches[id_]["over"]
                return failure(404, "gone") if gone else plain(self._results(self.batches[id_]))
            case "DELETE", id_:
                assert self.batches[id_]["over"]
                self.deleted += 1
                return _said({"id": id_, "type": "message_batch_deleted"})
        return failure(405, "no")

    def _create(self, asked: dict[str, Any], headers: Sequence[tuple[bytes, bytes]]) -> Plan:
        if self.mood == "refuses":
            return failure(400, "no batches for you")
        names = [one["custom_id"] for one in asked["requests"]]
        assert len(set(names)) == len(names)
        assert all(0 < len(name) <= 64 and name.replace("-", "").isalnum() for name in names)
        id_ = f"msgbatch_theirs_{len(self.batches)}"
        lines = [one["params"] for one in asked["requests"]]
        made = {"id": id_, "names": names, "lines": lines, "asked": 0, "over": False, "headers": list(headers)}
        self.batches[id_] = made
        if self.mood == "others":
            other = {**made, "id": "msgbatch_other", "names": [f"x-{name}" for name in names]}
            self.batches["msgbatch_other"] = other
        return failure(500, "who knows") if self.mood in ("deaf", "others") else _said(self._shape(made))

    def _shape(self, batch: dict[str, Any]) -> dict[str, Any]:
        answers = batch.get("answers", {})
        good = sum(1 for status, _ in answers.values() if status == 200)
        left = len(batch["lines"]) - len(answers)
        why = batch.get("why") or "processing"
        counts = {"succeeded": good, "errored": len(answers) - good, "processing": 0, "canceled": 0, "expired": 0}
        return {
            "id": batch["id"],
            "type": "message_batch",
            "processing_status": "ended" if batch["over"] else "in_progress",
            "request_counts": counts | {why: left},
            "created_at": "2099-08-20T18:37:24.100435Z",
            "results_url": f"https://api/{batch['id']}/results" if batch["over"] else None,
        }

    def _results(self, batch: dict[str, Any]) -> bytes:
        told = []
        for number, name in enumerate(batch["names"]):
            found = batch["answers"].get(number)
            if self.mood == "fails":
                said: dict[str, Any] = {"type": "errored", "error": {"type": "error", "error": {"type": "api_error"}}}
            elif found is None:
                said = {"type": batch["why"]}
            elif found[0] == 200:
                message = found[1]
                message["usage"]["service_tier"] = "batch"
                said = {"type": "succeeded", "message": message}
            else:
                said = {"type": "errored", "error": found[1]}
            told.append(json.dumps({"custom_id": name, "result": said}).encode())
        return b"\n".join(reversed(told)) + b"\n"


class GeminiProvider(Working):
    """`models/…:batchGenerateContent` and `batches/…`."""

    path = "/v1beta/models/gemini-2.5-flash:generateContent"

    def __init__(self, *, mood: str = "", patience: int = 2) -> None:
        super().__init__(["gemini-2.5-flash"], mood=mood, patience=patience)

    def batch(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan | None:
        route, _, _ = path.partition("?")
        if route == "/v1beta/models/gemini-2.5-flash:batchGenerateContent":
            return self._create(json.loads(body)["batch"], headers)
        if not route.startswith("/v1beta/batches"):
            return None
        id_, _, verb = route.removeprefix("/v1beta/").partition(":")
        if method == "GET" and id_ == "batches":
            return _said({"operations": [self._shape(one) for one in reversed(self.batches.values())]})
        if method == "GET":
            return _said(self._shape(self.asked(self.batches[id_])))
        if verb == "cancel":
            self.cancelled += 1
            self.work(self.batches[id_], half=True, why="cancelled")
            return _said({})
        assert method == "DELETE"
        self.deleted += 1
        return _said({})

    def _create(self, asked: dict[str, Any], headers: Sequence[tuple[bytes, bytes]]) -> Plan:
        if self.mood == "refuses":
            return failure(400, "no batches for you")
        requests = asked["inputConfig"]["requests"]["requests"]
        id_ = f"batches/theirs{len(self.batches)}"
        self.batches[id_] = made = {
            "id": id_,
            "name": asked["displayName"],
            "keys": [one["metadata"]["key"] for one in requests],
            "lines": [one["request"] for one in requests],
            "asked": 0,
            "over": False,
            "headers": list(headers),
        }
        return failure(500, "who knows") if self.mood in ("deaf", "others") else _said(self._shape(made))

    def _shape(self, batch: dict[str, Any]) -> dict[str, Any]:
        state = (batch["why"] or "succeeded" if batch["over"] else "running").upper()
        state = "FAILED" if batch["over"] and self.mood == "fails" else state
        stats = {"requestCount": str(len(batch["lines"])), "pendingRequestCount": "1"}
        about = {"displayName": batch["name"], "state": f"BATCH_STATE_{state}", "batchStats": stats}
        said: dict[str, Any] = {"name": batch["id"], "metadata": about, "done": batch["over"]}
        if batch["over"] and self.mood == "fails":
            return {**said, "error": {"code": 13, "message": "scripted"}}
        if batch["over"] and self.mood != "lost":
            lines = [self._line(key, batch["answers"].get(at)) for at, key in enumerate(batch["keys"])]
            said["response"] = about["output"] = {"inlinedResponses": {"inlinedResponses": lines}}
        return said

    def _line(self, key: str, found: tuple[int, Any] | None) -> dict[str, Any]:
        about: dict[str, Any] = {"metadata": {"key": key}}
        if found is None:
            return {**about, "error": {"code": 1, "message": "cancelled"}}
        if found[0] == 200:
            return {**about, "response": found[1]}
        return {**about, "error": {"code": CODES[found[0]], "message": found[1]["error"]["message"]}}
