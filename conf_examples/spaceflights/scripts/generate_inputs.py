"""Write the example's raw tables: made up, seeded, with the flaws of real ones.

``python scripts/generate_inputs.py`` writes ``data/01_raw`` of its project.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

PROJECT = Path(__file__).parent.parent
SCORES = ("comfort", "amenities", "trip", "crew", "location", "price")


def generate_tables(shuttles: int, *, seed: int) -> dict[str, pd.DataFrame]:
    """Make up companies, shuttles and reviews; a third as many companies as shuttles."""
    rng = np.random.default_rng(seed)
    companies = generate_companies(max(shuttles // 3, 1), rng)
    fleet = generate_shuttles(shuttles, companies, rng)
    reviews = generate_reviews(fleet, companies, rng)
    return {"companies": companies, "shuttles": fleet, "reviews": reviews}


def generate_companies(number: int, rng: np.random.Generator) -> pd.DataFrame:
    rating = pd.Series(rng.integers(55, 101, number).astype(str)) + "%"
    return pd.DataFrame(
        {
            "id": 1000 + rng.permutation(number),
            "company_rating": rating.mask(rng.random(number) < 0.05),
            "company_location": rng.choice(["Aruba", "Malta", "Niue", "Palau", "Tuvalu"], number),
            "total_fleet_count": rng.integers(1, 40, number).astype(float),
            "iata_approved": rng.choice(["t", "f"], number),
        }
    )


def generate_shuttles(number: int, companies: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    engines = rng.integers(1, 5, number)
    capacity = engines * 2 + rng.integers(0, 4, number)
    crew = np.maximum(capacity // 3, 1) + rng.integers(0, 2, number)
    checked = rng.random(number) < 0.6
    luxury = 2400 * ((crew >= 3) & checked)
    price = 900 + 300 * capacity + luxury + rng.normal(0, 450, number)
    return pd.DataFrame(
        {
            "id": 50000 + rng.permutation(number),
            "shuttle_location": rng.choice(["Fiji", "Kiribati", "Nauru", "Samoa", "Tonga"], number),
            "shuttle_type": rng.choice(["Type F5", "Type V2", "Type V5"], number),
            "engine_type": rng.choice(["Nuclear", "Plasma", "Quantum"], number),
            "engine_vendor": rng.choice(["Banks & Sons", "ThetaBase"], number),
            "engines": pd.Series(engines.astype(float)).mask(rng.random(number) < 0.02),
            "passenger_capacity": capacity,
            "cancellation_policy": rng.choice(["flexible", "moderate", "strict"], number),
            "crew": pd.Series(crew.astype(float)).mask(rng.random(number) < 0.02),
            "d_check_complete": np.where(checked, "t", "f"),
            "moon_clearance_complete": rng.choice(["t", "f"], number),
            "price": [f"${value:,.1f}" for value in price.round()],
            "company_id": rng.choice(companies["id"], number),
        }
    )


def generate_reviews(
    shuttles: pd.DataFrame, companies: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Review each shuttle: what its company's rating, its crew and its check deserve, and some luck."""
    number = len(shuttles)
    rating = companies.set_index("id")["company_rating"].str.rstrip("%").astype(float)
    deserved = 50 + 0.35 * shuttles["company_id"].map(rating).fillna(75) + 1.5 * shuttles["crew"].fillna(2)
    overall = deserved + 3 * (shuttles["d_check_complete"] == "t") + rng.normal(0, 2.5, number)
    scores = {f"review_scores_{name}": rng.integers(6, 11, number).astype(float) for name in SCORES}
    reviews = pd.DataFrame(
        {
            "shuttle_id": shuttles["id"],
            "review_scores_rating": overall.clip(20, 100).round().mask(rng.random(number) < 0.04),
            **scores,
            "number_of_reviews": rng.integers(1, 300, number),
            "reviews_per_month": rng.gamma(2, 0.8, number).round(2),
        }
    )
    return reviews.sample(frac=1, random_state=int(rng.integers(2**31))).reset_index(drop=True)


def write_tables(tables: dict[str, pd.DataFrame], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tables["companies"].to_csv(folder / "companies.csv", index=False)
    tables["reviews"].to_csv(folder / "reviews.csv", index=False)
    tables["shuttles"].to_excel(folder / "shuttles.xlsx", index=False)


if __name__ == "__main__":
    write_tables(generate_tables(600, seed=7), PROJECT / "data/01_raw")
