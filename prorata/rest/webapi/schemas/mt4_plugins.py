"""Plugins, and commands that only a plugin understands."""

from prorata.rest.webapi.schemas.kinds import Int32, Record


class MT4Plugin(Record):
    """A plugin of the server."""

    file: str | None = None
    name: str | None = None
    version: Int32 = 0
    copyright: str | None = None
    enabled: Int32 = 0
    configurable: Int32 = 0
    manager_access: Int32 = 0


class MT4PluginConfig(Record):
    """A parameter of a plugin."""

    name: str | None = None
    value: str | None = None


class MT4PluginParam(Record):
    """A plugin and its parameters."""

    plugin: MT4Plugin | None = None
    params: tuple[MT4PluginConfig, ...] | None = None


class MT4ExternalCommandBinaryRequest(Record):
    """Bytes for a plugin."""

    data: bytes | None = None


class MT4ExternalCommandBinaryResponse(Record):
    """A plugin's answer in bytes."""

    data: bytes | None = None
