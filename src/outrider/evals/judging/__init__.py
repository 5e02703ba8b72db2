"""Judges: models that say how good an answer is. How they are asked, whose they may be, and how far they agree with
people: a judge's score is worth what this package has measured of it."""
