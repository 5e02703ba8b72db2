"""Reports in the forms that others read."""

from xml.etree import ElementTree

from outrider.evals.report import junit, markdown
from tests.evals.test_compare import judged


def test_markdown_has_the_gates_the_scores_and_who_wavers() -> None:
    found = markdown(judged("exact >= now - 0.02", [0.5] * 50, [0.6, 0.5] * 25))
    assert found.startswith("### s: passed")
    assert "| next: exact >= now - 0.02 | ✓ passed |" in found
    assert "| exact | next | 0.550" in found


def test_a_build_server_reads_each_gate_as_a_test() -> None:
    tree = ElementTree.fromstring(junit(judged("exact >= now", [1.0] * 20, [0.0] * 20)))
    assert (tree.get("tests"), tree.get("failures")) == ("1", "1")
    failure = tree.find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "failed"
    assert tree.find("testcase").get("name") == "next: exact >= now"  # type: ignore[union-attr] -- found above
