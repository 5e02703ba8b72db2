"""A library that is not installed is named, with what installs it."""

from outrider.knowledge.absent import told


def test_only_what_the_extra_brings_has_a_remedy() -> None:
    missing = ModuleNotFoundError("No module named 'lxml'", name="lxml.html")
    assert told(missing) == "The library lxml is not installed: pip install 'outrider[knowledge]', then add it again."
    assert told(ModuleNotFoundError("no outrider.gone", name="outrider.gone")) == ""
    assert told(ModuleNotFoundError("nameless")) == ""
    assert told(ImportError("cannot import name", name="lxml")) == ""
