"""Links in mails. What they are good for is behind the #, which no server on the way gets to see."""

from prorata.control.people.tickets import Purpose

PATH = "/api/v1/auth/link"


def link_of(url: str, purpose: Purpose, token: str) -> str:
    """Return the link that carries a ticket; `url` is where the outside reaches us."""
    return f"{url}{PATH}#{purpose.value}.{token}"
