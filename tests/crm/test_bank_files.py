"""Bank statements are read to the cent, prove their sums, and do no harm."""

from typing import Any

import pytest

from prorata.control.organizations.declined import Declined
from prorata.crm.bank_files import ENTRIES_MAX, FILE_LENGTH_MAX, Columns, DateOrder, read_camt, read_csv
from prorata.messages.refusals import Refusal
from tests.crm.statements import VERSIONS, document, entry, statement


@pytest.mark.parametrize("version", VERSIONS)
def test_both_versions_are_read_alike(version: str) -> None:
    content = document(
        statement(
            entry("100.50", version=version, ref="B-1", text="P23 456", name="Ann Lee", end_to_end="E-1"),
            entry("-40.25", version=version, name="Bob", text="rent"),
            entry("7.00", version=version, status="PDNG"),
            opening="-10.00", closing="50.25", version=version,
        ),
        version=version,
    )  # fmt: skip
    (read,) = read_camt(content)
    assert (read.account, read.name, read.currency) == ("DE02120300000000202051", "2026-03-02", "USD")
    assert (read.opening, read.closing, [one.amount for one in read.lines]) == (-1_000, 5_025, [10_050, -4_025])
    first, second = read.lines
    assert (first.booked_on, first.reference, first.counterparty, first.text) == ("2026-03-02", "B-1", "Ann Lee", "E-1 P23 456")
    assert (second.reference, second.counterparty, second.text) == ("", "Bob", "NOTPROVIDED rent")


def test_namespaces_and_encodings_that_banks_invent_are_borne() -> None:
    content = document(statement(entry("1.00"), closing="1.00"), head='<?xml version="1.0" encoding="ISO-8859-1"?>')
    for odd in (content, content.replace(' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"', "")):
        assert read_camt(odd)[0].lines[0].amount == 100
    prefixed = content.replace("<", "<c:").replace("<c:/", "</c:").replace("<c:?", "<?").replace("xmlns=", "xmlns:c=")
    assert read_camt(prefixed)[0].lines[0].amount == 100


def test_a_collected_entry_is_read_by_its_parts_if_they_say_their_amounts() -> None:
    def part(amount: str, text: str) -> str:
        return f'<TxDtls><Amt Ccy="USD">{amount}</Amt><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>'

    whole = entry("30.00", ref="B-1", more=part("10.00", "one") + part("20.00", "two"))
    (read,) = read_camt(document(statement(whole, closing="30.00")))
    assert [(one.amount, one.text) for one in read.lines] == [(1_000, "one"), (2_000, "two")]
    charged = entry("29.00", more=part("10.00", "one") + part("20.00", "two"))
    (read,) = read_camt(document(statement(charged, closing="29.00")))
    assert [(one.amount, one.text) for one in read.lines] == [(2_900, "one two")]


def test_equal_entries_are_two_and_keep_their_keys() -> None:
    twice = document(statement(entry("5.00", text="coffee"), entry("5.00", text="coffee"), closing="10.00"))
    keys = [[line.key for line in read_camt(twice)[0].lines] for _ in range(2)]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == 2


def test_the_banks_reference_makes_a_key_of_a_day_and_a_placeholder_makes_none() -> None:
    def key(**said: Any) -> str:
        return read_camt(document(statement(entry("5.00", **said), closing="5.00")))[0].lines[0].key

    assert key(ref="B-1", text="coffee") == key(ref="B-1", text="COFFEE, booked")
    assert key(ref="B-1") != key(ref="B-1", day="2026-03-03")
    assert key(ref="NONREF", text="coffee") != key(ref="NONREF", text="tea")


def test_what_no_database_keeps_is_left_out_of_texts() -> None:
    content = "Date,Text,Amount,Ref,Name,More\n2026-03-02,a\0b\ud800,1,,,\n"
    assert read(content, closing=100) == [("2026-03-02", 100, "", "", "a b ")]


def test_sums_that_do_not_agree_refuse_the_whole_file() -> None:
    good = statement(entry("1.00"), closing="1.00", name="good")
    with pytest.raises(Declined) as refused:
        read_camt(document(good, statement(entry("1.00"), closing="1.01", name="bad")))
    assert refused.value.code == Refusal.BANK_FILE_SUMS
    assert "bad" in refused.value.detail


