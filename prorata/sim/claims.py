"""A claim that must hold, and what is raised when it does not."""


class Violation(Exception):
    """A claim does not hold. `claim`: which one, in words; `detail`: the figures."""

    def __init__(self, claim: str, detail: str) -> None:
        super().__init__(f"{claim}: {detail}")
        self.claim = claim
        self.detail = detail


def must(holds: bool, claim: str, *detail: object) -> None:
    if not holds:
        raise Violation(claim, " ".join(str(part) for part in detail))
