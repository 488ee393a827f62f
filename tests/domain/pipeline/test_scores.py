"""Scores of forecasts of which nothing came."""

from decimal import Decimal

from domain.pipeline.forecasts import scores_of


def test_nothing_that_came_is_no_score() -> None:
    nought = dict.fromkeys(("closed", "commit", "best_case", "weighted", "actual"), Decimal(0))
    assert scores_of([{**nought, "currency": "EUR"}])["EUR"]["commit"] == {"wape": None, "bias": None}
    assert scores_of([]) == {}
