"""Where a model's files are: a folder, the hub (fetched into its own cache), or the pocket model.

Everything that may need a network happens here, once, before anything is loaded.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intermezzo.queries.errors import Problem
from intermezzo.queries.plain_files import at_home

from .hub_answers import PATIENCE, hub_answers
from .mean_head import FILE as HEAD_FILE

POCKET = "pocket"
"""What the pocket model is asked for by."""

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?(@[\w./-]+)?")
_WANTED = ["*.json", "*.safetensors", "*.model", "*.txt", "1_Pooling/*"]
_UNWANTED = ["onnx/*", "openvino/*", "*/checkpoint-*"]
_DECIDING = (
    "config.json",
    "config_sentence_transformers.json",
    "1_Pooling/config.json",
    "tokenizer*",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab*",
    "merges.txt",
    "*.model",
    "*.py",
)
"""Files beside the weights that decide what is computed; a trainer's own notes do not."""


class ModelError(Problem):
    """A model that cannot be had, read or used."""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model's files.

    Attributes:
        name: What the model is called in tables and records.
        ref: What was asked for.
        path: The folder.
        revision: Commit of the hub, or a hash of the files.
        pooling: ``mean`` or ``cls`` where the folder has sentence-transformers' configuration.
        prefix: Its default prompt there, which goes before every text.
    """

    name: str
    ref: str
    path: Path
    revision: str
    pooling: str | None = None
    prefix: str = ""


def find_model(ref: str, *, code: bool = False) -> ModelFolder:
    """Return a model's files, complete and readable; fetch them from the hub where they are not here.

    Args:
        ref: A folder; a hub id, ``owner/name`` or ``owner/name@revision``; or ``pocket``.
        code: Fetch Python code that comes with the model too.

    Raises:
        ModelError: There is no such model, no network, or something is wrong with the files.
    """
    if ref == POCKET:
        from .pocket.model import pocket_model

        stands_in = pocket_model()
        return _checked(stands_in.resolve().name, ref, stands_in, None)
    path = at_home(ref)
    if path.is_dir():
        return _checked(path.resolve().name, ref, path, None)
    if path.exists():
        raise ModelError(f"{ref} is a file, not a model's folder (config.json, *.safetensors, tokenizer).")
    if not _HUB_ID.fullmatch(ref):
        raise ModelError(f"There is no folder {ref}, and it is no hub id (owner/name) either.")
    hub_id, _, revision = ref.partition("@")
    fetched = _fetch(hub_id, revision or None, code)
    return _checked(hub_id, ref, fetched, fetched.name)


def lacking_model(ref: str) -> str | None:
    """Say what is missing where a model is known not to be here; the hub is not asked.

    Args:
        ref: As for ``find_model``.
    """
    if ref == POCKET:
        from .pocket.model import lacking_pocket

        return lacking_pocket()
    path = at_home(ref)
    if not path.is_dir() and (path.is_absolute() or not _HUB_ID.fullmatch(ref)):
        return f"there is no folder {ref}"
    return None


def on_hub(ref: str) -> bool:
    """Say whether a model would be taken from the hub, or from what was fetched there earlier."""
    return ref != POCKET and not at_home(ref).is_dir() and lacking_model(ref) is None


def _fetch(hub_id: str, revision: str | None, code: bool) -> Path:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import (
            GatedRepoError,
            LocalEntryNotFoundError,
            RepositoryNotFoundError,
            RevisionNotFoundError,
        )
    except ImportError:
        from .models import need_engine

        need_engine()
        raise
    wanted = [*_WANTED, "*.py"] if code else _WANTED
    unknown = f"The hub has no model {hub_id} that this machine may read, and there is no such folder here."
    try:
        return Path(
            snapshot_download(
                hub_id,
                revision=revision,
                allow_patterns=wanted,
                ignore_patterns=_UNWANTED,
                etag_timeout=PATIENCE,
                local_files_only=not hub_answers(hub_id, "model"),
            )
        )
    except GatedRepoError as error:
        raise ModelError(
            f"The hub gives {hub_id} only to those who asked for it: ask on its page, then set HF_TOKEN."
        ) from error
    except RepositoryNotFoundError as error:
        raise ModelError(unknown) from error
    except RevisionNotFoundError as error:
        raise ModelError(f"{hub_id} has no revision {revision!r} on the hub.") from error
    except LocalEntryNotFoundError as error:
        answer = getattr(error.__cause__, "response", None)
        if getattr(answer, "status_code", None) in (401, 404):
            raise ModelError(unknown) from error
        raise ModelError(
            f"{hub_id} is not in this machine's cache and the hub cannot be reached (HF_HUB_OFFLINE, or no "
            "network). Name a folder with the model, or `pocket` for the one that needs no hub."
        ) from error
    except Exception as error:  # of the hub, or of whichever HTTP library its own is built on
        raise ModelError(f"{hub_id} could not be fetched from the hub: {str(error)[:200]}") from error


def _checked(name: str, ref: str, path: Path, revision: str | None) -> ModelFolder:
    """Return the folder after looking at every file that loading would trip over."""
    config = _json(path / "config.json")
    if config is None:
        has = ", ".join(sorted(p.name for p in path.iterdir())[:5]) or "nothing"
        raise ModelError(f"{ref} is no model's folder: it has no config.json (it has {has}).")
    if not isinstance(config, dict) or "model_type" not in config:
        raise ModelError(f"{ref}/config.json does not say what kind of model it is (model_type).")
    weights = weight_files(path)
    if (path / HEAD_FILE).is_file() and weights:
        weights.append(path / HEAD_FILE)
    if not weights:
        pickled = sorted(p.name for p in path.glob("*.bin")) + sorted(p.name for p in path.glob("*.pt"))
        why = f"only {pickled[0]}, which could run code when read" if pickled else "no weights"
        raise ModelError(
            f"{ref} has no weights as safetensors ({why}). "
            "Save it again with model.save_pretrained(folder), which writes model.safetensors."
        )
    for file in weights:
        _check_weights(ref, file)
    pooling, prefix = _sentence_settings(path)
    name = _pocket_name(config) or name
    return ModelFolder(name, ref, path, revision or _content_hash(path, weights), pooling, prefix)


def _pocket_name(config: dict[str, Any]) -> str | None:
    """Return the pocket model's name where the folder is it or a copy of it, and of nothing else."""
    from .pocket.model import NAME

    return NAME if str(config.get("note", "")).startswith(NAME) else None


