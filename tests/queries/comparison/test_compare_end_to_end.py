"""Comparisons from stored items to the answer, against slow plain versions; and what is refused."""

from __future__ import annotations

import math
import random
import statistics
from pathlib import Path
from typing import Any

import pytest
from intermezzo.queries.compare import LIKE_THESE, THESE, Comparison, NoYardstick, Pair, Request, compare
from intermezzo.queries.store.reader import connect
from scipy import stats
from small_items import Credits, run, store_of, value_of

CODES = ("de", "en", "sw", "ur", "zh")


def compared(folder: Path, runs: list[Any], *systems: str, **asked: Any) -> Comparison:
    with connect(store_of(folder, runs)) as reader:
        return compare(reader, Request(systems or ("A", "B"), **({"task": "xnli"} | asked)))


def pair_of(folder: Path, runs: list[Any], **asked: Any) -> Pair:
    (pair,) = compared(folder, runs, **asked).pairs
    return pair


def right_or_wrong(rng: random.Random, rate: float, n: int, codes: tuple[str, ...] = CODES) -> Credits:
    return {code: {f"{i:03d}": float(rng.random() < rate) for i in range(n)} for code in codes}


def by_language(pair: Pair) -> dict[str, Any]:
    return {x.label: x for x in pair.languages}


def test_each_language_is_the_paired_t_test_of_its_items(tmp_path: Path) -> None:
    rng = random.Random(1)
    a, b = right_or_wrong(rng, 0.8, 120), right_or_wrong(rng, 0.65, 120)
    pair = pair_of(tmp_path, [run("A", a), run("B", b)])
    ps = {}
    for code, entry in by_language(pair).items():
        left, right = list(a[code].values()), list(b[code].values())
        expected = stats.ttest_rel(left, right)
        ps[code] = expected.pvalue
        interval = expected.confidence_interval()
        assert entry.delta == pytest.approx(statistics.mean(left) - statistics.mean(right))
        assert (entry.p, entry.low, entry.high) == pytest.approx(
            (expected.pvalue, interval.low, interval.high)
        )
        assert (entry.only_a, entry.only_b) == (
            sum(x > y for x, y in zip(left, right, strict=True)),
            sum(x < y for x, y in zip(left, right, strict=True)),
        )
        assert entry.mcnemar == pytest.approx(
            stats.binomtest(entry.only_a, entry.only_a + entry.only_b).pvalue
        )
        assert (entry.n, entry.clusters, entry.basis) == (120, 120, "items")
    worst = 0.0
    for rank, (code, p) in enumerate(sorted(ps.items(), key=lambda x: x[1])):
        worst = max(worst, min(1.0, p * (len(ps) - rank)))
        assert by_language(pair)[code].p_adjusted == pytest.approx(worst)


def test_clusters_are_summed_before_squaring(tmp_path: Path) -> None:
    rng = random.Random(2)
    a, b = right_or_wrong(rng, 0.7, 60, ("de",)), right_or_wrong(rng, 0.6, 60, ("de",))
    clusters = {f"{i:03d}": f"c{i // 4}" for i in range(60)}
    pair = pair_of(tmp_path, [run("A", a, clusters=clusters), run("B", b, clusters=clusters)])
    differences = {i: a["de"][i] - b["de"][i] for i in a["de"]}
    mean = statistics.mean(differences.values())
    sums: dict[str, float] = {}
    for item, d in differences.items():
        sums[clusters[item]] = sums.get(clusters[item], 0.0) + d - mean
    error = math.sqrt(15 / 14 * sum(s * s for s in sums.values())) / 60
    (entry,) = pair.languages
    assert (entry.n, entry.clusters) == (60, 15)
    assert entry.stderr == pytest.approx(error)
    assert entry.high == pytest.approx(mean + stats.t.ppf(0.975, 14) * error)
    assert entry.stderr_unclustered == pytest.approx(statistics.stdev(differences.values()) / math.sqrt(60))


