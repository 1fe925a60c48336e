"""Which addresses a list of rules lets in."""

import pytest

from prorata.rest.webapi.mt4.firewall import ADDRESS_MAX, is_admitted
from prorata.rest.webapi.schemas.mt4_server import MT4Access

TEN = MT4Access(action=1, ip_from=10 << 24, ip_to=(11 << 24) - 1)
ALL = MT4Access(action=0, ip_from=0, ip_to=ADDRESS_MAX)
HALF = MT4Access(action=0, ip_from=0, ip_to=ADDRESS_MAX - 1)


@pytest.mark.parametrize(
    ("rules", "address", "admitted"),
    [
        ([], "10.0.0.1", True),
        ([], "2001:db8::1", True),
        ([], "", True),
        ([TEN, ALL], "10.255.255.255", True),
        ([TEN, ALL], "::ffff:10.0.0.1", True),
        ([TEN, ALL], "11.0.0.0", False),
        ([ALL, TEN], "10.0.0.1", False),
        ([TEN], "11.0.0.0", True),
        ([TEN, ALL], "2001:db8::1", False),
        ([HALF], "2001:db8::1", True),
        ([ALL], "", False),
    ],
)
def test_the_first_rule_that_covers_decides(rules: list[MT4Access], address: str, admitted: bool) -> None:
    assert is_admitted(rules, address) is admitted
