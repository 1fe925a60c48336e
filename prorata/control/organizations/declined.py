"""A change of an organization that was not made."""

from prorata.messages.refusals import Refusal


class Declined(Exception):
    """Nothing was changed; `code` and `detail` say why. `retry_after`: in how many seconds to try again, 0 is not said."""

    def __init__(self, code: Refusal, detail: str = "", *, retry_after: int = 0) -> None:
        super().__init__(code.name, detail)
        self.code = code
        self.detail = detail
        self.retry_after = retry_after