def test_these_languages_pairs_parallel_items_over_languages(tmp_path: Path) -> None:
    rng = random.Random(3)
    a, b = right_or_wrong(rng, 0.8, 80), right_or_wrong(rng, 0.7, 80)
    pair = pair_of(tmp_path, [run("A", a), run("B", b)])
    each = [statistics.mean(a[c][i] - b[c][i] for c in CODES) for i in a["de"]]
    error = statistics.stdev(each) / math.sqrt(80)
    macro = pair.macro()
    assert macro is not None
    assert macro.delta == pytest.approx(statistics.mean(each))
    assert macro.stderr == pytest.approx(error)
    without = next(r for r in pair.over if r.kind == "without-train" and r.estimand == THESE)
    assert set(without.languages) == set(CODES) - {"en"}
    assert without.delta == pytest.approx(
        statistics.mean(value_of(a[c]) - value_of(b[c]) for c in CODES if c != "en")
    )
    gap = next(r for r in pair.over if r.kind == "transfer-gap")
    assert gap.delta == pytest.approx(value_of(a["en"]) - value_of(b["en"]) - without.delta)
    micro = next(r for r in pair.over if r.kind == "micro")
    assert micro.delta == pytest.approx(macro.delta)


def test_own_items_of_each_language_give_the_plain_t_over_languages(tmp_path: Path) -> None:
    rng = random.Random(4)
    sides = []
    for rate in (0.8, 0.6):
        sides.append({c: {f"{c}:{i}": float(rng.random() < rate) for i in range(50)} for c in CODES})
    a, b = sides
    pair = pair_of(tmp_path, [run("A", a), run("B", b)])
    deltas = [value_of(a[c]) - value_of(b[c]) for c in CODES]
    like = pair.macro(LIKE_THESE)
    assert like is not None
    expected = stats.ttest_1samp(deltas, 0).confidence_interval()
    assert (like.low, like.high) == pytest.approx((expected.low, expected.high))


def test_item_sets_that_differ_are_matched_and_counted(tmp_path: Path) -> None:
    a = {"de": {f"{i}": float(i % 3 > 0) for i in range(30)}}
    b = {"de": {f"{i}": float(i % 2) for i in range(10, 50)}}
    (entry,) = pair_of(tmp_path, [run("A", a), run("B", b)]).languages
    common = [str(i) for i in range(10, 30)]
    assert (entry.n, entry.items_a, entry.items_b) == (20, 30, 40)
    assert entry.a == pytest.approx(statistics.mean(a["de"][i] for i in common))
    assert entry.b == pytest.approx(statistics.mean(b["de"][i] for i in common))
    assert "20 in common" in str(entry.note)


def test_the_order_of_items_in_files_does_not_matter(tmp_path: Path) -> None:
    rng = random.Random(5)
    a, b = right_or_wrong(rng, 0.7, 40, ("de",)), right_or_wrong(rng, 0.5, 40, ("de",))
    turned = {"de": dict(reversed(list(b["de"].items())))}
    first = pair_of(tmp_path / "1", [run("A", a), run("B", b)]).languages
    assert pair_of(tmp_path / "2", [run("A", a), run("B", turned)]).languages == first


def test_pairs_that_only_one_system_mined_count_as_nothing_for_the_other(tmp_path: Path) -> None:
    gold = {f"de:g{i}": i for i in range(12)}
    a = {"de": {g: (int(i % 2), int(i % 2), 1) for g, i in gold.items()} | {"de:x1": (0, 1, 0)}}
    b = {"de": {g: (int(i % 3 > 0), int(i % 3 > 0), 1) for g, i in gold.items()} | {"de:x2": (0, 1, 0)}}
    facts = {"task": "bucc2018", "metric": "f1", "implementation": "xtreme bucc"}
    (entry,) = pair_of(tmp_path, [run("A", a, **facts), run("B", b, **facts)], task="bucc2018").languages
    assert entry.n == 14
    assert (entry.a, entry.b) == pytest.approx((value_of(a["de"]), value_of(b["de"])))
    assert entry.low < entry.delta < entry.high


