"""What a program asks first: whether its key works."""

from importlib.metadata import version

from prorata.rest.broker.call import Call
from prorata.rest.broker.kinds import Record
from prorata.rest.broker.registry import operation

ARTIFACT = "broker-api"


class ServiceInfo(Record, frozen=True):
    artifact: str
    name: str
    service_version: str


@operation("GET", "/service-info", needs=None)
async def service_info(call: Call) -> ServiceInfo:
    """Whether the key works, and what answers."""
    return ServiceInfo(artifact=ARTIFACT, name="Prorata", service_version=version("prorata"))
