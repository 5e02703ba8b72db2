"""Evaluation: cases, what a variant makes of them, how good that is, and whether a change is better.

Data flows one way: dataset → cases → `subjects` answer → `evaluators` score → `compare` → `gates` → `report`.
"""
