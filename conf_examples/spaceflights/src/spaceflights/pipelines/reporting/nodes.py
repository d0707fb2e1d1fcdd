"""The nodes of `reporting`."""

from html import escape

import pandas as pd

SIZE, MARGIN, LABELS = 240, 10, 34
PAGE = """<!doctype html>
<meta charset="utf-8">
<title>Spaceflights: variants compared</title>
<style>
  body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem; }}
  td, th {{ padding: .2rem .8rem; text-align: right; }}
  figure {{ display: inline-block; margin: 1rem 1rem 0 0; }}
  rect {{ fill: none; stroke: #ccc; }}
  line {{ stroke: #999; }}
  text {{ font-size: 12px; fill: #555; }}
  circle {{ fill: #1668a8; fill-opacity: .5; }}
</style>
<h1>Variants compared</h1>
{table}
<h2>Predicted over actual</h2>
{figures}
"""


def compare_variants(**metrics: dict[str, float]) -> pd.DataFrame:
    """Give each variant a row of its metrics, the best first."""
    table = pd.DataFrame.from_dict(metrics, orient="index").rename_axis("variant").reset_index()
    return table.sort_values("r2", ascending=False, ignore_index=True)


def draw_report(comparison: pd.DataFrame, **predictions: pd.DataFrame) -> str:
    """Write a page with the table and a drawing of each variant's predictions."""
    figures = (draw_predictions(variant, predictions[variant]) for variant in comparison["variant"])
    table = comparison.to_html(index=False, float_format="{:.3f}".format, border=0)
    return PAGE.format(table=table, figures="\n".join(figures))


def draw_predictions(variant: str, predictions: pd.DataFrame) -> str:
    """Draw a point for each prediction; a perfect one lies on the diagonal."""
    low, high = predictions.min(axis=None), predictions.max(axis=None)
    side = SIZE + 2 * MARGIN
    scaled = (predictions - low) / ((high - low) or 1) * SIZE + MARGIN
    points = "".join(
        f'<circle r="3" cx="{actual:.1f}" cy="{side - predicted:.1f}"/>'
        for actual, predicted in zip(scaled["actual"], scaled["predicted"], strict=True)
    )
    frame = f'<rect width="{side}" height="{side}"/><line x1="0" y1="{side}" x2="{side}" y2="0"/>'
    labels = draw_axes(f"{low:,.0f}", f"{high:,.0f}", side)
    box = f"{-LABELS} -1 {side + LABELS + 1} {side + LABELS + 1}"
    drawing = f'<svg width="{side + LABELS + 1}" height="{side + LABELS + 1}" viewBox="{box}">'
    drawing += f"{frame}{points}{labels}</svg>"
    return f"<figure>{drawing}<figcaption>{escape(variant)}</figcaption></figure>"


def draw_axes(low: str, high: str, side: int) -> str:
    """Name both axes, and write the lowest and the highest value at their ends."""
    texts = [(MARGIN, "start", low), (side / 2, "middle", "{}"), (side - MARGIN, "end", high)]
    axis = "".join(f'<text x="{x}" text-anchor="{anchor}">{text}</text>' for x, anchor, text in texts)
    below = f'<g transform="translate(0 {side + 16})">{axis.format("actual")}</g>'
    left = f'<g transform="translate(-6 {side}) rotate(-90)">{axis.format("predicted")}</g>'
    return below + left
