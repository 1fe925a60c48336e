"""Subscriptions to what happens in the CRM: each organization has its own, and sees no others."""

from prorata.control.webhooks.office import WebhookOffice
from prorata.control.webhooks.store import WebhookStore
from prorata.control.webhooks.targets import Allowed
from prorata.crm.events import Events

PLATFORM = "crm/"
"""The place of the CRM among those whose webhooks are kept. No trade platform can have this name."""
PUBLISHER = "crm"


class CrmWebhooks:
    """`store`: with the subscriptions of all organizations."""

    def __init__(self, store: WebhookStore, events: Events, allowed: Allowed) -> None:
        self._store = store
        self._events = events
        self._allowed = allowed

    def office(self, organization_uuid: str) -> WebhookOffice:
        return WebhookOffice(self._store.for_company(organization_uuid), self._allowed)

    def last(self) -> int:
        """Return the number of the last event, after which a new subscription is told. Blocks on the database."""
        return self._events.number()
