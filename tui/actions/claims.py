"""What can be done with claims."""

from __future__ import annotations

from .action import Action, Argument, PaneHelp

ACTIONS: tuple[Action, ...] = (
    Action("in", ("enter",), "in", "the rows that decided the claim; from a row, the runs behind it",
           "claims", 1),
    Action("filter", ("/",), "filter", "show only claims that hold all words, also of the verdict; !word "
           "must not occur; Esc clears", "claims", 2, Argument("WORDS")),
    Action("every", ("a",), "superseded", "list superseded and withdrawn claims too, or not", "claims", 3),
)  # fmt: skip

PANES: dict[str, PaneHelp] = {
    "claims.grid": PaneHelp(
        "Claims",
        "What is claimed, and what this store makes of it: supported, contradicted or undetermined. Under "
        "audits, how many fail (✗) and how many cannot tell (?). Enter shows the rows that decided it, Tab "
        "the audits, grades, history and who else checked it. `intermezzo check` keeps what is found.",
    ),
    "claims.detail": PaneHelp(
        "Claim",
        "Verdict and reasons, each audit (+ passes, ✗ fails, ? cannot tell, - does not apply), grades by "
        "rule, what the claim says, what was said before, and verifications: ours and others', with what a "
        "record says against itself.",
    ),
    "claims.rows": PaneHelp(
        "Evidence",
        "The rows that decided the claim: the difference of each unit with its 95 % interval in the metric's "
        "natural unit (0.01 is one point), items, letter of the rung, and the verdict of its interval.",
    ),
}
