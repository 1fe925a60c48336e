"""Signing in and out: managers and clients, passwords and one-time passwords, idle sessions, blocked logins."""

from prorata.control.lockout import FREE_TRIES, block_ms
from prorata.control.one_time import LIFE_MS
from prorata.units.numbers import MINUTE_MS
from tests.rest.ramm.broker import PASSWORD, Answered, Broker

NEW = "another password 2"


def sign_in(broker: Broker, login: str, password: str = PASSWORD, **more: object) -> Answered:
    return broker.caller("manager/v1")("session.login", Login=login, Password=password, **more)


def client_sign_in(broker: Broker, **body: object) -> Answered:
    return broker.caller("client/v2")("session.login", **body)


def test_a_wrong_password_and_a_login_of_nobody_answer_alike(broker: Broker) -> None:
    login, _ = broker.hire(broker.company)
    wrong, nobody = sign_in(broker, login, "wrong password"), sign_in(broker, "nobody@b.test", "wrong password")
    assert (wrong.status, wrong.code, wrong.body) == (401, "bad_credentials", nobody.body)
    assert wrong.status == nobody.status


def test_a_company_where_the_manager_does_not_work_is_bad_credentials_like_one_that_is_not_there(broker: Broker) -> None:
    login, _ = broker.hire(broker.company)
    other = broker.add_company("Not his")
    there, nowhere = sign_in(broker, login, CompanyID=other.id), sign_in(broker, login, CompanyID=10**9)
    assert (there.status, there.code, there.body) == (401, "bad_credentials", nowhere.body)


def test_the_same_login_at_two_companies_enters_those_whose_password_it_is(broker: Broker) -> None:
    first, second = broker.add_company("Both 1"), broker.add_company("Both 2", demo=True)
    broker.hire(first, login="both@b.test")
    broker.hire(second, login="both@b.test")
    both = sign_in(broker, "BOTH@b.test").body["Companies"]
    assert [(one["ID"], one["Demo"]) for one in both] == [(first.id, False), (second.id, True)]
    session = sign_in(broker, "both@b.test", CompanyID=second.id).body
    assert broker.caller("manager/v1", session["Token"])("password.set", OldPassword=PASSWORD, Password=NEW).status == 200
    assert [one["ID"] for one in sign_in(broker, "both@b.test").body["Companies"]] == [first.id]
    assert [one["ID"] for one in sign_in(broker, "both@b.test", NEW).body["Companies"]] == [second.id]


def test_a_manager_becomes_active_when_he_first_signs_in(broker: Broker) -> None:
    login, manager = broker.hire(broker.company)
    assert broker.boss("managers.get", ID=manager.id).body["Status"] == 0
    broker.manager(login, broker.company)
    assert broker.boss("managers.get", ID=manager.id).body["Status"] == 1


def test_a_disabled_manager_is_blocked_and_his_sessions_end(broker: Broker) -> None:
    login, manager = broker.hire(broker.company)
    session = broker.manager(login, broker.company)
    assert broker.boss("managers.set", ID=manager.id, Status=2).status == 200
    assert session("session.get").status == 401
    answer = sign_in(broker, login)
    assert (answer.status, answer.code) == (403, "login_blocked")
    assert sign_in(broker, login, "wrong password").code == "bad_credentials"


def test_after_five_wrong_passwords_the_right_one_is_blocked_for_a_while(broker: Broker) -> None:
    login, _ = broker.hire(broker.company)
    for _ in range(FREE_TRIES):
        assert sign_in(broker, login, "wrong password").code == "bad_credentials"
    blocked = sign_in(broker, login)
    assert (blocked.status, blocked.code, blocked.headers["retry-after"]) == (403, "login_blocked", "30")
    broker.clock.moment += block_ms(FREE_TRIES)
    assert sign_in(broker, login).status == 200


def test_an_idle_session_ends_and_one_that_is_used_does_not(broker: Broker) -> None:
    login, _ = broker.hire(broker.company)
    idle = broker.manager(login, broker.company)
    long = broker.manager(login, broker.company, ExpirationMinutes=100)
    used = broker.manager(login, broker.company)
    for _ in range(3):
        broker.clock.moment += 5 * MINUTE_MS
        assert used("session.heartbeat").status == 200
    answer = idle("session.get")
    assert (answer.status, answer.code) == (401, "bad_credentials")
    assert long("session.get").body["ExpirationMinutes"] == 100


def test_a_session_that_is_logged_out_is_no_session(broker: Broker) -> None:
    login, _ = broker.hire(broker.company)
    session = broker.manager(login, broker.company)
    assert session("session.logout").body == {}
    assert session("session.get").status == 401


def test_a_manager_sees_his_sessions_and_only_the_token_that_he_showed(broker: Broker) -> None:
    login, manager = broker.hire(broker.company)
    one, two = broker.manager(login, broker.company), broker.manager(login, broker.company)
    mine = one("session.getMySessions").body
    assert [session["ManagerID"] for session in mine] == [manager.id, manager.id]
    assert [session["Token"] for session in mine] == [one.token, ""]
    assert two.token not in broker.boss("sessions.search").text


def test_the_sessions_of_a_company_are_listed_and_those_of_others_are_not(broker: Broker) -> None:
    company = broker.add_company("Listed")
    login, manager = broker.hire(company)
    session = broker.manager(login, company)
    assert [one["Login"] for one in session("sessions.search").body["Sessions"]] == [login]
    assert manager.id not in [one["ManagerID"] for one in broker.boss("sessions.search").body["Sessions"]]


