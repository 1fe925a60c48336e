"""The pages of docs/trade name the stories that check them, and no story is left unnamed."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = "\n".join(page.read_text() for page in sorted((ROOT / "docs" / "trade").glob("*.md")))
STORIES = {str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "scenarios").rglob("*.txt")}


def test_every_story_is_named_on_a_page_and_every_named_one_is_there() -> None:
    assert set(re.findall(r"tests/scenarios/[\w/]+\.txt", PAGES)) == STORIES


def test_every_page_that_a_docstring_names_is_there() -> None:
    named: set[str] = set()
    for module in (ROOT / "prorata").rglob("*.py"):
        named |= set(re.findall(r"docs/trade/(\w+\.md)", module.read_text()))
    assert named <= {page.name for page in (ROOT / "docs" / "trade").glob("*.md")}
