// <or-chart>: draws the series in `data-series` with uPlot. The tables beside it hold the same figures.

const css = (name) => {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
};
const clear = (colour, alpha) => colour.replace(/^rgb\(/, "rgba(").replace(/\)$/, `, ${alpha})`);
const dollars = (v) => v == null ? "–" : v === 0 ? "$0" : `$${v >= 1 ? v.toFixed(2) : Number(v.toPrecision(3))}`;
const seconds = (v) => v == null ? "–" : v < 1 ? `${Number((v * 1000).toPrecision(3))} ms` : `${v.toFixed(2)} s`;

const kinds = {
  cost: (s) => ({
    data: [s.at, s.cost, s.calls],
    format: dollars,
    series: [
      { label: "Cost", stroke: css("--accent"), fill: clear(css("--accent"), 0.75), width: 0, paths: uPlot.paths.bars({ size: [0.7, 48], radius: 0.15 }), points: { show: false }, value: (u, v) => dollars(v) },
      { label: "Calls", scale: "calls", show: true, stroke: "transparent", width: 0, points: { show: false }, value: (u, v) => v ?? "–" },
    ],
  }),
  latency: (s, points = { fill: css("--panel"), size: 6 }) => ({
    data: [s.at, s.p95, s.p50, s.ttft_p50],
    format: seconds,
    series: [
      { label: "p95", stroke: css("--k-guardrail"), width: 1.5, points, value: (u, v) => seconds(v) },
      { label: "p50", stroke: css("--k-model"), width: 1.5, points, value: (u, v) => seconds(v) },
      { label: "First token p50", stroke: css("--k-cache"), width: 1.5, points, value: (u, v) => seconds(v) },
    ],
  }),
};

/** Shares by year: a line, a dash pattern and a band for the interval each. */
const hues = ["--k-model", "--accent", "--k-cache", "--k-human", "--k-guardrail", "--k-tool", "--k-policy", "--k-code"];
const dashes = [[], [6, 4], [2, 3], [10, 4, 2, 4], [1, 5], [12, 3], [4, 2], [8, 8]];
function trend(s) {
  const data = [s.years], series = [{ label: "Year", value: (u, v) => v ?? "" }], bands = [];
  s.labels.forEach((label, n) => {
    const hue = css(hues[n % hues.length]), line = { stroke: hue, width: 2, dash: dashes[n % dashes.length], points: { show: true, size: 7, fill: hue } };
    const edge = { stroke: "transparent", width: 0, points: { show: false }, value: (u, v) => v == null ? "–" : `${v} %` };
    data.push(s.share[n], s.low[n], s.high[n]);
    series.push({ ...line, label, value: (u, v, i, at) => v == null || at == null ? "–" : `${v} % (${s.low[n][at]}–${s.high[n][at]})` }, { ...edge, label: "" }, { ...edge, label: "" });
    bands.push({ series: [3 * n + 3, 3 * n + 2], fill: clear(hue, 0.08) });
  });
  return { data, series, bands };
}

customElements.define("or-chart", class extends HTMLElement {
  connectedCallback() {
    this.draw = this.draw.bind(this);
    this.watch = new ResizeObserver(() => this.plot?.setSize({ width: this.clientWidth, height: this.plot.height }));
    this.watch.observe(this);
    document.addEventListener("or-theme", this.draw);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", this.draw);
    this.draw();
  }

  disconnectedCallback() {
    this.watch.disconnect();
    document.removeEventListener("or-theme", this.draw);
    this.scheme.removeEventListener("change", this.draw);
  }

  draw() {
    const series = JSON.parse(this.dataset.series);
    if (this.getAttribute("kind") === "trend") { this.drawTrend(series); return; }
    const { data, format, series: drawn } = kinds[this.getAttribute("kind")](series);
    const half = (series.step === "day" ? 86400 : 3600) / 2;
    const zone = series.step === "day" ? { timeZone: "UTC" } : {};
    const short = new Intl.DateTimeFormat(undefined, series.step === "day" ? { month: "short", day: "numeric", ...zone } : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const axis = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
    this.replaceChildren();
    this.plot = new uPlot({
      width: this.clientWidth,
      height: 240,
      cursor: { points: { size: 6 } },
      tzDate: (at) => (series.step === "day" ? uPlot.tzDate(new Date(at * 1000), "Etc/UTC") : new Date(at * 1000)),
      scales: { x: { range: (u, least, most) => [least - half, most + half] }, calls: { auto: true }, y: { range: (u, least, most) => [0, (most || 1) * 1.08] } },
      axes: [{ ...axis, values: (u, ticks) => ticks.map((at) => short.format(new Date(at * 1000))), size: 32 }, { ...axis, size: 64, values: (u, ticks) => ticks.map(format) }],
      series: [{ value: (u, v) => v == null ? "" : new Date(v * 1000).toLocaleString(undefined, series.step === "day" ? { dateStyle: "medium", ...zone } : { dateStyle: "medium", timeStyle: "short" }) }, ...drawn],
    }, data, this);
  }

  drawTrend(given) {
    const { data, series, bands } = trend(given);
    const axis = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
    this.replaceChildren();
    this.plot = new uPlot({
      width: this.clientWidth,
      height: 300,
      cursor: { points: { size: 6 } },
      scales: { x: { time: false, range: (u, least, most) => [least - 0.3, most + 0.3] }, y: { range: (u, least, most) => [0, Math.min(100, (most || 1) * 1.08)] } },
      axes: [{ ...axis, splits: () => given.years, values: (u, ticks) => ticks.map(String), size: 32 }, { ...axis, size: 48, values: (u, ticks) => ticks.map((v) => `${v} %`) }],
      series,
      bands,
    }, data, this);
    this.plot.root.querySelectorAll(".u-legend .u-series").forEach((row, n) => { if (n && n % 3 !== 1) row.hidden = true; });
  }
});
