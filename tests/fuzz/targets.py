"""What is fuzzed: every reader of foreign bytes, with seeds; a sentence or success may come of any input.

A target is called with bytes and raises where something else came of them: another exception than
``Problem``, a run that the store could not keep, a control character that a terminal would obey.
"""

from __future__ import annotations

import copy
import io
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
for folder in (
    "engine/importers",
    "engine/experiments",
    "engine/training",
    "queries/claims",
    "queries/store",
):
    sys.path.insert(0, str(TESTS / folder))

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where the small folders are that inputs are put into."""


@dataclass(frozen=True, slots=True)
class Target:
    """A reader of foreign bytes.

    Attributes:
        name: What it is called.
        run: Reads an input; raises where more than a sentence came of it.
        seeds: Inputs to begin from.
        shape: ``json``, ``jsonl`` or ``text``: how inputs are varied besides byte by byte.
    """

    name: str
    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    shape: str = "text"


def text_of(data: bytes) -> str:
    """Return bytes as any text at all: lone surrogates and controls too."""
    return data.decode("utf-8", "surrogateescape")


def spoken(problem: Exception) -> None:
    """Hold a refusal to be a sentence."""
    assert str(problem).strip()


# -- importers


def _keep(drafts: Iterable[Any]) -> None:
    """Hold runs to what the store can keep: one that it cannot would stop a whole import."""
    from intermezzo.queries.records import identified
    from intermezzo.queries.store import frames, manifest

    for draft in drafts:
        run = identified(draft.run)
        frames.scores_parquet([run])
        rows = 0
        if draft.items is not None:
            _, rows = frames.items_parquet(draft.items)
            if draft.items.texts:
                frames.texts_parquet(draft.items.texts)
        entry = manifest.RunEntry(run, (1,) * len(run.sources), rows)
        data, size = frames.scores_parquet([run])
        files = {manifest.SCORES: manifest.FileEntry.of(data, size)}
        assert manifest.valid_id(run.run_id)
        manifest.load(manifest.dump([entry], files, "now", {}), run.run_id)


def read_folder(root: Path, module: str) -> None:
    """Find and read everything in a folder with one importer, claimed or not."""
    from intermezzo.engine.importers import importer
    from intermezzo.engine.importing.draft import Bulk, Bundle, Draft
    from intermezzo.engine.importing.tree import list_tree

    tree = list_tree(root)
    found = list(importer(module).find(tree))
    bundles = [one for one in found if isinstance(one, Bundle)]
    for bulk in found:
        if isinstance(bulk, Bulk):
            bundles += [Bundle(module, Path(file.path)) for file in bulk.files]
    claimed = {str(path) for bundle in bundles for path in bundle.files}
    if module not in ("xtreme", "xtreme_scores", "long_table"):
        # what a damaged file no longer shows is read all the same, as if it had been claimed
        bundles += [
            Bundle(module, Path(f.path), (), {"folder": f.folder})
            for f in tree.files
            if f.path not in claimed
        ]
    for bundle in bundles:
        bundle.context.update(root=str(root), memo={})
        _keep([o for o in importer(module).read(bundle) if isinstance(o, Draft)])


def _file(
    module: str, name: str, beside: Callable[[], dict[str, bytes]] | None = None
) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
            root = Path(folder)
            for other, content in (beside() if beside is not None else {}).items():
                (root / other).parent.mkdir(parents=True, exist_ok=True)
                (root / other).write_bytes(content)
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)
            read_folder(root, module)

    return run


def _json(*bodies: Any) -> list[bytes]:
    return [json.dumps(body).encode() for body in bodies]


def _lm_eval() -> Any:
    import test_lm_eval_fuzz as made

    return made


def _shapes() -> Any:
    import test_importers_fuzz as made

    return made


def _samples() -> list[bytes]:
    from lm_eval_files import sample

    return [b"".join(json.dumps(sample(i)).encode() + b"\n" for i in range(3))]


def _lm_results() -> dict[str, bytes]:
    from lm_eval_files import DATE

    return {f"results_{DATE}.json": _json(_lm_eval().base())[0]}


def _lm_target() -> list[Target]:
    from lm_eval_files import DATE

    return [
        Target(
            "lm_eval results",
            _file(
                "lm_eval", f"results_{DATE}.json", lambda: {f"samples_xnli_fr_{DATE}.jsonl": _samples()[0]}
            ),
            lambda: _json(_lm_eval().base()),
            "json",
        ),
        Target(
            "lm_eval samples",
            _file("lm_eval", f"samples_xnli_fr_{DATE}.jsonl", _lm_results),
            _samples,
            "jsonl",
        ),
        Target("lm_eval v0.3", _file("lm_eval_v03", "results.json"), lambda: _json(_lm_eval().old()), "json"),
    ]


def _shaped() -> list[Target]:
    """The shapes of tests/engine/importers/test_importers_fuzz.py."""
    found = []
    made = _shapes()
    for shape, (module, make, name) in made.SHAPES.items():
        beside = None
        if shape in made.BESIDE:
            other, content = made.BESIDE[shape]
            beside = lambda other=other, content=content: {other: json.dumps(content).encode()}  # noqa: E731
        kind = "jsonl" if name.endswith(".jsonl") else "json"
        found.append(Target(shape, _file(module, name, beside), lambda make=make: _json(make()), kind))
    return found


def _mteb() -> list[bytes]:
    from mteb_files import entry, result

    old = {"mteb_version": "1.0.0", "mteb_dataset_name": "XNLI", "test": {"de": {"main_score": 0.5}}}
    return _json(result(test=[entry(0.5), entry(0.25, "sw", "swa-Latn")]), old)


XTREME_SCORES = {
    "qa": 55.0,
    "xnli": {"accuracy": {"en": 80.0, "sw": 60}, "avg_accuracy": 70.0, "avg_metric": 70.0},
    "xquad": {"exact_match": {"en": 50.0}, "f1": {"en": 60.0}, "avg_exact_match": 50.0, "avg_f1": 60.0},
}
GOLD = b"Ina\tB-PER\nso\tO\n\nNew\tB-LOC\nYork\tI-LOC\n.\tO\n\n"
PREDICTED = GOLD.replace(b"\t", b" ").replace(b"I-LOC", b"O")
TABLE = b"model,task,lang,metric,score,seed\nxlm-r,xnli,de,accuracy,0.5,1\nxlm-r,xnli,sw,accuracy,NaN,2\n"
MAPPING = (
    b'scale = "percent"\nevidence = "logged"\n[columns]\nsystem = "model"\ntask = "task"\nlanguage = "lang"\n'
    b'metric = "metric"\nvalue = "score"\nseed = "seed"\n[constants]\nsplit = "test"\n[metrics]\nF1 = "f1"\n'
)


def _xtreme(data: bytes) -> None:
    """The first byte chooses the file of a submission that the others are."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        root = Path(folder) / "in"
        shutil.copytree(TESTS / "fixtures/xtreme_two_systems", root)
        files = sorted(p for p in root.rglob("*") if p.is_file())
        files[(data[0] if data else 0) % len(files)].write_bytes(data[1:])
        read_folder(root, "xtreme")


