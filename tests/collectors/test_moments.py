"""The table of moments: what the sender says, and when."""

from pathlib import Path

import pytest

from tests.collectors.stories import FOLDER, PythonPlayer, play

STORIES = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_sender_says_at_each_moment_what_the_story_tells(path: Path) -> None:
    assert play(path, PythonPlayer()) > 1
