"""On which terms webhooks are delivered: the section [webhooks] of the settings."""

from typing import Annotated

import msgspec
from msgspec import Meta

from prorata.control.webhooks.targets import Allowed

Whole = Annotated[int, Meta(ge=1)]


class WebhookTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    publisher: Annotated[str, Meta(min_length=1, max_length=64)] = "ramm"
    """the `publisher` of every envelope; receivers that were written for RAMM look for "ramm\""""
    allow_http: bool = False
    """also call http://, which anybody on the way can read and change"""
    allow_private: bool = False
    """also call addresses that are not public: whoever may subscribe can then reach the house's own network"""
    concurrency: Whole = 8
    """requests of one subscription at a time"""
    timeout_seconds: Annotated[float, Meta(gt=0, le=60)] = 10.0
    """for one request, from the look-up of the address to the answer"""
    give_up_hours: Annotated[int, Meta(ge=0)] = 72
    """after its first attempt a delivery is given up"""
    retention_days: Whole = 30
    """how long the log keeps deliveries that were made or given up"""

    @property
    def allowed(self) -> Allowed:
        return Allowed(http=self.allow_http, private=self.allow_private)
