"""The operations of version 2. How a handler registers itself: `rest/broker/registry.py`."""

from prorata.rest.broker.registry import Registry

V2 = Registry()
operation, operations = V2.operation, V2.operations
