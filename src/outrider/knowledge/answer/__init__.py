"""Answers that show what they rest on, or say that nothing does."""

from outrider.knowledge.answer.asking import answer, answer_from
from outrider.knowledge.answer.records import Answer, Citation, Sentence

__all__ = ["Answer", "Citation", "Sentence", "answer", "answer_from"]