def _xtreme_seeds() -> list[bytes]:
    files = sorted(p for p in (TESTS / "fixtures/xtreme_two_systems").rglob("*") if p.is_file())
    return [bytes([i]) + p.read_bytes() for i, p in enumerate(files[:256]) if p.stat().st_size < 4000]


def _parquet() -> list[bytes]:
    import polars as pl

    rows = {"model": ["m", "m"], "task": ["xnli"] * 2, "lang": ["de", "sw"], "metric": ["accuracy"] * 2}
    out = io.BytesIO()
    pl.DataFrame({**rows, "score": [0.5, 0.25], "seed": [1, 2]}).write_parquet(
        out, compression="uncompressed"
    )
    return [out.getvalue()]


def _mapping(data: bytes) -> None:
    _file("long_table", "scores.mapping.toml", lambda: {"scores.csv": TABLE})(data)


def importers() -> list[Target]:
    """Return the targets that are importers."""
    beside = {"scores.mapping.toml": MAPPING}
    return [
        *_lm_target(),
        *_shaped(),
        Target("mteb", _file("mteb", f"results/lab__m/{'0123456789' * 4}/XNLI.json"), _mteb, "json"),
        Target(
            "xtreme scores", _file("xtreme_scores", "xlmr-mnli.json"), lambda: _json(XTREME_SCORES), "json"
        ),
        Target("xtreme submission", _xtreme, _xtreme_seeds),
        Target(
            "conll predictions",
            _file("conll", "m/hau/x_s1/test_predictions.txt", lambda: {"m/hau/test.txt": GOLD}),
            lambda: [PREDICTED],
        ),
        Target(
            "conll gold",
            _file("conll", "m/hau/test.txt", lambda: {"m/hau/x_s1/test_predictions.txt": PREDICTED}),
            lambda: [GOLD],
        ),
        Target("table csv", _file("long_table", "scores.csv", lambda: beside), lambda: [TABLE]),
        Target("table parquet", _file("long_table", "scores.parquet", lambda: beside), _parquet),
        Target("table mapping", _mapping, lambda: [MAPPING]),
    ]


