"""Every record ever written stays readable: golden files of each version, and chains of steps between versions.

The files under golden/v<N> are payloads as version N wrote them. They are never changed; a new version adds a folder.
"""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.budget import Budget, Raise
from outrider.base.errors import JournalCorrupt
from outrider.base.usage import Price, Usage
from outrider.journal import upcast
from outrider.journal.events import (
    AlarmRaised,
    AlarmSent,
    ApprovalAsked,
    ApprovalDecided,
    ApprovalExpired,
    ApprovalUsed,
    BatchCancelled,
    BatchCreated,
    BatchEnded,
    BlobRef,
    BodiesDropped,
    BreakerForced,
    BudgetRaised,
    BudgetRemoved,
    BudgetSet,
    CasebookChanged,
    CaseChange,
    Charge,
    CollectionChanged,
    ConfigurationTaken,
    DocumentChange,
    DocumentsChanged,
    Event,
    FeedbackGiven,
    GrantGiven,
    GrantWithdrawn,
    KeyCreated,
    KeyRevoked,
    LeasesReleased,
    PermissionRemoved,
    PermissionSet,
    Pruned,
    RunRecorded,
    Step,
    StepsRecorded,
)

GOLDEN = Path(__file__).parent / "golden"

STEP = Step(
    id=2**63 + 7,
    kind="model",
    name="openai/gpt",
    start=10,
    duration=20,
    parent=3,
    status="error",
    error="timeout",
    usage=Usage(10, 5, 2, 1, 3, True),
    cost=77,
    price=Price(150_000_000, 600_000_000, 75_000_000, None, "list@2026-11-01"),
    request=BlobRef(b"\x01" * 32, 11),
    response=BlobRef(b"\x02" * 32, 12),
    attrs={"http_status": 504, "retry_after": 1.5, "nested": {"a": [1, None, True]}},
)

EXAMPLES: dict[str, Event] = {
    "run.recorded": RunRecorded(
        id=bytes(range(16)),
        project="default",
        at=1_790_000_000_000_000_000,
        name="chat",
        duration=123,
        source="otlp",
        status="error",
        error="timeout",
        message="it took too long",
        http_status=504,
        model="gpt",
        route="fast",
        deployment="openai/gpt",
        provider="openai",
        key="k1",
        user="ü",
        agent="planner",
        session="s1",
        tags=["a", "b"],
        stream=True,
        cache="miss",
        usage=Usage(10, 5),
        cost=78,
        ttft=5,
        queue=6,
        overhead=7,
        request=BlobRef(b"\x03" * 32, 13),
        response=BlobRef(b"\x04" * 32, 14),
        steps=[STEP, Step(1, "cache", "exact")],
        trace=b"\x05" * 16,
        parent_span=9,
        why="the only one",
        preview="Hello",
    ),
    "run.recorded-charged": RunRecorded(
        bytes(16), "p", 1, "x", charges=[Charge("team", "ü", 5, 6, 2**62)], holder="abc"
    ),
    "run.recorded-bare": RunRecorded(bytes(16), "p", 1, "x"),
    "steps.recorded": StepsRecorded(bytes(range(16)), "default", 1_790_000_000_000_000_000, [STEP], "job"),
    "key.created": KeyCreated("pub", "default", b"\x06" * 32, 5, "laptop", "root"),
    "key.created-team": KeyCreated("pub", "default", bytes(32), 5, "laptop", "root", "search", ["budgets"]),
    "key.revoked": KeyRevoked("pub", 6, "root"),
    "budget.set": BudgetSet(
        Budget(
            "team",
            "money",
            50_000_000_000,
            "month",
            {"project": ("a", "b")},
            "user",
            "Europe/Berlin",
            True,
            "ops",
            (0.9,),
            10.0,
        ),
        5,
        "root",
        "pilot",
        "config",
    ),
    "budget.removed": BudgetRemoved("team", 6, "root", "over"),
    "budget.raised": BudgetRaised(Raise("team", 10_000_000_000, 7, "anna", "root", "launch"), 6),
    "leases.released": LeasesReleased("edc4c7b9ab08aef7", 12, 7, "root", "the machine burnt"),
    "breaker.forced": BreakerForced("openai/gpt", 7, True, "cli:ann", "it answers nonsense"),
    "alarm.raised": AlarmRaised(
        bytes(range(16)), "fraction", "team", 5, "anna", 4, 800, 10_000, 8_123, 7, "input_tokens", "spool"
    ),
    "approval.asked": ApprovalAsked(
        "appr_1",
        "default",
        "s1",
        5,
        9,
        b"\x07" * 32,
        "pay",
        "planner",
        "ü",
        "pub",
        "money",
        ["aimed-by-others"],
        "trip",
    ),
    "approval.decided": ApprovalDecided("appr_1", "default", 7, "denied", "ann", "not her", 6, "console"),
    "approval.used": ApprovalUsed("appr_1", "default", 8),
    "approval.expired": ApprovalExpired("appr_1", "default", 9, "approved"),
    "permission.set": PermissionSet("default", "user", "ü", 5, ["clerk"], ["mail__*"], "cli:ann", "she writes letters"),
    "permission.removed": PermissionRemoved("default", "role", "clerk", 6, "key:pub", "gone"),
    "grant.given": GrantGiven("default", "s1", 0, b'{"tools":["pay"]}', 7, "cli:ann"),
    "grant.withdrawn": GrantWithdrawn("default", "s1", 0, 8, "cli:ann"),
    "batch.created": BatchCreated(
        "batch_1", "default", 7, "0123456789abcdef", "/v1/embeddings", "file-1", 1000, b"\x03" * 32, 9
    ),
    "batch.cancelled": BatchCancelled("batch_1", "default", 8, "0123456789abcdef"),
    "collection.changed": CollectionChanged("default", "docs", 7, "made", "0123456789abcdef"),
    "casebook.changed": CasebookChanged(7, "published", "ann", "a correction", [CaseChange("quay-routing", 2)]),
    "documents.changed": DocumentsChanged(
        "default", "docs", 8, [DocumentChange("d1", 2, "put", "h2"), DocumentChange("d2", 1, "ended")], "job_1", "pub"
    ),
    "batch.ended": BatchEnded("batch_1", "default", 9, "cancelled", 5, 3, 2, "file-2", "file-3"),
    "alarm.sent": AlarmSent(bytes(range(16)), 6, 1, 2, "two did not answer"),
    "bodies.dropped": BodiesDropped(7, "0", 3, 4096),
    "feedback.given": FeedbackGiven(
        bytes(range(16)),
        "default",
        1_790_000_000_000_000_000,
        bytes(16),
        "s1",
        "down",
        0.25,
        "refunded",
        True,
        BlobRef(b"\x08" * 32, 40),
        "key:pub",
        "ü",
    ),
    "configuration.taken": ConfigurationTaken(5, "0123abcd/0", BlobRef(b"\x09" * 32, 4321), "reload", "0.1.0"),
    "pruned": Pruned(8, 100, 90, 180, 12345, "age", "indexer"),
}


