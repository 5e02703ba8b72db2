"""How well a strategy finds what was judged relevant: questions, measures, comparisons."""
