"""Links in mails. What they are good for is behind the #, which no server on the way gets to see."""

PATH = "/api/v1/auth/link"


def link_of(url: str, purpose: str, token: str) -> str:
    """Return the link that carries a ticket or an invitation; `url` is where the outside reaches us."""
    return f"{url}{PATH}#{purpose}.{token}"
