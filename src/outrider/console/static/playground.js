// <or-playground>: sends one prompt to one or two routes through /v1 and shows the streams side by side.

const span = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);
const csrf = () => document.querySelector('meta[name="csrf"]').content;

/** The `data:` payloads of an event stream, as they arrive. */
async function* payloads(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    rest += value ?? "";
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = done ? "" : lines.pop();
    for (const line of lines) if (line.startsWith("data:")) yield line.slice(5).trim();
    if (done) return;
  }
}

class Lane {
  constructor(template, route) {
    this.route = route;
    this.element = template.content.cloneNode(true).firstElementChild;
    this.element.querySelector("h2").textContent = route;
    this.out = this.element.querySelector(".out");
    this.foot = this.element.querySelector("footer");
    this.facts = new Map();
  }

  fact(name, value) {
    this.facts.set(name, value);
    this.foot.replaceChildren(...[...this.facts].map(([key, text]) => {
      const piece = document.createElement("span");
      piece.append(`${key} `, Object.assign(document.createElement("b"), { textContent: text }));
      return piece;
    }));
  }

  fail(text) {
    this.out.append(Object.assign(document.createElement("p"), { className: "err", textContent: text }));
  }

  async run(body, signal) {
    const began = performance.now();
    this.out.classList.add("busy");
    try {
      const answer = await fetch("/v1/chat/completions", {
        method: "POST",
        headers: { "content-type": "application/json", "x-outrider-csrf": csrf() },
        body: JSON.stringify({ ...body, model: this.route, stream: true, stream_options: { include_usage: true } }),
        signal,
      });
      this.link(answer.headers.get("x-request-id"));
      if (!answer.ok) {
        const error = await answer.json().catch(() => null);
        this.fail(error?.error?.message ?? `The answer was ${answer.status}.`);
        return;
      }
      const cache = answer.headers.get("x-outrider-cache");
      if (cache) this.fact("cache", cache);
      await this.stream(answer.body, began);
    } catch (error) {
      if (error.name === "AbortError") this.fact("stopped after", span(performance.now() - began));
      else this.fail(`The connection broke: ${error.message}`);
    } finally {
      this.out.classList.remove("busy");
      this.fact("total", span(performance.now() - began));
      this.cost();
    }
  }

  async stream(body, began) {
    for await (const payload of payloads(body)) {
      if (payload === "[DONE]") return;
      let chunk;
      try { chunk = JSON.parse(payload); } catch { continue; }
      if (chunk.error) { this.fail(chunk.error.message ?? "The stream ended with an error."); return; }
      const delta = chunk.choices?.[0]?.delta;
      const text = delta?.content ?? delta?.reasoning_content ?? "";
      if (text) {
        if (!this.facts.has("first token")) this.fact("first token", span(performance.now() - began));
        this.out.append(text);
        this.out.scrollTop = this.out.scrollHeight;
      }
      if (chunk.usage) this.fact("tokens", `${chunk.usage.prompt_tokens} → ${chunk.usage.completion_tokens}`);
    }
  }

  link(id) {
    if (!id) return;
    this.id = id;
    const link = this.element.querySelector("a");
    link.href = `/runs/${id}`;
    link.hidden = false;
  }

  /** The cost as recorded; the record is readable a moment after the answer. */
  async cost() {
    for (const pause of [500, 500, 1000, 2000, 4000]) {
      await new Promise((done) => setTimeout(done, pause));
      const answer = this.id ? await fetch(`/runs/${this.id}.json`).catch(() => null) : null;
      if (!answer?.ok) continue;
      const { run } = await answer.json();
      const cost = run.cost ?? 0;
      this.fact("cost", cost === 0 ? "$0" : `$${Number((cost / 1e9).toPrecision(3))}`);
      return;
    }
  }
}

customElements.define("or-playground", class extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    this.form.elements.stop.addEventListener("click", () => this.abort?.abort());
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); this.form.requestSubmit(); }
    });
  }

  async send() {
    const fields = this.form.elements;
    const messages = [{ role: "user", content: fields.prompt.value }];
    if (fields.system.value.trim()) messages.unshift({ role: "system", content: fields.system.value });
    const body = { messages };
    if (fields.temperature.value) body.temperature = Number(fields.temperature.value);
    if (fields.max_tokens.value) body.max_tokens = Number(fields.max_tokens.value);
    const names = [fields.first.value, fields.second.value].filter(Boolean);
    const lanes = names.map((route) => new Lane(this.querySelector("template"), route));
    this.abort?.abort();
    const abort = this.abort = new AbortController();
    this.querySelector(".lanes").replaceChildren(...lanes.map((lane) => lane.element));
    fields.stop.disabled = false;
    await Promise.all(lanes.map((lane) => lane.run(body, abort.signal)));
    if (this.abort === abort) fields.stop.disabled = true;
  }
});