# -- what a store holds


@cache
def _manifest() -> bytes:
    from intermezzo.queries.store import frames, manifest
    from store_samples import run

    made = run("fuzz")
    data, rows = frames.scores_parquet([made])
    entry = manifest.RunEntry(made, (1,), 0)
    return manifest.dump([entry], {manifest.SCORES: manifest.FileEntry.of(data, rows)}, "now", {})


def resealed(data: bytes) -> bytes:
    """Return manifest bytes with the right checksum at their end: whoever writes one can make it."""
    from intermezzo.queries.store import manifest

    head = data.rsplit(b',\n  "checksum"', 1)[0]
    return manifest._sealed(head + b"}", b"\n}\n")


def _read_manifest(data: bytes) -> None:
    from intermezzo.queries.store import manifest
    from intermezzo.queries.store.batch import columns_of

    for bytes_of in (data, resealed(data)):
        try:
            name = json.loads(bytes_of)["runs"][0]["run_id"]
        except (ValueError, LookupError, TypeError, RecursionError):
            name = "x"
        try:
            found = manifest.load(bytes_of, name if isinstance(name, str) else "x")
        except manifest.Damaged:
            continue
        for raw in found.runs:
            manifest.run_of(raw)
        runs, sources, replaced = columns_of(found.runs)
        assert all(path is None or ".." not in path for path in runs["texts_path"])
        json.dumps([runs, sources, replaced])


def _record(of: str, reader: Callable[[Any], Any]) -> Callable[[bytes], None]:
    """A record under the name that its bytes give it: whoever writes one can make it."""

    def run(data: bytes) -> None:
        from intermezzo.queries.store.layout import Store
        from intermezzo.queries.store.records_kept import name_of

        with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
            store = Store(Path(folder), True, Path(folder))
            for name in ("claims", "verifications", "hidden"):
                (store.path / name).mkdir()
            (store.path / of / f"{name_of(data)}.json").write_bytes(data)
            reader(store)

    return run


def _claims_of(store: Any) -> None:
    from intermezzo.queries.claims.indexed import claim_rows
    from intermezzo.queries.store.load import write_rows
    from intermezzo.queries.store.verify import verify

    write_rows(store.path / "rows", claim_rows(store))
    verify(store)


def _verifications_of(store: Any) -> None:
    from intermezzo.queries.claims.indexed import verification_rows
    from intermezzo.queries.store.load import write_rows

    write_rows(store.path / "rows", verification_rows(store))


def _hidings_of(store: Any) -> None:
    from intermezzo.queries.store.hidden import hidings
    from intermezzo.queries.store.load import write_rows

    rows = ({"run_id": h.run_id, "why": h.why} for h in hidings(store).values() if h.hidden)
    write_rows(store.path / "rows", rows)


def _reports(data: bytes) -> None:
    from intermezzo.engine.importing.earlier_report import said_before
    from intermezzo.queries.store.layout import Store
    from intermezzo.queries.store.load import _report_rows, write_rows

    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        store = Store(Path(folder), True, Path(folder))
        store.imports.mkdir()
        import hashlib

        (store.imports / f"{hashlib.sha256(b'/r').hexdigest()[:24]}.json").write_bytes(data)
        write_rows(store.path / "rows", _report_rows(store))
        said_before(store, "/r")


