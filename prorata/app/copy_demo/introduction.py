"""What the demo tells of copy trading at its start. The examples are meant to be pasted into a shell as they stand."""

from prorata.app.copy_demo.company import SignIns

_READING = """grep -o '"Token":"[^"]*' | cut -d'"' -f4"""


def copy_introduction(address: str, dealer: str, sign_ins: SignIns, investors: int, strategies: int, pace: float) -> str:
    """`pace`: market seconds in a real one."""
    manager = f'{{"Login":"{sign_ins.manager}","Password":"{sign_ins.manager_password}","CompanyID":{sign_ins.company}}}'
    client = f'{{"Login":"{sign_ins.client}","Password":"{sign_ins.client_password}","CompanyID":{sign_ins.company}}}'
    signed_in = f"curl -s {address}/api/manager/v1/session.login -d '{manager}'"
    search = f"{address}/api/manager/v1/strategies.search"
    return f"""\
Copy trading: {strategies} strategies, {investors} investors; a market day passes in {_time_of(86_400 / pace)},
fees fall due when Wednesday begins

  RAMM APIs   {address}/api/manager/v1, /api/client/v2, /api/trading/v1, /api/partner/v1
  manager     {sign_ins.manager}  {sign_ins.manager_password}        (company {sign_ins.company})
  client      {sign_ins.client}  {sign_ins.client_password}
  signals     Token {sign_ins.strategy_token}, AppToken {sign_ins.app_token}

Try:
  curl -s {address}/api/client/v1/session.login -d '{client}'
  curl -s {search} -H "Token: $({signed_in} | {_READING})" -d '{{"Pagination":{{"PerPage":3}}}}'
  curl -s {address}/api/trading/v1/signals.send -H 'Token: {sign_ins.strategy_token}' -H 'AppToken: {sign_ins.app_token}' \
-d '{{"Type":0,"GetInfo":true}}'
  curl -s '{address}/api/v1/strategies?limit=3' -H 'Authorization: Bearer {dealer}'
"""


def _time_of(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 600 else f"{seconds / 3600:.1f} hours"