def test_a_second_implementation_falls_back_to_the_first_ones_items(tmp_path: Path) -> None:
    def tags(rate: float, seed: int) -> Credits:
        rng = random.Random(seed)
        return {"de": {f"de:{i}": (int(rng.random() < rate), 1, 1) for i in range(60)}}

    facts = {"task": "udpos", "metric": "f1", "implementation": "xtreme seqeval-1.2.2"}
    a, b = tags(0.8, 1), tags(0.6, 2)
    runs = [run("A", a, item_metric="f1@seqeval-1.2.2", **facts), run("B", b, item_metric="f1", **facts)]
    (entry,) = pair_of(tmp_path, runs, task="udpos").languages
    assert (entry.a, entry.b, entry.basis) == (
        pytest.approx(value_of(a["de"])),
        pytest.approx(value_of(b["de"])),
        "items",
    )


def test_items_that_do_not_give_the_score_are_not_the_items_behind_it(tmp_path: Path) -> None:
    rng = random.Random(6)
    a, b = right_or_wrong(rng, 0.7, 40, ("de",)), right_or_wrong(rng, 0.5, 40, ("de",))
    (entry,) = pair_of(tmp_path, [run("A", a, score_values={"de": 0.99}), run("B", b)]).languages
    assert "not the items behind it" in str(entry.reason)
    assert (entry.basis, entry.low, entry.p) == ("values", None, None)
    assert entry.delta == pytest.approx(0.99 - value_of(b["de"]))


def test_without_items_there_is_a_delta_but_no_interval_and_it_says_why(tmp_path: Path) -> None:
    rng = random.Random(7)
    a, b = right_or_wrong(rng, 0.7, 40), right_or_wrong(rng, 0.5, 40)
    pair = pair_of(tmp_path, [run("A", a), run("B", b, keep_items=False)])
    for entry in pair.languages:
        assert entry.delta == pytest.approx(value_of(a[entry.label]) - value_of(b[entry.label]))
        assert (entry.stderr, entry.low, entry.p, entry.p_adjusted) == (None, None, None, None)
        assert "No items of B" in str(entry.reason)
    these, like = pair.macro(THESE), pair.macro(LIKE_THESE)
    assert these is not None
    assert like is not None
    assert (these.low, these.basis) == (None, "values")
    assert "No items" in str(these.reason)
    assert like.low is not None
    only = pair_of(tmp_path / "2", [run("A", a), run("B", b, keep_items=False)], items_only=True)
    assert (only.languages, only.over) == ((), ())


def test_other_numbers_of_items_without_items_are_refused(tmp_path: Path) -> None:
    a, b = {"de": {"1": 1.0, "2": 0.0}}, {"de": {"1": 1.0, "2": 0.0, "3": 1.0}}
    pair = pair_of(tmp_path, [run("A", a), run("B", b, keep_items=False)])
    (entry,) = pair.languages
    assert (entry.delta, entry.basis) == (None, None)
    assert "Other numbers of items: 2 against 3" in str(entry.reason)
    assert pair.over == ()


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ({"1": 1.0}, {"1": 0.0}, "only one item"),
        ({"1": 1.0, "2": 0.0, "3": 1.0}, {"1": 1.0, "2": 0.0, "3": 1.0}, "all ties"),
        ({"1": 1.0, "2": 1.0, "3": 1.0}, {"1": 0.0, "2": 0.0, "3": 0.0}, "constant credit"),
        ({"1": 1.0, "2": 0.0}, {"3": 1.0, "4": 0.0}, "No item in common"),
    ],
)
def test_bad_items_get_a_sentence_and_no_interval(
    tmp_path: Path, a: dict[str, float], b: dict[str, float], words: str
) -> None:
    (entry,) = pair_of(tmp_path, [run("A", {"de": a}), run("B", {"de": b})]).languages
    assert words in str(entry.reason)
    assert (entry.stderr, entry.low, entry.p) == (None, None, None)


