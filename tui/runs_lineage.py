"""Where a run comes from: base model, stages trained on it in turn, what else was evaluated of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from intermezzo.queries.naming import DIRECT
from intermezzo.queries.training_curves import stages_in

Line = tuple[str, str]

SHOWN = 12
"""Characters of a run's id that are shown."""


def stage_ids(config: Mapping[str, Any]) -> list[str]:
    """Return the ids of the stages that a run was trained in, the first one first."""
    return [str(s["stage"].get("stage_id")) for s in stages_in(config) if isinstance(s.get("stage"), dict)]


def lineage_lines(
    record: Mapping[str, Any], config: Mapping[str, Any], runs: Mapping[str, Sequence[Mapping[str, Any]]]
) -> list[Line]:
    """Return the lineage of a run, a step below the other.

    Args:
        record: What ``run_record`` answers.
        config: Its configuration.
        runs: Stage -> rows of ``stage_runs``: what the store holds of it.
    """
    revision = f", revision {record['base_revision']}" if record.get("base_revision") else ""
    lines: list[Line] = [("", f"  {record.get('base_model') or 'base model unknown'}{revision}")]
    stages = [s for s in stages_in(config) if isinstance(s.get("stage"), dict)]
    for depth, stage in enumerate(stages):
        lines += _stage_lines(stage, depth + 1, runs, str(record["run_id"]))
    depth = len(stages)
    if not stages and record.get("recipe") not in (None, DIRECT):
        for part in str(record["recipe"]).split(" > "):
            depth += 1
            lines.append(("", f"  {'  ' * (depth - 1)}└ {part}, as its files say"))
    task = " ".join(str(record[k]) for k in ("task", "split") if record.get(k))
    lines.append(("", f"  {'  ' * depth}└ this run {str(record['run_id'])[:SHOWN]}: {task}"))
    return lines


def _stage_lines(
    done: Mapping[str, Any], depth: int, runs: Mapping[str, Sequence[Mapping[str, Any]]], own: str
) -> list[Line]:
    stage = done["stage"]
    stage_id = str(stage.get("stage_id"))
    indent = "  " * depth
    seed = "" if stage.get("seed") is None else f", seed {stage['seed']}"
    lines: list[Line] = [
        ("", f"{indent}└ {' + '.join(map(str, stage.get('tasks') or ()))}{seed}: stage {stage_id}")
    ]
    told = [f"{done['steps']:,} steps"] if isinstance(done.get("steps"), int) else []
    selected = done.get("selected")
    if isinstance(selected, dict) and isinstance(selected.get("value"), int | float):
        told.append(
            f"kept step {selected.get('step')}: {selected.get('metric')} {selected['value']:.3f} on its dev"
        )
    told += [f"on {done['host']}"] if done.get("host") else []
    told += [f"ended {str(done['ended'])[:16].replace('T', ' ')}"] if done.get("ended") else []
    if told:
        lines.append(("dim", f"{indent}    {', '.join(told)}"))
    others = [f"{r['task']} {str(r['run_id'])[:SHOWN]}" for r in runs.get(stage_id, ()) if r["run_id"] != own]
    if others:
        lines.append(("dim", f"{indent}    evaluated on {', '.join(others)}"))
    return lines