WRITTEN = {"format": 1, "written": "2026-01-01T00:00:00+00:00"}
CLAIM = {"id": "a", "statement": "A.", "sql": "SELECT 1", "rule": "all", "operator": ">", "margin": 0.01}
VERIFICATION = {
    "claim": "a",
    "by": "me",
    "method": "read",
    "verdict": "supported",
    "scores": [],
    "reasons": ["r"],
}


def stored() -> list[Target]:
    """Return the targets that are files of a store."""
    claim = {**WRITTEN, "claim": CLAIM, "withdrawn": False, "replaces": [], "why": None, "by": "me"}
    foreign = {**WRITTEN, "kind": "foreign", "verification": VERIFICATION, "replaces": []}
    found = {
        "verdict": "supported",
        "reasons": [],
        "audit": {"seeds": {"status": "pass", "why": ""}},
        "rows": [],
    }
    own = {
        **WRITTEN,
        "kind": "own",
        "claim": "a",
        "claim_record": "b",
        "by": "i",
        "found": found,
        "replaces": [],
    }
    hidden = {**WRITTEN, "run_id": "r", "hidden": True, "why": "wrong"}
    report = {
        "format": 1,
        "root": "/r",
        "written": "x",
        "files": [{"path": "/r/a", "status": "refused", "reason": "x"}],
    }
    return [
        Target("manifest", _read_manifest, lambda: [_manifest()], "json"),
        Target("claim record", _record("claims", _claims_of), lambda: _json(claim), "json"),
        Target(
            "verification record",
            _record("verifications", _verifications_of),
            lambda: _json(foreign, own),
            "json",
        ),
        Target("hidden record", _record("hidden", _hidings_of), lambda: _json(hidden), "json"),
        Target("import report", _reports, lambda: _json(report), "json"),
        Target("spool", _spool, lambda: [_spooled()]),
        Target("job", _job, lambda: [_job_seed()], "json"),
        Target(
            "job state",
            _job_state,
            lambda: _json({"state": "running", "done": 1, "total": 2, "runs": ["a"]}),
            "json",
        ),
        Target("checkpoint", _checkpoint, _checkpoint_seeds),
        Target(
            "stage json",
            _stage_json,
            lambda: _json({"steps": 3, "stage": {}}, {"step": 1, "steps": 2}),
            "json",
        ),
    ]


def _spooled() -> bytes:
    from intermezzo.engine.spool import Spool

    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        made = Spool(Path(folder))
        made.write([[0, "a"], [1, "b"]])
        (file,) = Path(folder).iterdir()
        return file.read_bytes()


def _spool(data: bytes) -> None:
    from intermezzo.engine.spool import _LINES, Spool

    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        (Path(folder) / _LINES).write_bytes(data)
        kept = Spool(Path(folder))
        before = kept.read()
        kept.write([[7, "c"]])
        assert Spool(Path(folder)).read() == [*before, [7, "c"]], "what is added later is not read"


JOB = "20260101-000000-abcd"


def _job_seed() -> bytes:
    spec = {"work": "evaluate", "what": {"task": "xnli"}, "title": "t", "after": [], "needs": {}}
    return _json({"spec": spec, "launcher": "here", "store": "/s", "submitted": "2026-01-01T00:00:00+00:00"})[
        0
    ]


def _read_job(files: dict[str, bytes]) -> None:
    from intermezzo.engine.jobs import jobs
    from intermezzo.queries.store.layout import Store
    from intermezzo.tui.job_lists import jobs_answer
    from intermezzo.tui.output import FORMATS, emit

    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        store = Store(Path(folder), True, Path(folder))
        (store.path / "jobs" / JOB).mkdir(parents=True)
        for name, content in files.items():
            (store.path / "jobs" / JOB / name).write_bytes(content)
        jobs(store)
        answer = jobs_answer(store)
        for name in FORMATS:
            out = io.StringIO()
            emit(answer, name, out)
            assert obeyed(out.getvalue()) == []


def _job(data: bytes) -> None:
    _read_job({"job.json": data})


