"""A real browser: `PRORATA_TEST_CHROMIUM`, or a Chromium in the path. Without one these tests are skipped, but not in CI."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Not for the whole session: while Playwright lives, its event loop runs in this thread, and nobody can start another."""
    found = os.environ.get("PRORATA_TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium: install the package `chromium`, or name one in PRORATA_TEST_CHROMIUM")
        pytest.skip("no Chromium in the path or in PRORATA_TEST_CHROMIUM")
    with sync_playwright() as playwright:
        # Its own sandbox does not start for root, as in a container.
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()
