"""Where nothing is served."""

from pathlib import Path

import httpx

from outrider.testing.running import running


def test_machines_get_json_and_people_a_page(tmp_path: Path) -> None:
    with running("{embedded: {enabled: off}, auth: off}", tmp_path) as outrider:
        missing = httpx.get(f"{outrider.url}/v1/nothing")
        wrong = httpx.delete(f"{outrider.url}/v1/models")
        page = httpx.get(f"{outrider.url}/nothing-here", follow_redirects=True)
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method_not_allowed")
    assert "GET" in wrong.headers["allow"]
    assert (page.status_code, page.headers["content-type"][:9]) == (404, "text/html")
