"""What the demo tells of the workspace at its start. The examples are meant to be pasted into a shell as they stand."""

from pathlib import Path


def people_introduction(address: str, settings: Path, *, shown: bool) -> str:
    """`shown`: mails can be seen at the address, too."""
    auth = f"{address}/api/v1/auth"
    content = "-H 'Content-Type: application/json'"
    seen = f"\n  curl -s {address}/api/v1/outbox" if shown else ""
    return f"""\
Workspace: register with an address alone; the mail with the password stays here, there is no mail server

Try:
  curl -s {auth}/register {content} -d '{{"email":"you@broker.example"}}'{seen}
  prorata outbox --settings {settings}
"""