def _job_state(data: bytes) -> None:
    _read_job({"job.json": _job_seed(), "state.json": data, "handle.json": data})


def _checkpoint_seeds() -> list[bytes]:
    import torch
    from intermezzo.engine.training.checkpoint import CHECKPOINT, save_checkpoint

    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        weight = torch.nn.Parameter(torch.zeros(2))
        save_checkpoint(Path(folder), {"w": weight}, torch.optim.AdamW([weight]), {"step": 1, "steps": 2})
        return [(Path(folder) / CHECKPOINT).read_bytes()]


def _checkpoint(data: bytes) -> None:
    import torch
    from intermezzo.engine.training.checkpoint import CHECKPOINT, load_checkpoint
    from intermezzo.queries.errors import Problem

    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        (Path(folder) / CHECKPOINT).write_bytes(data)
        weight = torch.nn.Parameter(torch.zeros(2))
        with suppress(Problem):
            load_checkpoint(Path(folder), {"w": weight}, torch.optim.AdamW([weight]))


def _stage_json(data: bytes) -> None:
    from intermezzo.engine.training import folders
    from intermezzo.queries.store.layout import Store

    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        store = Store(Path(folder), True, Path(folder))
        stage = folders.stage_folder(store, "s")
        stage.mkdir(parents=True)
        for name in ("done.json", "checkpoint.json", "curve.jsonl"):
            (stage / name).write_bytes(data)
        folders.done_stages(store)
        folders.read_progress(store, "s")
        folders.read_curve(store, "s")


# -- what people write


def _said(read: Callable[[str], Any]) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        from intermezzo.queries.errors import Problem

        try:
            read(text_of(data))
        except Problem as problem:
            spoken(problem)

    return run


def _file_said(read: Callable[[Path], Any], name: str) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        from intermezzo.queries.errors import Problem

        with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
            (Path(folder) / name).write_bytes(data)
            try:
                read(Path(folder) / name)
            except Problem as problem:
                spoken(problem)

    return run


def _claim_file(path: Path) -> None:
    from intermezzo.queries.claims.claim_file import claim_of, read_claims, table_of

    for claim in read_claims(path):
        assert claim_of(json.loads(json.dumps(table_of(claim))), "again") == claim


def _verification_file(path: Path) -> None:
    from intermezzo.queries.claims.verification import read_verifications

    read_verifications(path)


def _experiment(path: Path) -> None:
    from intermezzo.engine.experiments.file import read_experiment

    told = read_experiment(path)
    for target in told.targets:
        told.settings("target", (target,))


def _systems(text: str) -> None:
    from intermezzo.queries.identity import resolve
    from intermezzo.queries.records import Found
    from intermezzo.queries.systems_file import parse_systems

    rules = parse_systems(text)
    for name in ("org/model", "xlm-r", "\u202e[x]"):
        resolve(Found(name, "runs/xlm-r/mnli/seed1"), rules)


def _systems_path(path: Path) -> None:
    from intermezzo.queries.systems_file import load_systems

    load_systems(path.parent)


SYSTEMS = (
    b'[models]\nxlmr = "xlm-r"\n[recipes]\nm = "mnli > qqp"\n[[system]]\npath = "runs/{model}/{recipe}"\n'
    b'[[system]]\nname = "org/model"\nbase_model = "m"\nrecipe = "direct"\nshots = 3\n'
)
CLAIMS = (
    b'[[claim]]\nid = "a"\nstatement = "A"\nquestion = "deltas"\nrule = "all"\noperator = ">"\n'
    b'[claim.params]\nsystem = "s"\ntask = "xnli"\n'
)
VERIFICATIONS = (
    b'[[verification]]\nclaim = "a"\nby = "me"\nmethod = "read"\nverdict = "supported"\nreasons = ["r"]\n'
    b'[[verification.scores]]\nname = "s"\nvalue = 3\n'
)


def _experiment_seeds() -> list[bytes]:
    from experiment_files import SMALL
    from intermezzo.engine.experiments.file import find_experiment

    return [SMALL.encode(), find_experiment("pocket").read_bytes()]


def _model_folder(path: Path) -> None:
    from intermezzo.engine.model_files import find_model

    find_model(str(path.parent))


