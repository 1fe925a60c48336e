import pytest

from prorata.control.store import Control
from tests.control.conftest import OpenControl
from tests.control.organizations.office import Office
from tests.rest.house import HandClock


@pytest.fixture
def office(open_control: OpenControl, clock: HandClock) -> Office:
    return Office(open_control(), clock)


@pytest.fixture
def control(office: Office) -> Control:
    return office.control