def test_several_seeds_an_arm_and_one_against_many(tmp_path: Path) -> None:
    rng = random.Random(8)
    a = [right_or_wrong(rng, 0.8, 60) for _ in range(3)]
    b = [right_or_wrong(rng, 0.7, 60) for _ in range(3)]
    runs = [run("A", x, seed=s) for s, x in enumerate(a)] + [run("B", x, seed=s) for s, x in enumerate(b)]
    pair = pair_of(tmp_path, runs)
    for entry in pair.languages:
        assert (entry.seeds_a, entry.seeds_b) == (3, 3)
        assert entry.a == pytest.approx(statistics.mean(value_of(x[entry.label]) for x in a))
        assert "3 seeds" in str(entry.training)
        assert entry.only_a is None
    uneven = pair_of(tmp_path / "2", [*runs[:3], runs[3]])
    assert all("has 1 seed" in str(x.reason) and x.low is None for x in uneven.languages)
    single = pair_of(tmp_path / "3", runs, train_seeds=(1,))
    assert all(x.seeds_a == x.seeds_b == 1 and x.low is not None for x in single.languages)
    assert by_language(single)["de"].a == pytest.approx(value_of(a[1]["de"]))


def test_one_seed_without_items_is_that_seeds_value(tmp_path: Path) -> None:
    seeds = [{"de": {"1": 1.0, "2": float(s > 1), "3": 0.0}} for s in (1, 2)]
    runs = [run("A", x, seed=s, keep_items=False) for s, x in zip((1, 2), seeds, strict=True)]
    runs += [run("B", seeds[0], seed=s, keep_items=False) for s in (1, 2)]
    (entry,) = pair_of(tmp_path, runs, train_seeds=(2,)).languages
    assert (entry.delta, entry.seeds_a) == (pytest.approx(1 / 3), 1)
    (entry,) = pair_of(tmp_path / "2", runs).languages
    assert (entry.delta, entry.seeds_a) == (pytest.approx(1 / 6), 2)


def test_missing_credit_is_a_sentence_and_no_number(tmp_path: Path) -> None:
    a = {"de": {"1": 1.0, "2": None, "3": 0.0}}
    b = {"de": {"1": 0.0, "2": 1.0, "3": 0.0}}
    runs = [run("A", a, score_values={"de": 0.5}), run("B", b)]
    (entry,) = pair_of(tmp_path, runs).languages
    assert "no finite credit" in str(entry.reason)
    assert (entry.delta, entry.low, entry.p) == (None, None, None)


def test_some_of_the_items_are_compared_and_said_to_be_some(tmp_path: Path) -> None:
    rng = random.Random(12)
    a, b = right_or_wrong(rng, 0.8, 60, ("de",)), right_or_wrong(rng, 0.6, 60, ("de",))
    some = run("A", a, score_values={"de": 0.123}, n=400)
    (entry,) = pair_of(tmp_path, [some, run("B", b)]).languages
    assert "Of A's 400 items 60 are kept." in str(entry.note)
    assert entry.a == pytest.approx(value_of(a["de"]))
    assert entry.low is not None


def test_false_discovery_rate_may_be_chosen_and_is_named(tmp_path: Path) -> None:
    rng = random.Random(13)
    runs = [run("A", right_or_wrong(rng, 0.75, 150)), run("B", right_or_wrong(rng, 0.65, 150))]
    pair = pair_of(tmp_path, runs, adjust="bh")
    entries = by_language(pair)
    wanted = stats.false_discovery_control([x.p for x in entries.values()])
    assert [x.p_adjusted for x in entries.values()] == pytest.approx(list(wanted))
    assert "Benjamini-Hochberg" in pair.family


def test_attributes_that_differ_are_refused_unless_insisted_on(tmp_path: Path) -> None:
    rng = random.Random(9)
    a, b = right_or_wrong(rng, 0.8, 30), right_or_wrong(rng, 0.6, 30)
    runs = [run("A", a, selection="target dev", dataset_revision="r1"), run("B", b, selection="english dev")]
    answer = compared(tmp_path, runs)
    (pair,) = answer.pairs
    assert answer.refused
    assert "selection (target dev against english dev)" in str(pair.refused)
    assert (pair.languages, pair.over) == ((), ())
    states = {x.name: x.state for x in pair.attributes}
    assert (states["selection"], states["dataset revision"]) == ("different", "unknown")
    insisted = pair_of(tmp_path, runs, insist=True)
    assert len(insisted.languages) == 5
    assert "selection" in insisted.notes[0]