def test_every_kind_has_a_golden_file_of_its_version() -> None:
    assert {name.split("-")[0] for name in EXAMPLES} == set(upcast.VERSIONS)
    for kind, version in upcast.VERSIONS.items():
        assert (GOLDEN / f"v{version}" / f"{kind}.bin").is_file(), f"write {kind} of version {version} into golden/"


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("v*/*.bin")), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_golden_files_decode_to_what_they_were(path: Path) -> None:
    assert upcast.decode(path.read_bytes()) == EXAMPLES[path.stem]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_present_form_is_written_as_in_its_golden_file(name: str) -> None:
    version = upcast.VERSIONS[name.split("-")[0]]
    assert msgspec.msgpack.encode(EXAMPLES[name]) == (GOLDEN / f"v{version}" / f"{name}.bin").read_bytes()


def test_a_chain_leads_from_any_version_to_the_present(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if `key.revoked` were at version 3: 1 called its time `when`, 2 had no `by`."""

    def to_2(raw: upcast.Raw) -> upcast.Raw:
        return {**{k: v for k, v in raw.items() if k != "when"}, "at": raw["when"]}

    def to_3(raw: upcast.Raw) -> upcast.Raw:
        return raw | {"by": "unknown"}

    monkeypatch.setattr(upcast, "CHAINS", {"key.revoked": (to_2, to_3)})
    monkeypatch.setattr(upcast, "VERSIONS", {**upcast.VERSIONS, "key.revoked": 3})
    monkeypatch.setattr(upcast, "_PRESENT", {**upcast._PRESENT, KeyRevoked: 3})
    first = {"kind": "key.revoked", "public": "a", "when": 5}
    second = {"kind": "key.revoked", "public": "a", "at": 5, "v": 2}
    for raw in (first, second):
        assert upcast.decode(msgspec.msgpack.encode(raw)) == KeyRevoked("a", 5, "unknown", v=3)


@pytest.mark.parametrize(
    "raw",
    [
        {"kind": "no.such", "v": 1},
        {"kind": "key.revoked", "public": "a", "at": 5, "v": 99},
        {"public": "a"},
        {"kind": "key.revoked", "public": "a", "at": 5, "v": 0},
        {"kind": "key.revoked", "public": 5},
        [1, 2],
        {"kind": "key.revoked", "v": "x"},
    ],
)
def test_what_cannot_be_understood_is_refused(raw: object) -> None:
    with pytest.raises(JournalCorrupt):
        upcast.decode(msgspec.msgpack.encode(raw))


@given(st.binary(max_size=200))
def test_any_bytes_are_an_event_or_refused(payload: bytes) -> None:
    try:
        upcast.decode(payload)
    except JournalCorrupt:
        return