def weight_files(path: Path) -> list[Path]:
    """Return the safetensors files that hold a folder's weights, in their order.

    Raises:
        ModelError: The index names a file that is not there.
    """
    index = _json(path / "model.safetensors.index.json")
    if isinstance(index, dict) and isinstance(index.get("weight_map"), dict):
        files = [path / name for name in sorted(set(index["weight_map"].values()))]
        missing = [file.name for file in files if not file.is_file()]
        if missing:
            raise ModelError(f"{path} has no {missing[0]}, which its index names: copy it again.")
        return files
    return [path / "model.safetensors"] if (path / "model.safetensors").is_file() else []


def _check_weights(ref: str, file: Path) -> None:
    """Read the header of a safetensors file, which says how long the file must be."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        head = stream.read(8)
        length = int.from_bytes(head, "little")
        if len(head) < 8 or length > min(size, 100_000_000):
            raise ModelError(f"{file} ({ref}) is no safetensors file, or only its beginning: copy it again.")
        try:
            header = json.loads(stream.read(length))
            ends = [v["data_offsets"][1] for k, v in header.items() if k != "__metadata__"]
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            raise ModelError(f"{file} ({ref}) is no safetensors file: its header is damaged.") from error
    wanted = 8 + length + max(ends, default=0)
    if wanted != size:
        raise ModelError(
            f"{file} ({ref}) has {size:,} bytes and should have {wanted:,}: it is cut off or damaged. "
            "Copy or download it again."
        )


def _sentence_settings(path: Path) -> tuple[str | None, str]:
    """Return pooling and default prompt from sentence-transformers' files, where the folder has them."""
    pooling = None
    modes = _json(path / "1_Pooling" / "config.json")
    if isinstance(modes, dict):
        if modes.get("pooling_mode_mean_tokens") or modes.get("pooling_mode") == "mean":
            pooling = "mean"
        elif modes.get("pooling_mode_cls_token") or modes.get("pooling_mode") == "cls":
            pooling = "cls"
    settings = _json(path / "config_sentence_transformers.json")
    if not isinstance(settings, dict) or not isinstance(settings.get("prompts"), dict):
        return pooling, ""
    prefix = settings["prompts"].get(settings.get("default_prompt_name"), "")
    return pooling, prefix if isinstance(prefix, str) else ""


def _json(path: Path) -> Any:
    """Return what a JSON file holds, ``None`` where there is no such file."""
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read as JSON: {str(error)[:120]}") from error


def _content_hash(path: Path, weights: list[Path]) -> str:
    """Return a hash over everything in a folder that decides what the model computes."""
    digest = hashlib.sha256()
    others = [p for pattern in _DECIDING for p in path.glob(pattern)]
    for file in sorted({*weights, *others}):
        digest.update(file.name.encode())
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:16]
