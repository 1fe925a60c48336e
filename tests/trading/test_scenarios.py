"""Every story of tests/scenarios comes out as it is told."""

from pathlib import Path

import pytest

from prorata.messages.refusals import Refusal

from .stories import Story

STORIES = sorted((Path(__file__).parents[1] / "scenarios").glob("*.txt"))


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_story_comes_out_as_told(path: Path) -> None:
    Story().play(path)


def test_every_refusal_of_the_engine_is_told_in_some_story() -> None:
    seen: set[Refusal] = set()
    for path in STORIES:
        story = Story()
        story.play(path)
        seen |= story.refusals
    codes = {code for code in Refusal if 2000 <= code < 8000}
    assert sorted(code.name for code in codes - seen) == []
