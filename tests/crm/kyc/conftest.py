import pytest

from tests.crm.desk import Desk
from tests.crm.kyc.office import Office


@pytest.fixture
def office(desk: Desk) -> Office:
    return Office(desk)
