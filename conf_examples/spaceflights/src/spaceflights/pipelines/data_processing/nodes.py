"""The nodes of `data_processing`."""

from typing import Any

import pandas as pd


def preprocess_companies(companies: pd.DataFrame) -> pd.DataFrame:
    """Read ratings ("95%") as fractions and flags ("t", "f") as booleans."""
    rating = companies["company_rating"].str.rstrip("%").astype(float) / 100
    return companies.assign(company_rating=rating, iata_approved=companies["iata_approved"] == "t")


def preprocess_companies_in_spark(companies: Any) -> Any:
    """Do the same in Spark."""
    from pyspark.sql import functions

    rating = functions.regexp_replace("company_rating", "%$", "").cast("double") / 100
    approved = functions.col("iata_approved").eqNullSafe("t")
    return companies.withColumns({"company_rating": rating, "iata_approved": approved})


def preprocess_shuttles(shuttles: pd.DataFrame) -> pd.DataFrame:
    """Read prices ("$1,715.0") as numbers and flags as booleans."""
    return shuttles.assign(
        price=shuttles["price"].str.replace(r"[$,]", "", regex=True).astype(float),
        d_check_complete=shuttles["d_check_complete"] == "t",
        moon_clearance_complete=shuttles["moon_clearance_complete"] == "t",
    )


def create_model_input_table(
    shuttles: pd.DataFrame, companies: pd.DataFrame, reviews: pd.DataFrame
) -> pd.DataFrame:
    """Give each shuttle its reviews and its company; keep the rows in which nothing is missing."""
    reviewed = shuttles.merge(reviews, left_on="id", right_on="shuttle_id").drop(columns="id")
    owned = reviewed.merge(companies, left_on="company_id", right_on="id").drop(columns="id")
    return owned.dropna().reset_index(drop=True)
