import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture
def data() -> Path:
    """The folder with real quotes: PRORATA_TEST_QUOTES, or ../shared/data beside the repository."""
    folder = Path(os.environ.get("PRORATA_TEST_QUOTES") or REPOSITORY / ".." / "shared" / "data")
    if not (folder / "eurusd-ticks-2020-01.csv.gz").exists():
        pytest.skip(f"no real quotes in {folder}; name their folder in PRORATA_TEST_QUOTES")
    return folder
