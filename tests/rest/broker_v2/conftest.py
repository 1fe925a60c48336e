from tests.rest.broker.conftest import stage

__all__ = ["stage"]