def written() -> list[Target]:
    """Return the targets that are files and texts of people."""
    return [
        Target("claim file", _file_said(_claim_file, "c.toml"), lambda: [CLAIMS]),
        Target("verification file", _file_said(_verification_file, "v.toml"), lambda: [VERIFICATIONS]),
        Target("experiment file", _file_said(_experiment, "e.toml"), _experiment_seeds),
        Target("systems.toml", _said(_systems), lambda: [SYSTEMS]),
        Target("systems.toml bytes", _file_said(_systems_path, "systems.toml"), lambda: [SYSTEMS]),
        Target(
            "model config",
            _file_said(_model_folder, "config.json"),
            lambda: _json({"model_type": "bert"}),
            "json",
        ),
        Target("sql", _sql, lambda: [s.encode() for s in SQL]),
        Target("sanitiser", _sanitised, lambda: ["\x1b[31m\u202e[b]x[/b]\x9b\t\n".encode()]),
        Target("printed answers", _printed, lambda: [b"=HYPERLINK(1)\x1b]0;x\x07|\\`"]),
        Target(
            "saved views",
            _views,
            lambda: _json({"format": 1, "stores": {"/s": {"matrix": {"task": "xnli"}}}}),
            "json",
        ),
        Target("task data", _task_data, _task_seeds),
    ]


SQL = (
    "SELECT * FROM matrix",
    "SELECT count(*), interval '3 days', DATE '290000-01-01' FROM runs",
    "SELECT [1, 2], {'a': 1}, map([1], [2]), 1e308 * 10, 'x'::BLOB, uuid(), TIMESTAMP '294247-01-10'",
    "WITH d AS (DELETE FROM runs RETURNING *) SELECT * FROM d",
    "SELECT list(range) FROM range(10) GROUP BY range % 3 ORDER BY 1 LIMIT 5",
)


@cache
def _locked() -> Any:
    from intermezzo.queries.locked import locked_connection
    from intermezzo.queries.store.publisher import publish
    from intermezzo.queries.store.reader import connect
    from intermezzo.queries.store.writer import write_runs
    from store_samples import items, new_store, run

    folder = Path(tempfile.mkdtemp(prefix="intermezzo-fuzz-", dir=MEMORY))
    store = new_store(folder)
    write_runs(store, [(run("a"), items())])
    publish(store)
    with connect(store) as reader:
        return locked_connection(reader, memory_limit="64MB", threads=1), folder


def _sql(data: bytes) -> None:
    from intermezzo.queries.confined import _plain
    from intermezzo.queries.errors import Problem

    locked, folder = _locked()
    before = sorted(p.name for p in folder.rglob("*"))
    try:
        answer = locked.run(text_of(data), max_rows=50, timeout=1)
        json.loads(json.dumps([[_plain(value) for value in row] for row in answer.rows]))
    except Problem as problem:
        spoken(problem)
    assert sorted(p.name for p in folder.rglob("*")) == before
    assert locked.run("SELECT count(*) FROM runs").rows == [(1,)]


def obeyed(text: str) -> list[str]:
    """Return the characters of a text that a terminal could obey, line ends aside."""
    import unicodedata

    bad = {"\u2028", "\u2029", "\u00ad", "\u061c", "\u180e", "\u200b", "\u2060", "\ufeff"}
    return [
        c
        for c in text
        if c != "\n"
        and (unicodedata.category(c) in ("Cc", "Cs") or c in bad or unicodedata.bidirectional(c) in _BIDI)
    ]


_BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def _sanitised(data: bytes) -> None:
    from intermezzo.queries.harmless import harmless
    from intermezzo.tui.text import fit, wrapped
    from rich.cells import cell_len

    text = text_of(data)
    clean = harmless(text)
    assert obeyed(clean) == []
    assert "\n" not in clean
    assert harmless(clean) == clean
    assert len(clean) == len(text)
    for width in (0, 1, 5, 40):
        assert cell_len(fit(text, width, middle=bool(width % 2))) == width
        for line in wrapped(text, max(width, 2)):
            assert obeyed(line) == []


