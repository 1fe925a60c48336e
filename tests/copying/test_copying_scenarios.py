"""Every story of tests/scenarios/copying comes out as it is told, and together they tell all that copy trading can do."""

from pathlib import Path
from typing import get_args

import pytest

from prorata.messages.copy_events import CopyEvent
from prorata.messages.copy_terms import VolumeReason
from prorata.messages.refusals import Refusal

from .stories import CopyStory

STORIES = sorted((Path(__file__).parents[1] / "scenarios" / "copying").glob("*.txt"))


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_story_comes_out_as_told(path: Path) -> None:
    CopyStory().play(path)


@pytest.fixture(scope="module")
def played() -> list[CopyStory]:
    stories = [CopyStory() for _ in STORIES]
    for story, path in zip(stories, STORIES, strict=True):
        story.play(path)
    return stories


def test_every_refusal_of_copy_trading_is_told_in_some_story(played: list[CopyStory]) -> None:
    told = {code for story in played for code in story.refusals}
    assert sorted(code.name for code in Refusal if 8000 <= code < 9000 and code not in told) == []


def test_every_event_of_copy_trading_is_told_in_some_story(played: list[CopyStory]) -> None:
    told = {kind for story in played for kind in story.events}
    assert sorted(kind.__name__ for kind in get_args(CopyEvent) if kind not in told) == []


def test_every_reason_for_another_volume_is_told_in_some_story(played: list[CopyStory]) -> None:
    told = VolumeReason.NONE
    for story in played:
        told |= story.reasons
    assert [reason.name for reason in VolumeReason if reason not in told] == []
