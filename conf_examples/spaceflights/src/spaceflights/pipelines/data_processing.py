"""From raw tables to the table that models learn from."""

from typing import Any, Literal

import pandas as pd
from kedro.pipeline import Node, Pipeline


def create_pipeline(engine: Literal["pandas", "spark"] = "pandas") -> Pipeline:
    """Choose the engine of the step that reads companies; the step behind it takes what either saves."""
    preprocess = {"pandas": preprocess_companies, "spark": preprocess_companies_in_spark}[engine]
    return Pipeline(
        [
            Node(
                preprocess,
                f"companies@{engine}",
                f"preprocessed_companies@{engine}",
                name="preprocess_companies",
            ),
            Node(preprocess_shuttles, "shuttles", "preprocessed_shuttles", name="preprocess_shuttles"),
            Node(
                create_model_input_table,
                ["preprocessed_shuttles", "preprocessed_companies@pandas", "reviews"],
                "model_input_table",
                name="create_model_input_table",
            ),
        ]
    )


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
