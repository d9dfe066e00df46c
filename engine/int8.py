"""Encoders in 8 bits on a CPU, through onnxruntime: faster, not the same vectors, so the loss is measured.

Weights of matrix products become int8 per channel, activations are quantised as they come; embeddings and
everything else stay float32. ``torch``'s own dynamic quantisation lost more and is about to be removed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from intermezzo.queries.errors import Problem

from .encoding import Encoding, Hidden, encode, up_to

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .models import Model

log = logging.getLogger("intermezzo.engine")

INSTALL = "pip install 'intermezzo[engine,int8]'"
_VERSION = 2
_LARGEST = 1_900_000_000
"""Bytes that fit into one ONNX file; larger weights go beside it."""


class Pair(NamedTuple):
    """A text in a language, and its translation."""

    language: str
    query: str
    target: str


@dataclass(frozen=True, slots=True)
class Loss:
    """What int8 lost against the model's own precision.

    Attributes:
        pairs: Pairs that it was measured on.
        min_cosine: Least cosine between both vectors of a text.
        mean_cosine: Their mean.
        top1_model: Share of translations found by the model's own precision, in 0..1.
        top1_int8: The same in int8.
        languages: Language -> ``pairs``, and how many of them are found by ``model`` and by ``int8``.
    """

    pairs: int
    min_cosine: float
    mean_cosine: float
    top1_model: float
    top1_int8: float
    languages: dict[str, dict[str, int]]

    def __str__(self) -> str:
        lost = 100 * (self.top1_model - self.top1_int8)
        change = f"{abs(lost):.1f} points {'lost' if lost >= 0 else 'more'}"
        return (
            f"int8 finds {100 * self.top1_int8:.1f} % of the translations in a sample, the model's own "
            f"precision {100 * self.top1_model:.1f} % ({change}; {self.pairs:,} pairs in "
            f"{len(self.languages):,} languages, least cosine {self.min_cosine:.3f})."
        )


def hidden_states_int8(model: Model, layer: int | None) -> Hidden:
    """Return a function that computes hidden states in int8.

    The quantised model is made once (about a minute for a small one) and kept in the user's cache.

    Args:
        model: An encoder on the CPU.
        layer: Whose output is wanted; ``None`` the last.

    Raises:
        Problem: A package is missing, the model is on a GPU, or it cannot be exported.
    """
    from importlib.util import find_spec

    missing = [name for name in ("onnx", "onnxruntime", "onnxscript") if find_spec(name) is None]
    if missing:
        raise Problem(f"Encoding in int8 needs {' and '.join(missing)}: {INSTALL}.")
    if model.device != "cpu" or model.dtype != "float32":
        raise Problem("Encoding in int8 is for a CPU: say --device cpu, or leave int8 away on a GPU.")
    import onnxruntime
    import torch

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        str(_quantised(model, layer)), options, providers=["CPUExecutionProvider"]
    )
    ids_name, mask_name = (found.name for found in session.get_inputs())

    def compute(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Any:
        return torch.from_numpy(session.run(None, {ids_name: ids, mask_name: mask})[0])

    return compute


def measure_loss(model: Model, how: Encoding, pairs: Sequence[Pair]) -> Loss:
    """Compare int8 with the model's own precision: how often each text's translation is the nearest.

    Args:
        model: An encoder.
        how: Whose precision does not matter here.
        pairs: Texts with their translations; those of all languages are looked for among all translations.
    """
    import numpy as np

    targets = [pair.target for pair in pairs]
    texts = [*(pair.query for pair in pairs), *targets]
    own, small = (encode(model, texts, replace(how, precision=p)).vectors for p in ("model", "int8"))
    cosines = (own * small).sum(1)
    n = len(pairs)
    right = []
    for vectors in (own, small):
        best = (vectors[:n] @ vectors[n:].T).argmax(1)
        # A translation that occurs twice may be found in either place.
        right.append(np.array([targets[b] == t for b, t in zip(best, targets, strict=True)]))
    languages: dict[str, dict[str, int]] = {}
    for pair, in_model, in_int8 in zip(pairs, *right, strict=True):
        found = languages.setdefault(pair.language, {"pairs": 0, "model": 0, "int8": 0})
        found["pairs"] += 1
        found["model"] += int(in_model)
        found["int8"] += int(in_int8)
    as_model, as_int8 = (float(r.mean()) for r in right)
    return Loss(n, float(cosines.min()), float(cosines.mean()), as_model, as_int8, languages)


def _quantised(model: Model, layer: int | None) -> Path:
    """Return the file of the quantised model, made where it is not in the cache."""
    import platformdirs

    what = f"{_VERSION} {model.name} {model.revision} {layer}"
    key = hashlib.sha256(what.encode()).hexdigest()[:16]
    cache = Path(platformdirs.user_cache_dir("intermezzo")) / "int8"
    made = cache / key
    if not (made / "model.onnx").is_file():
        log.info("Making the int8 form of %s in %s (once) ...", model.name, made)
        try:
            cache.mkdir(parents=True, exist_ok=True)
            work = Path(tempfile.mkdtemp(prefix=".making-", dir=cache))
            try:
                _make(model, layer, work)
                _settle(work / "out", made)
            finally:
                shutil.rmtree(work, ignore_errors=True)
        except OSError as error:
            raise Problem(f"The int8 form of {model.name} cannot be kept in {cache}: {error}.") from error
    return made / "model.onnx"


def _settle(work: Path, made: Path) -> None:
    try:
        work.rename(made)
    except OSError:
        if not (made / "model.onnx").is_file():
            raise


def _make(model: Model, layer: int | None, work: Path) -> None:
    """Export to ONNX with free batch size and length, then quantise, into ``work / "out"``."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    short = up_to(model, layer)
    last = layer is None or short is not model.module

    class Plain(torch.nn.Module):  # type: ignore[misc]
        """Ids and mask in, hidden states out."""

        def __init__(self) -> None:
            super().__init__()
            self.encoder = short

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            found = self.encoder(
                input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=not last
            )
            return found.last_hidden_state if last else found.hidden_states[layer]

    # Two tensors: one given for both would be taken for one input that goes to both places.
    ids, mask = (torch.ones((2, 8), dtype=torch.long) for _ in range(2))
    free = {0: torch.export.Dim("texts"), 1: torch.export.Dim("tokens", min=2, max=model.max_tokens)}
    exported, out = work / "float.onnx", work / "out"
    out.mkdir()
    size = sum(p.numel() * 4 for p in short.parameters())
    with _silent():
        try:
            program = torch.onnx.export(
                Plain().eval(), (ids, mask), dynamo=True, dynamic_shapes=(free, free), verbose=False
            )
        except Exception as error:
            said = str(error).strip().split("\n")[0][:200]
            raise Problem(f"{model.name} cannot be exported for int8 ({said}): leave int8 away.") from error
        if program is None:
            raise Problem(f"{model.name} cannot be exported for int8: leave int8 away.")
        program.save(str(exported), external_data=True)
        quantize_dynamic(
            exported,
            out / "model.onnx",
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gemm"],
            per_channel=True,
            use_external_data_format=size > _LARGEST,
        )


@contextmanager
def _silent() -> Iterator[None]:
    """Keep the exporter's and the quantiser's chatter away, which goes to the root logger and to stdout."""
    import contextlib

    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with (
            warnings.catch_warnings(),
            open(os.devnull, "w") as nowhere,
            contextlib.redirect_stdout(nowhere),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
