"""The server's own settings, its managers, and what is done to it as a whole."""

from typing import Any

import pytest

from tests.rest.webapi.office import Client, Office
from tests.rest.webapi.settings.conftest import PaperUpkeep

LONG_AGO = "2020-01-01T00:00:00Z"
BACKUP = {
    "fullBackupPath": "/backup", "fullBackupPeriod": "H4", "fullBackupStore": "Mn3", "fullBackupShift": 5,
    "fullBackupLastTime": LONG_AGO, "externalPath": "", "archivePeriod": "M15", "archiveStore": "W2", "archiveShift": 0,
    "archiveLastTime": LONG_AGO, "exportSecurities": "", "exportPath": "", "exportPeriod": "H1", "exportLastTime": LONG_AGO,
    "watchRole": "Master", "watchOpposite": "standby:443", "watchIp": 0, "watchState": "Synchronized", "watchFailover": "Off",
    "watchTimeout": 30, "watchLogin": 0, "watchTimestamp": 99,
}  # fmt: skip
NO_TIME = "0001-01-01T00:00:00Z"


def test_the_server_has_the_name_that_it_is_given(mt4: Client) -> None:
    common = mt4.get("CfgRequestCommon").data
    assert (common["name"], common["owner"], common["timeZone"]) == ("live", "First Broker", 0)
    renamed = mt4.post("CfgUpdateCommon", body={"name": "Prime-Live", "keepEmails": 30, "timeZone": 0}).data
    assert (renamed["name"], renamed["owner"]) == ("Prime-Live", "First Broker")
    assert mt4.get("CfgRequestCommon").data == renamed
    assert mt4.post("CfgUpdateCommon", body={"name": None, "keepEmails": 0}).data == common


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"timeZone": 2}, "UTC"),
        ({"daylightCorrection": 1}, "UTC"),
        ({"timeSync": "ntp.test"}, "clock"),
        ({"minClient": 1_400}, "terminals"),
        ({"keepTicks": 9}, "retention.ticks"),
        ({"antiFlood": 9}, "limits.calls_per_second"),
        ({"keepEmails": -1}, "keepEmails"),
        ({"name": "x" * 129}, "name"),
        ({"owner": "a\nb"}, "owner"),
    ],
)
def test_what_is_set_elsewhere_is_refused_with_the_place(mt4: Client, given: dict[str, Any], told: str) -> None:
    before = mt4.get("CfgRequestCommon").data
    answer = mt4.post("CfgUpdateCommon", body=given)
    assert answer.code == "Validation"
    assert told in answer.message
    assert mt4.get("CfgRequestCommon").data == before


def test_the_hours_of_the_week_are_kept(mt4: Client) -> None:
    assert mt4.get("CfgRequestTime").data == {"accessHours": [1] * 168}
    hours = {"accessHours": [0] * 24 + [1] * 144}
    assert mt4.post("CfgUpdateTime", body=hours).data == hours
    assert mt4.get("CfgRequestTime").data == hours
    assert mt4.post("CfgUpdateTime", body={"accessHours": [1] * 167}).code == "Validation"
    assert mt4.post("CfgUpdateTime", body={"accessHours": [2] * 168}).code == "Validation"
    assert mt4.post("CfgUpdateTime", body={}).code == "Validation"
    assert mt4.get("CfgRequestTime").data == hours


def test_the_schedule_of_backups_is_kept_but_for_what_the_server_knows_itself(mt4: Client) -> None:
    kept = BACKUP | {
        "fullBackupLastTime": NO_TIME, "archiveLastTime": NO_TIME, "exportLastTime": NO_TIME, "watchState": "Disconnected",
        "watchTimestamp": 0,
    }  # fmt: skip
    assert mt4.post("CfgUpdateBackup", body=BACKUP).data == kept
    assert mt4.get("CfgRequestBackup").data == kept
    assert mt4.post("CfgUpdateBackup", body={"fullBackupPeriod": "Never"}).code == "Validation"
    assert mt4.post("CfgUpdateBackup", body={"exportPath": "x" * 257}).code == "Validation"
    assert mt4.get("CfgRequestBackup").data == kept


