"""The example of docs/claims.md works as the page says, and the page names what there is."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from claim_samples import checked
from intermezzo.queries.claims.audits.names import ALWAYS
from intermezzo.queries.claims.claim_file import KEYS, parse_claims
from intermezzo.queries.records import Found
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.writer import write_runs
from test_claim_comparisons import LANGUAGES, of_items

PAGE = (Path(__file__).parents[3] / "docs" / "claims.md").read_text(encoding="utf-8")


def test_the_example_is_supported_by_three_seeds_and_by_one_it_is_not(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    [claim] = parse_claims(text, "docs/claims.md")
    for seeds, verdict in (((1, 2, 3), "supported"), ((1,), "undetermined")):
        store = open_store(tmp_path / str(len(seeds)), create=True)
        for seed in seeds:
            pairs = [
                of_items("direct", dict.fromkeys(LANGUAGES, 200 + seed)),
                of_items("mnli", {"de": 280 + seed, "en": 285 - seed, "sw": 282 + seed, "ur": 205}),
            ]
            base = "xlm-roberta-large"
            named = [
                (
                    replace(
                        made,
                        found=Found(f"s{seed}-{recipe}", base_model=base, recipe=recipe, train_seed=seed),
                    ),
                    items,
                )
                for (made, items), recipe in zip(pairs, ("direct", "mnli"), strict=True)
            ]
            write_runs(store, named)
        publish(store)
        found = checked(store, claim)
        assert found.verdict == verdict, (found.error, found.reasons)
        assert found.audit["seeds"].status == ("pass" if verdict == "supported" else "fail")


def test_the_page_names_every_key_and_every_audit_that_is_always_mandatory() -> None:
    for name in (*KEYS, *ALWAYS):
        assert f"{name}" in PAGE, name