def _printed(data: bytes) -> None:
    from intermezzo.tui.output import FORMATS, Answer, Sheet, emit

    text = text_of(data)
    for name in FORMATS:
        out = io.StringIO()
        emit(
            Answer(
                Sheet([text or "a", f"{text}\nb"], [[text, 1.5], [None, text]], caption=text), notes=[text]
            ),
            name,
            out,
        )
        assert obeyed(out.getvalue()) == [], name
        if name == "json":
            said = json.loads(out.getvalue())
            assert [row.get(text or "a") for row in said] == [text, None] or f"{text}\nb" == (text or "a")


def _views(data: bytes) -> None:
    from intermezzo.tui import resume

    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        path = Path(folder) / "views.json"
        path.write_bytes(data)
        resume.load(path, "/s")
        assert resume.save(path, "/s", {"matrix": {}})
        assert resume.load(path, "/s") == {"matrix": {}}


TASK_FILES = ("xnli", "panx", "xquad", "xcopa", "tatoeba", "bucc2018")


def _task_data(data: bytes) -> None:
    """The first byte chooses the task whose German (or Italian) test file the others are."""
    from intermezzo.engine.data.layout import file_of
    from intermezzo.engine.data.read import load_data
    from intermezzo.engine.data.targets import targets
    from intermezzo.queries.errors import Problem

    task = TASK_FILES[(data[0] if data else 0) % len(TASK_FILES)]
    code = "it" if task == "xcopa" else "de"
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        path = file_of(Path(folder), targets()[task], "test", code)
        path.parent.mkdir(parents=True)
        path.write_bytes(data[1:])
        try:
            load_data(task, path=folder, languages=(code,))
        except Problem as problem:
            spoken(problem)


def _task_seeds() -> list[bytes]:
    questions = {
        "data": [
            {
                "title": "t",
                "paragraphs": [
                    {
                        "context": "a b",
                        "qas": [{"id": "1", "question": "q", "answers": [{"text": "a", "answer_start": 0}]}],
                    }
                ],
            }
        ]
    }
    choice = {"premise": "p", "choice1": "a", "choice2": "b", "question": "cause", "label": 1}
    texts = [
        b"a\tb\tneutral\n",
        b"Ann\tB-PER\nwent\tO\n\n",
        *_json(questions, choice),
        b"Satz 1\n",
        b"de-0\tSatz\n",
    ]
    return [bytes([i]) + text for i, text in enumerate(texts)]


@cache
def targets() -> dict[str, Target]:
    """Return all targets by name."""
    return {t.name: t for t in (*importers(), *stored(), *written())}


# -- varying what has a shape


def places(node: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the ways to all values inside a value."""
    found = [here] if here else []
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        found += places(value, (*here, key))
    return found


ODD: tuple[Any, ...] = (
    None, True, -1, 0, 2**63, -(2**80), 1e308, float("nan"), float("inf"), "", " ", "N/A", "../../etc/passwd",
    "/etc/passwd", "\u202e", "\x1b[31m", "[/x]", "\ud800", "\x00", "1e999", "xnli_fr", "de", [], {}, [[]],
    {"": None},
    "x" * 5000, "9" * 5000, [0] * 50,
)  # fmt: skip
"""Values that importers are not made for."""


def varied(body: Any, choose: Callable[[int], int]) -> Any:
    """Return a JSON value with one to three places changed.

    Args:
        body: The value.
        choose: Returns a number below its argument.
    """
    body = copy.deepcopy(body)
    for _ in range(1 + choose(3)):
        where = places(body)
        if not where:
            return ODD[choose(len(ODD))]
        path = where[choose(len(where))]
        parent = body
        for step in path[:-1]:
            parent = parent[step]
        action = choose(4)
        if action == 0:
            del parent[path[-1]]
        elif action == 1 and isinstance(parent, dict):
            odd = ODD[choose(len(ODD))]
            parent[odd if isinstance(odd, str) else repr(odd)] = parent.pop(path[-1])
        elif action == 2:
            other = body
            for step in where[choose(len(where))]:
                other = other[step]
            parent[path[-1]] = copy.deepcopy(other)
        else:
            parent[path[-1]] = copy.deepcopy(ODD[choose(len(ODD))])
    return body