def test_managers_are_the_members_and_are_changed_elsewhere(mt4: Client) -> None:
    chief, dealer = mt4.get("CfgRequestManager").data
    assert (chief["login"], chief["name"], chief["admin"], chief["money"]) == (7, "Ann Chief", True, True)
    assert (dealer["login"], dealer["broker"], dealer["money"], dealer["admin"]) == (12, True, False, False)
    assert mt4.get("CfgRequestManager", limit=1).data == [chief]
    for refused in (
        mt4.post("CfgUpdateManager", body=dealer | {"money": True}),
        mt4.post("CfgDeleteManager/{pos}", 1),
        mt4.post("CfgShiftManager/{pos}", 1, shift=-1),
    ):
        assert (refused.code, refused.manager_code) == ("MT4Error", "NotEnoughRights")
        assert "workspace" in refused.message
    assert mt4.post("CfgUpdateManager", body={"login": 99}).code == "NotFound"
    assert mt4.post("CfgDeleteManager/{pos}", 2).code == "NotFound"


def test_the_feed_that_runs_is_shown_with_its_log(mt4: Client) -> None:
    (feed,) = mt4.get("SrvFeeders").data
    assert feed["name"] == "simulated"
    assert mt4.get("SrvFeederLog/{name}", "simulated").data.splitlines()[1] == "2026-03-02T12:30:00.000Z began anew"
    assert mt4.get("SrvFeederLog/{name}", "reuters").data == ""
    assert mt4.get("LicenseCheck/{licenseName}", "anything").data is False


@pytest.mark.parametrize(("operation", "asked"), [("SrvFeedsRestart", "restart feed"), ("SrvChartsSync", "rebuild candles")])
def test_a_dangerous_operation_is_done_when_it_is_confirmed(
    mt4: Client, upkeep: PaperUpkeep, operation: str, asked: str
) -> None:
    upkeep.asked.clear()
    assert mt4.post(operation).code == "Validation"
    assert mt4.post(operation, confirm="false").code == "Validation"
    assert upkeep.asked == []
    assert mt4.post(operation, confirm="true").data is True
    assert upkeep.asked == [asked]
    upkeep.fails = "the file has been moved"
    failed = mt4.post(operation, confirm="true")
    upkeep.fails = ""
    assert (failed.code, failed.manager_code, failed.message) == ("MT4Error", "TechProblem", "the file has been moved")


@pytest.mark.parametrize("operation", ["SrvRestart", "SrvLiveUpdateStart"])
def test_what_a_hosted_platform_does_not_do_says_why(mt4: Client, operation: str) -> None:
    assert mt4.post(operation).code == "Validation"
    answer = mt4.post(operation, confirm="true")
    assert (answer.code, answer.manager_code) == ("MT4Error", "NotEnoughRights")


def test_the_server_is_managed_by_who_may(own_office: Office) -> None:
    settings = own_office.allowed("settings.read", "settings.write")
    for operation in ("SrvFeedsRestart", "SrvChartsSync", "SrvRestart", "SrvLiveUpdateStart"):
        assert settings.post(operation, confirm="true").code == "Forbidden"


def test_there_are_no_plugins(mt4: Client) -> None:
    assert mt4.get("PluginsGet").data == []
    assert mt4.get("CfgRequestPlugin").data == []
    assert mt4.get("PluginParamGet/{pos}", 0).code == "NotFound"
    parameters = {"plugin": {"name": "any"}, "params": [{"name": "a", "value": "b"}]}
    assert mt4.post("PluginUpdate", body=parameters).code == "NotFound"
    assert mt4.post("CfgUpdatePlugin", body=parameters).code == "NotFound"
    assert mt4.post("CfgShiftPlugin/{pos}", 0, shift=1).code == "NotFound"


def test_no_plugin_claims_a_command(mt4: Client) -> None:
    for answer in (
        mt4.post("ExternalCommandJSON", body={"any": ["thing", 1.5]}),
        mt4.post("ExternalCommandBinary", body={"data": "AAEC"}),
    ):
        assert (answer.code, answer.manager_code) == ("MT4Error", "Error")
        assert "plugin" in answer.message
    assert mt4.post("ExternalCommandBinary", body={"data": "not base64"}).code == "Validation"
    assert mt4.post("ExternalCommandJSON").code == "Validation"
