"""How the columns of made-up tables hang together, so that models find something in them."""

import numpy as np
import pandas as pd


def ask_prices(passenger_capacity: pd.Series, d_check_complete: pd.Series, *, seed: int) -> list[str]:
    """Charge for seats and for the check, give or take, as text ("$1,715.0")."""
    noise = np.random.default_rng(seed).normal(0, 450, len(passenger_capacity))
    prices = 900 + 300 * passenger_capacity + 900 * (d_check_complete == "t") + noise
    return prices.clip(lower=100).round().map("${:,.1f}".format)


def rate_shuttles(number_of_reviews: pd.Series, *, seed: int) -> pd.Series:
    """Rate shuttles that many have reviewed better, give or take."""
    noise = np.random.default_rng(seed).normal(0, 2.5, len(number_of_reviews))
    return (75 + number_of_reviews / 15 + noise).clip(20, 100).round()