ENTITIES = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
GOOD = statement(entry("1.00"), closing="1.00")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", Refusal.BANK_FILE_UNREADABLE),
        ("no xml", Refusal.BANK_FILE_UNREADABLE),
        ("<Document><BkToCstmrStmt>", Refusal.BANK_FILE_UNREADABLE),
        ("<html/>", Refusal.BANK_FILE_UNREADABLE),
        (document(GOOD, head=ENTITIES), Refusal.BANK_FILE_UNREADABLE),
        (document(GOOD, head=OUTSIDE), Refusal.BANK_FILE_UNREADABLE),
        (document(GOOD, head='<?xml version="1.0"?><!DOCTYPE d>'), Refusal.BANK_FILE_UNREADABLE),
        (document(GOOD.replace("CLBD", "XXXX")), Refusal.BANK_FILE_UNREADABLE),
        (document(GOOD.replace("1.00", "1,00")), Refusal.BANK_FILE_UNREADABLE),
        (document(GOOD.replace("1.00", "NaN")), Refusal.BANK_FILE_UNREADABLE),
        (document(GOOD.replace("1.00", "1e999999999")), Refusal.BANK_FILE_UNREADABLE),
        (document(GOOD.replace("1.00", "1.001")), Refusal.BANK_FILE_UNREADABLE),
        (document(GOOD.replace("USD", "XXX")), Refusal.BANK_FILE_UNREADABLE),
        (document(GOOD.replace("CRDT", "BOTH")), Refusal.BANK_FILE_UNREADABLE),
        (document(GOOD.replace("<Id>2026-03-02</Id>", "")), Refusal.BANK_FILE_UNREADABLE),
        (document(GOOD.replace("<Dt>2026-03-02</Dt>", "<Dt>2026-13-02</Dt>")), Refusal.BANK_FILE_UNREADABLE),
        (document(statement(entry("1.00", currency="EUR"), closing="1.00")), Refusal.BANK_FILE_UNREADABLE),
        ("<a>" * 100_000, Refusal.BANK_FILE_TOO_LARGE),
        ("<Document>" + "<a/>" * 200_001 + "</Document>", Refusal.BANK_FILE_TOO_LARGE),
        (" " * (FILE_LENGTH_MAX + 1), Refusal.BANK_FILE_TOO_LARGE),
    ],
)
def test_malformed_huge_and_hostile_files_are_refused(content: str, code: Refusal) -> None:
    with pytest.raises(Declined) as refused:
        read_camt(content)
    assert refused.value.code == code


COLUMNS = Columns(date="Date", amount="Amount", reference="Ref", counterparty="Name", texts=("Text", "More"))


def read(content: str, columns: Columns = COLUMNS, *, opening: int = 0, closing: int) -> list[tuple[str, int, str, str, str]]:
    (found,) = read_csv(content, columns, account="A", currency="EUR", opening=opening, closing=closing)
    return [(one.booked_on, one.amount, one.reference, one.counterparty, one.text) for one in found.lines]


def test_csv_is_read_by_its_columns() -> None:
    content = 'Date,Text,Amount,Ref,Name,More\n2026-03-02,"a, b","1,000.50",R1,Ann,P2\n2026-03-03,c,-0.50,,,\n'
    assert read(content, opening=100, closing=100_100) == [
        ("2026-03-02", 100_050, "R1", "Ann", "a, b P2"), ("2026-03-03", -50, "", "", "c"),
    ]  # fmt: skip


def test_csv_with_commas_for_points_and_two_columns_of_amounts() -> None:
    columns = Columns(
        date="Tag", credit="Haben", debit="Soll", texts=("Zweck",), delimiter=";", decimal_comma=True,
        dates=DateOrder.DAY_FIRST_DOTS,
    )  # fmt: skip
    content = "\ufeffTag;Zweck;Soll;Haben\r\n02.03.2026;Miete;1.234,50;\r\n03.03.2026;Lohn;;2 000,00\r\n"
    assert [(day, amount) for day, amount, *_ in read(content, columns, closing=76_550)] == [
        ("2026-03-02", -123_450), ("2026-03-03", 200_000),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", Refusal.BANK_FILE_UNREADABLE),
        ("Date,Text\n", Refusal.BANK_FILE_UNREADABLE),
        ("Date,Text,Amount,Ref,Name,More\n2026-03-02,a,1\n", Refusal.BANK_FILE_UNREADABLE),
        ("Date,Text,Amount,Ref,Name,More\n2026-03-02,a,1,,,,,\n", Refusal.BANK_FILE_UNREADABLE),
        ("Date,Text,Amount,Ref,Name,More\n2.3.2026,a,1,,,\n", Refusal.BANK_FILE_UNREADABLE),
        ("Date,Text,Amount,Ref,Name,More\n2026-03-02,a,one,,,\n", Refusal.BANK_FILE_UNREADABLE),
        ('Date,Text,Amount,Ref,Name,More\n2026-03-02,a,"0,01",,,\n', Refusal.BANK_FILE_UNREADABLE),
        ('Date,Text,Amount,Ref,Name,More\n2026-03-02,"a,1,,,\n', Refusal.BANK_FILE_UNREADABLE),
        ("Date,Text,Amount,Ref,Name,More\n2026-03-02,a\0,1,,,\n" + "x" * 140_000, Refusal.BANK_FILE_UNREADABLE),
        ("Date,Text,Amount,Ref,Name,More\n" + "2026-03-02,,0,,,\n" * (ENTRIES_MAX + 1), Refusal.BANK_FILE_TOO_LARGE),
        ("Date,Text,Amount,Ref,Name,More\n2026-03-02,a,1.01,,,\n", Refusal.BANK_FILE_SUMS),
    ],
)
def test_csv_that_cannot_be_read_is_refused(content: str, code: Refusal) -> None:
    with pytest.raises(Declined) as refused:
        read(content, closing=100)
    assert refused.value.code == code
