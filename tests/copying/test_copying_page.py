"""The worked numbers of docs/trade/copying.md are those that the stories check."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "trade" / "copying.md").read_text()
STORIES = "\n".join(path.read_text() for path in (ROOT / "tests" / "scenarios" / "copying").glob("*.txt"))
NUMBER = re.compile(r"-?\d[\d,]*\.\d+")


def test_every_number_in_bold_is_told_in_a_story() -> None:
    told = {number.replace(",", "") for line in STORIES.splitlines() for number in NUMBER.findall(line.partition("#")[0])}
    bold = [number.replace(",", "") for part in re.findall(r"\*\*([^*]+)\*\*", PAGE) for number in NUMBER.findall(part)]
    assert len(bold) > 25
    assert [number for number in bold if number not in told] == []
