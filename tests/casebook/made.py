"""Casebooks in tests: a real store of each kind, and texts that were written for the tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from outrider.casebook.book import Casebook
from outrider.knowledge.library import Library
from outrider.store import open_casebook, open_knowledge

Write = Callable[..., Path]

BODY = """## Overview

Northwind built a claims assistant for its insurance agents. It was deployed to all branches in 2024 and serves 1,200
users a day. The system uses retrieval-augmented generation (RAG) over policy documents, with a reranking step and
OpenAI models behind LangChain. Handling time fell from 11 minutes to 4 minutes, and the assistant reduced support costs
by 30%.

At first it failed to cite its sources, so the team learned that every answer needs a citation. Employees use it for
questions about claims; feedback from agents is reviewed weekly. The pipeline has guardrails, caching and an evaluation
suite. Kubernetes runs the services, and Kubernetes autoscaling keeps latency at 800 ms.

## Results

The team reports a deflection rate of 62% after the launch. Northwind plans further languages.
"""


@contextmanager
def casebook(url: str, home: Path) -> Iterator[Casebook]:
    texts, store = open_knowledge(url), open_casebook(url)
    try:
        yield Casebook(Library(texts, home), store)
    finally:
        texts.close()
        store.close()


def entry(
    slug: str, company: str = "Northwind", *, tags: str = "rag, openai, pinecone", body: str = BODY, **more: str
) -> str:
    """A file of the public database, as its authors write them."""
    fields = {
        "title": f'"{slug.replace("-", " ").capitalize()}"',
        "slug": f'"{slug}"',
        "company": f'"{company}"',
        "year": "2024",
        "industryTags": '"insurance"',
        "link": f'"https://blog.example.com/{slug}"',
        "summary": '"A claims assistant with RAG for insurance agents, in production since 2024."',
        **more,
    }
    head = "\n".join(f"{key}: {value}" for key, value in fields.items() if value)
    return f"---\n{head}\nllmopsTags:\n{''.join(f'  - {t.strip()!r}{chr(10)}' for t in tags.split(','))}---\n\n{body}"


def database(folder: Path, **entries: str) -> Path:
    """A folder as the public database is laid out."""
    inner = folder / "llmops-database"
    inner.mkdir(parents=True, exist_ok=True)
    for slug, text in entries.items():
        (inner / f"{slug.replace('_', '-')}.md").write_text(text)
    about = folder / "llmops-tags"
    about.mkdir(exist_ok=True)
    (about / "rag.md").write_text('---\nname: "RAG"\nslug: "rag"\n---\n')
    return folder
