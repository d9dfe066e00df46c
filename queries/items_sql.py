"""The SQL of a page of items, over the table ``items`` that ``intermezzo sql --items RUN`` loads."""

from __future__ import annotations

from .comparison.item_rows import MINED, metric_names
from .items import ItemsPage, Part
from .view_sql import holding, literal

_SIDES = "ab"

_ORDER = """ORDER BY language, language_2 NULLS FIRST,
         regexp_replace(item_id, '[0-9]{1,18}$', ''),
         TRY_CAST(regexp_extract(item_id, '([0-9]{1,18})$', 1) AS BIGINT) NULLS FIRST, item_id;
"""
"""Items as people count: 10 comes after 9."""


def items_sql(page: ItemsPage) -> str:
    """Return the SQL of all items that a page is one of, filtered and in order.

    The last line says which runs to load.
    """
    two = len(page.request.systems) > 1
    parts = "\n  UNION ALL\n".join(_part(page, part) for part in page.parts)
    runs = sorted({run for part in page.parts for run in part.runs})
    loads = " ".join(f"--items {run}" for run in runs)
    columns = [
        "language",
        "language_2",
        "item_id",
        "coalesce(gold_a, gold_b) AS gold" if two else "gold_a AS gold",
    ]
    columns += [f"{name}_{side}" for name in ("prediction", "credit") for side in _SIDES[: 1 + two]]
    columns.append("coalesce(text_a, text_b) AS text" if two else "text_a AS text")
    conditions = "\n  AND ".join([_condition(page, two=two), *_holding(page, two=two)])
    return (
        f"SELECT {', '.join(columns)} FROM (\n{parts}\n)\nWHERE {conditions}\n{_ORDER}"
        f"-- intermezzo sql {loads} loads the table items\n"
    )


def _part(page: ItemsPage, part: Part) -> str:
    """Return the SQL of the items of one language."""
    sides = [_side(page, part, run, side) for run, side in zip(part.runs, _SIDES, strict=False)]
    both = " FULL JOIN ".join(f"({sql})" for sql in sides) + (" USING (item_id)" if len(sides) > 1 else "")
    language = (
        f"{literal(part.language)} AS language, CAST({literal(part.language_2)} AS VARCHAR) AS language_2"
    )
    return f"  SELECT {language}, * FROM {both}"


def _side(page: ItemsPage, part: Part, run: str, side: str) -> str:
    names = ", ".join(literal(name) for name in metric_names(page.measure))
    shown = ("gold", "prediction", "credit", "tp", "n_pred", "n_gold", "text")
    conditions = [
        f"run_id = {literal(run)}",
        f"coalesce(language, '') IN ({', '.join(map(literal, part.own))})",
        f"coalesce(language_2, '') = {literal(part.language_2 or '')}",
        f"metric IN ({names})",
    ]
    if page.request.item is not None:
        conditions.append(f"item_id = {literal(page.request.item)}")
    columns = ", ".join(f"{name} AS {name}_{side}" for name in shown)
    return (
        f"SELECT item_id, {columns} FROM items WHERE {' AND '.join(conditions)}\n"
        f"    QUALIFY dense_rank() OVER (ORDER BY list_position([{names}], metric)) = 1"
    )


def _condition(page: ItemsPage, *, two: bool) -> str:
    """Return the filter by who is right: full credit, or every chunk found and none too many."""
    a, b = (_right(page, side, two=two) for side in _SIDES)
    if not two:
        return {"both-right": a, "only-a": a, "both-wrong": f"NOT {a}"}.get(page.request.which, _none(page))
    return {
        "only-a": f"{a} AND NOT {b}",
        "only-b": f"{b} AND NOT {a}",
        "both-right": f"{a} AND {b}",
        "both-wrong": f"NOT {a} AND NOT {b}",
        "differ": "prediction_a IS DISTINCT FROM prediction_b",
    }.get(page.request.which, "true")


def _holding(page: ItemsPage, *, two: bool) -> list[str]:
    spoken = [f"{name}_{side}" for name in ("gold", "prediction", "text") for side in _SIDES[: 1 + two]]
    return holding(("item_id", *spoken), page.request.filter)


def _none(page: ItemsPage) -> str:
    return "true" if page.request.which == "all" else "false"


def _right(page: ItemsPage, side: str, *, two: bool) -> str:
    if page.measure.kind != "corpus":
        return f"(credit_{side} = 1)"
    tp, predicted, gold = (f"{name}_{side}" for name in ("tp", "n_pred", "n_gold"))
    if page.measure.task_kind == MINED and two:
        tp, predicted, gold = (f"coalesce({name}, 0)" for name in (tp, predicted, gold))
    return f"({tp} = {predicted} AND {tp} = {gold})"