def test_all_sessions_of_a_manager_can_be_ended_by_another_of_his_company(broker: Broker) -> None:
    login, _ = broker.hire(broker.company)
    sessions = [broker.manager(login, broker.company) for _ in range(2)]
    stranger = broker.may("sessions.logout", company=broker.add_company("Strangers"))
    refused = stranger("sessions.logout", Login=login)
    assert (refused.status, refused.code) == (403, "forbidden")
    assert refused.body == stranger("sessions.logout", Login="nobody@b.test").body
    assert [session("session.get").status for session in sessions] == [200, 200]
    assert broker.boss("sessions.logout", Login=login.upper()).status == 200
    assert [session("session.get").status for session in sessions] == [401, 401]


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(broker: Broker) -> None:
    login, _ = broker.hire(broker.company)
    here, elsewhere = broker.manager(login, broker.company), broker.manager(login, broker.company)
    assert here("password.set", OldPassword="wrong password", Password=NEW).code == "bad_credentials"
    short = here("password.set", OldPassword=PASSWORD, Password="short")  # noqa: S106
    assert (short.code, "Password" in short.message) == ("invalid_input", True)
    assert elsewhere("session.get").status == 200
    assert here("password.set", OldPassword=PASSWORD, Password=NEW).status == 200
    assert (here("session.get").status, elsewhere("session.get").status) == (200, 401)
    assert (sign_in(broker, login).status, sign_in(broker, login, NEW).status) == (401, 200)


# Clients.


def test_a_client_signs_in_and_sees_his_wallet_and_broker(broker: Broker) -> None:
    client = broker.enrol(wallet=True, first_name="Joe", language="en")
    answer = client_sign_in(broker, Login=client.login, Password=PASSWORD)
    assert answer.body["Client"] == {
        "ID": client.id, "Login": client.login, "FirstName": "Joe", "LastName": "", "Language": "en", "PushToken": "",
    }  # fmt: skip
    assert answer.body["Company"]["ID"] == broker.company.id
    assert answer.body["Session"]["ExpirationMinutes"] == 60
    assert [wallet["ID"] for wallet in answer.body["Wallets"]] == [answer.body["Session"]["WalletID"]]
    assert '"Balance":1000.50' in answer.text


def test_a_disabled_client_is_blocked_and_his_sessions_end(broker: Broker) -> None:
    client = broker.enrol()
    session = broker.client(client)
    assert broker.boss("clients.set", ID=client.id, Enabled=False).status == 200
    assert session("platform.getSpecification").status == 401
    answer = client_sign_in(broker, Login=client.login, Password=PASSWORD)
    assert (answer.status, answer.code) == (403, "login_blocked")
    assert broker.boss("clients.getOTP", ClientID=client.id).code == "invalid_status"


def test_a_one_time_password_signs_in_once_and_not_for_long(broker: Broker) -> None:
    client = broker.enrol()
    first, second = (broker.boss("clients.getOTP", ClientID=client.id).body["OTP"] for _ in range(2))
    assert client_sign_in(broker, OTP=first).body["Client"]["ID"] == client.id
    again = client_sign_in(broker, OTP=first)
    assert (again.status, again.code) == (401, "bad_credentials")
    broker.clock.moment += LIFE_MS
    assert client_sign_in(broker, OTP=second).body == again.body


def test_a_client_gets_a_one_time_password_of_his_own(broker: Broker) -> None:
    client = broker.enrol()
    otp = broker.client(client, 3)("otp.get").body["OTP"]
    assert client_sign_in(broker, OTP=otp).body["Client"]["ID"] == client.id
    assert broker.client(client, 2)("otp.get").code == "incorrect_method"


def test_a_client_with_the_same_password_at_two_brokers_says_which_or_comes_to_its_address(broker: Broker) -> None:
    first, second = broker.add_company("Twin 1"), broker.add_company("Twin 2", url="https://twin2.test/app")
    clients = [broker.enrol(company, login="twin@mail.test") for company in (first, second)]
    body = {"Login": "twin@mail.test", "Password": PASSWORD}
    assert client_sign_in(broker, **body).body["Client"]["ID"] == clients[0].id
    assert client_sign_in(broker, **body, CompanyID=second.id).body["Client"]["ID"] == clients[1].id
    at_home = broker.caller("client/v2", Host="twin2.test")("session.login", **body)
    assert at_home.body["Client"]["ID"] == clients[1].id


def test_a_client_needs_a_login_or_a_one_time_password(broker: Broker) -> None:
    answer = client_sign_in(broker)
    assert (answer.status, answer.code, answer.message) == (400, "invalid_input", "Invalid input in the field 'Login': missing")


def test_a_clients_wrong_passwords_block_him_and_not_the_manager_of_his_login(broker: Broker) -> None:
    login, _ = broker.hire(broker.company)
    client = broker.enrol(login=login)
    for _ in range(FREE_TRIES):
        client_sign_in(broker, Login=client.login, Password="wrong password")  # noqa: S106
    assert client_sign_in(broker, Login=client.login, Password=PASSWORD).code == "login_blocked"
    assert sign_in(broker, login).status == 200


def test_a_clients_new_password_ends_his_other_sessions(broker: Broker) -> None:
    client = broker.enrol()
    here, elsewhere = broker.client(client), broker.client(client, 1)
    assert here("password.set", OldPassword=PASSWORD, Password=NEW).status == 200
    assert (here("platform.getSpecification").status, elsewhere("platform.getSpecification").status) == (200, 401)
    assert broker.boss("clients.setPassword", ClientID=str(client.id), Password=PASSWORD).status == 200
    assert here("platform.getSpecification").status == 401
    assert client_sign_in(broker, Login=client.login, Password=PASSWORD).status == 200
