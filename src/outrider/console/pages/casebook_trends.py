"""Trends: the share of a year's deployments that have a technique, with the number behind it and its interval."""

from urllib.parse import urlencode

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from outrider.casebook.facets import Catalogue
from outrider.casebook.language import Asked, canonical
from outrider.casebook.trends import FEW, FIELDS, Line, Trends, as_csv, trends
from outrider.console.edge import Edge, View
from outrider.console.pages.casebook import TITLES, finder_of

DRAWN = 4
MOST = 8


class Series(msgspec.Struct):
    """The chart: shares and their intervals in percent, in the years with enough deployments."""

    years: list[int]
    labels: list[str]
    share: list[list[float]]
    low: list[list[float]]
    high: list[list[float]]


class Context(msgspec.Struct):
    """`lines` are all values, `drawn` those of the chart and the table. `q` narrows what is counted."""

    field: str
    fields: list[tuple[str, str, str]]
    q: str
    trends: Trends
    drawn: list[Line]
    lines: list[tuple[Line, bool]]
    chart: str
    csv: str
    few: int
    most: int = MOST


def load(view: View) -> Context:
    catalogue, asked = finder_of(view).catalogue(), _asked(view)
    field, q = view.query.get("field", "") or "technique", canonical(asked)
    whole = trends(catalogue, asked, field)
    chosen = [v for v in view.several("value") if v][:MOST]
    drawn = [one for one in whole.lines if one.value in chosen] if chosen else whole.lines[:DRAWN]
    return Context(
        field=field,
        fields=[(name, TITLES[name], _address(name, q)) for name in FIELDS],
        q=q,
        trends=msgspec.structs.replace(whole, lines=[]),
        drawn=drawn,
        lines=[(one, one in drawn) for one in whole.lines],
        chart=msgspec.json.encode(_series(whole, drawn)).decode(),
        csv=_address(field, q, "/casebook/trends.csv"),
        few=FEW,
    )


def _asked(view: View) -> Asked:
    """The conditions of `q`; its free words play no part here and are left out."""
    asked = finder_of(view).read(view.query.get("q", ""))
    return Asked(terms=asked.terms)


def _address(field: str, q: str, path: str = "/casebook/trends") -> str:
    return f"{path}?{urlencode({'field': field} | ({'q': q} if q else {}))}"


def _series(whole: Trends, drawn: list[Line]) -> Series:
    def column(name: str) -> list[list[float]]:
        return [[round(100 * getattr(p, name), 1) for p in one.points if p.n >= FEW] for one in drawn]

    years = [year for year, n in zip(whole.years, whole.n, strict=True) if n >= FEW]
    return Series(years, [one.label for one in drawn], column("share"), column("low"), column("high"))


async def download(request: Request, view: View) -> Response:
    def make() -> tuple[Catalogue, Asked, str]:
        return finder_of(view).catalogue(), _asked(view), view.query.get("field", "") or "technique"

    catalogue, asked, field = await anyio.to_thread.run_sync(make)
    body = as_csv(await anyio.to_thread.run_sync(trends, catalogue, asked, field))
    headers = {"content-disposition": f'attachment; filename="casebook-{field}-by-year.csv"'}
    return Response(body, media_type="text/csv", headers=headers)


def routes(edge: Edge) -> list[Route]:
    return [edge.raw("/casebook/trends.csv", download), *edge.page("/casebook/trends", load, "casebook_trends.html")]
