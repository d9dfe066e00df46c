from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intermezzo.engine.importing import line_blocks
from intermezzo.engine.importing.line_blocks import LineNumbers, blocks_of

LENGTHS = st.lists(st.sampled_from([0, 1, 2, 5, 9, 30, 100]), max_size=12)


@given(LENGTHS, st.sampled_from([0, 1, 20, 200]), st.sampled_from([4, 8, 64]), st.sampled_from([3, 10, 1000]))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_line_comes_whole_once_or_is_said_to_be_too_long(
    tmp_path: Path, lengths: list[int], rest: int, block: int, longest: int
) -> None:
    lines = [b"x" * n + b"\n" for n in lengths] + ([b"y" * rest] if rest else [])
    data = b"".join(lines)
    path = tmp_path / "lines"
    path.write_bytes(data)
    digest = hashlib.sha256()
    numbers = LineNumbers(path)
    found: list[bytes | None] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_blocks, "BLOCK_BYTES", block)
        for offset, part in blocks_of(path, digest, longest):
            assert numbers.at(offset) == len(found) + 1
            assert offset == sum(map(len, lines[: len(found)]))
            found += [None] if part is None else bytes(part).splitlines(keepends=True)
    assert digest.hexdigest() == hashlib.sha256(data).hexdigest()
    assert len(found) == len(lines)
    for one, line in zip(found, lines, strict=True):
        assert one == line if len(line) <= longest else one in (None, line)
        if len(line) > 2 * longest + 2 * block:
            assert one is None
