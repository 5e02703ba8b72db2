import json
from pathlib import Path
from typing import Any

import jinja2
import msgspec
import pytest

from outrider import console
from outrider.base import ids
from outrider.console import render


class Thing(msgspec.Struct):
    id: bytes
    digest: bytes
    parts: list[Any]


def test_the_package_says_what_it_offers() -> None:
    assert all(hasattr(console, name) for name in console.__all__)


def test_json_has_ids_as_uuids_and_digests_as_hexadecimal_text() -> None:
    id_ = ids.new_id()
    found = json.loads(render.to_json(Thing(id_, b"\x01\x02", [{1: id_}, None, "ü"])))
    assert found == {"id": ids.text(id_), "digest": "0102", "parts": [{"1": ids.text(id_)}, None, "ü"]}


def test_an_address_of_an_asset_changes_with_its_content() -> None:
    assert render.asset("base.css").startswith("/static/base.css?v=")
    assert render.asset("base.css") != render.asset("parts.css").replace("parts", "base")


@pytest.mark.parametrize("name", render.environment().list_templates())
def test_every_template_compiles_and_has_no_inline_style_or_script(name: str) -> None:
    render.environment().get_template(name)
    text = (render.HERE / "templates" / name).read_text()
    assert "style=" not in text
    assert "<style" not in text
    assert "|safe" not in text


def test_a_missing_field_is_an_error_and_not_an_empty_place() -> None:
    with pytest.raises(jinja2.UndefinedError):
        render.environment().from_string("{{ page.nothing }}").render(page={})


def test_vendored_scripts_come_with_their_licence() -> None:
    vendor = Path(render.HERE / "static" / "vendor")
    libraries = {path.name.split("-")[0] for path in vendor.iterdir() if path.suffix in (".js", ".css")}
    assert libraries == {"htmx", "uplot"}
    assert all((vendor / f"{name}.LICENSE").read_text().strip() for name in libraries)