def test_systems_without_a_common_yardstick_are_told_apart(tmp_path: Path) -> None:
    a = {"de": {"1": 1.0, "2": 0.0}}
    with pytest.raises(NoYardstick, match=r"implementation \(one acc against other acc\)"):
        compared(tmp_path, [run("A", a, implementation="one acc"), run("B", a, implementation="other acc")])


def test_tatoeba_f1_of_mteb_and_accuracy_of_xtreme_are_two_yardsticks(tmp_path: Path) -> None:
    given = {"de": {"1": 1.0, "2": 0.0}}
    mteb = run("A", given, task="tatoeba", metric="f1", implementation="mteb f1", keep_items=False)
    xtreme = run("B", given, task="tatoeba", implementation="xtreme tatoeba")
    with pytest.raises(NoYardstick, match=r"metric \(f1 against accuracy\)"):
        compared(tmp_path, [mteb, xtreme], task="tatoeba")


def test_several_yardsticks_ask_which(tmp_path: Path) -> None:
    a = {"de": {"1": 1.0, "2": 0.0, "3": 1.0}}
    b = {"de": {"1": 0.0, "2": 1.0, "3": 1.0}}
    runs = [
        run(name, given, subset=subset)
        for name, given in (("A", a), ("B", b))
        for subset in ("native", "translated")
    ]
    with pytest.raises(NoYardstick, match="--subset"):
        compared(tmp_path, runs)
    assert compared(tmp_path, runs, subset="native").measure.subset == "native"


def test_three_systems_are_ranked_with_ties(tmp_path: Path) -> None:
    rng = random.Random(10)
    runs = [run(name, right_or_wrong(rng, rate, 300)) for name, rate in (("A", 0.9), ("B", 0.6), ("C", 0.6))]
    answer = compared(tmp_path, runs, "A", "B", "C")
    assert [(p.a, p.b) for p in answer.pairs] == [("A", "B"), ("A", "C"), ("B", "C")]
    assert {s: (r.low, r.high) for s, r in answer.ranks.items()} == {"A": (1, 1), "B": (2, 3), "C": (2, 3)}


def test_identical_predictions_and_collapsed_runs_are_flagged(tmp_path: Path) -> None:
    given = {"de": {str(i): float(i % 4 > 0) for i in range(40)}}
    poor = {"de": {str(i): float(i % 3 == 0) for i in range(40)}}
    said = {str(i): f"p{i}" for i in range(40)}
    runs = [run("A", given, predictions=said), run("B", given, predictions=said)]
    pair = pair_of(tmp_path, runs)
    assert any("Identical predictions: A" in flag for flag in pair.flags)
    other = [run("A", given, predictions=said), run("B", given, predictions=said | {"0": "other"})]
    assert not pair_of(tmp_path / "2", other).flags
    flags = pair_of(tmp_path / "3", [run("A", given), run("B", poor)]).flags
    assert any(flag.startswith("Collapsed: B in de: at or below chance") for flag in flags)


def test_wins_follow_the_metrics_direction(tmp_path: Path) -> None:
    rng = random.Random(11)
    a = {"de": {str(i): 5 + rng.random() for i in range(50)}}
    b = {"de": {str(i): 7 + rng.random() for i in range(50)}}
    facts = {"metric": "loss", "implementation": "test loss"}
    pair = pair_of(tmp_path, [run("A", a, **facts), run("B", b, **facts)], metric="loss")
    (entry,) = pair.languages
    assert entry.delta < 0
    assert (entry.sign, pair.counts.wins, pair.counts.significant_wins) == ("+", 1, 1)


def test_damaged_items_are_named(tmp_path: Path) -> None:
    a = {"de": {"1": 1.0, "2": 0.0}}
    store = store_of(tmp_path, [run("A", a), run("B", a)])
    with connect(store) as reader:
        (path,) = reader.items_paths(
            [reader.sql("SELECT run_id FROM runs WHERE system = 'A'").rows[0][0]]
        ).values()
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with connect(store) as reader, pytest.raises(Exception, match="cannot be trusted"):
        compare(reader, Request(("A", "B"), task="xnli"))
