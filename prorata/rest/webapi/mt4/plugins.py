"""Plugins. A trade server of ours loads none: lists are empty, and nobody claims a plugin's command."""

from typing import Any

from prorata.access.permissions import Permission
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import Failure, ResultCode, not_found
from prorata.rest.webapi.registry import MAINTENANCE_SECONDS, MT4, How
from prorata.rest.webapi.schemas.kinds import Int32
from prorata.rest.webapi.schemas.mt4_plugins import (
    MT4ExternalCommandBinaryRequest,
    MT4ExternalCommandBinaryResponse,
    MT4Plugin,
    MT4PluginParam,
)


def _unclaimed() -> Failure:
    """Return what is answered when no plugin takes a command."""
    message = "No plugin claimed the command: this trade server loads no plugins"
    return Failure(None, message, manager=ResultCode.Error)


@MT4.get("PluginsGet", needs=Permission.SETTINGS_READ)
async def plugins_get(call: Call) -> list[MT4Plugin]:
    """The plugins: there are none."""
    return []


@MT4.get("CfgRequestPlugin", needs=Permission.SETTINGS_READ)
async def cfg_request_plugin(call: Call) -> list[MT4PluginParam]:
    """The plugins and their parameters: there are none."""
    return []


@MT4.get("PluginParamGet/{pos}", needs=Permission.SETTINGS_READ, how=How.REFUSED)
async def plugin_param_get(call: Call, pos: Int32) -> MT4PluginParam:
    """There is no plugin that could have parameters."""
    raise not_found("plugin")


@MT4.post("PluginUpdate", needs=Permission.SERVER_MANAGE, how=How.REFUSED)
async def plugin_update(call: Call, given: MT4PluginParam) -> bool:
    """There is no plugin to be changed."""
    raise not_found("plugin")


@MT4.post("CfgUpdatePlugin", needs=Permission.SERVER_MANAGE, how=How.REFUSED)
async def cfg_update_plugin(call: Call, given: MT4PluginParam) -> bool:
    """There is no plugin to be changed."""
    raise not_found("plugin")


@MT4.post("CfgShiftPlugin/{pos}", needs=Permission.SERVER_MANAGE, how=How.REFUSED)
async def cfg_shift_plugin(call: Call, pos: Int32, shift: Int32 = 0) -> bool:
    """There is no plugin to be moved."""
    raise not_found("plugin")


@MT4.post("ExternalCommandJSON", needs=Permission.SERVER_MANAGE, seconds=MAINTENANCE_SECONDS, secret=True, how=How.REFUSED)
async def external_command_json(call: Call, given: Any) -> Any:
    """A command for a plugin: no plugin claims it."""
    raise _unclaimed()


@MT4.post("ExternalCommandBinary", needs=Permission.SERVER_MANAGE, seconds=MAINTENANCE_SECONDS, secret=True, how=How.REFUSED)
async def external_command_binary(call: Call, given: MT4ExternalCommandBinaryRequest) -> MT4ExternalCommandBinaryResponse:
    """A command for a plugin, in bytes: no plugin claims it."""
    raise _unclaimed()
