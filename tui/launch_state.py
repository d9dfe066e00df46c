"""What the Launch place shows: jobs, or the plan of an experiment."""

from __future__ import annotations

from dataclasses import dataclass

JOB_PANES = ("launch.grid", "launch.log")
"""The jobs, and what one of them says."""

PLAN_PANES = ("launch.plan", "launch.curve", "launch.stage")
"""An experiment's stages, the learning curve of one, and everything about it."""


@dataclass(frozen=True, slots=True)
class LaunchState:
    """What the Launch place shows.

    Attributes:
        pane: The pane with the focus; those of the plan mean that the plan is shown.
        job: Job under the cursor.
        experiment: Its file, or the name of a shipped one, as it was asked for; empty: none yet.
        stage: Stage under the cursor of the plan, by id.
    """

    pane: str = "launch.grid"
    job: str | None = None
    experiment: str = ""
    stage: str | None = None

    @property
    def planning(self) -> bool:
        """Whether the plan is shown."""
        return self.pane in PLAN_PANES
