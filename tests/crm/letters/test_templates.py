"""Texts of letters: ours can be filled in, in every language; those of strangers can do nothing but be filled in."""

import re
import time

import pytest

from prorata.control.organizations.declined import Declined
from prorata.crm.letters.kinds import LetterKind, Money, fields_of, samples_of, written
from prorata.crm.letters.rendering import OUTPUT_MAX, SOURCE_MAX, BadTemplate, check_template, render
from prorata.crm.letters.templates import preview, rendered
from prorata.crm.letters.texts import TEXTS, Text
from prorata.crm.letters.tongues import TONGUES, tongue_of
from prorata.messages.refusals import Refusal
from tests.crm.desk import Desk

KIND = LetterKind.TRADE_CONFIRMATION


@pytest.mark.parametrize("language", TONGUES)
def test_every_kind_has_a_text_in_every_language(language: str) -> None:
    assert TEXTS[language].keys() == set(LetterKind)
    for kind in LetterKind:
        letter = preview(kind, TONGUES[language], TEXTS[language][kind])
        named = [set(re.findall(r"{{ ([a-z_.]+) }}", "".join(TEXTS[one][kind]))) for one in ("en", language)]
        assert named[0] == named[1], kind
        assert "{" not in letter.subject + letter.body
        assert "\n" not in letter.subject
        assert f'<html lang="{language}">' in letter.html


@pytest.mark.parametrize(
    ("language", "amount", "small", "day", "moment", "month"),
    [
        ("en", "1,234,567.89\u00a0USD", "1,234.50\u00a0USD", "2 Mar 2026", "2 Mar 2026 12:00:00 UTC", "March 2026"),
        ("de", "1.234.567,89\u00a0USD", "1.234,50\u00a0USD", "02.03.2026", "02.03.2026 12:00:00 UTC", "M\u00e4rz 2026"),
        ("es", "1.234.567,89\u00a0USD", "1234,50\u00a0USD", "02/03/2026", "02/03/2026 12:00:00 UTC", "marzo de 2026"),
        (
            "pl", "1\u00a0234\u00a0567,89\u00a0USD", "1234,50\u00a0USD", "02.03.2026", "02.03.2026 12:00:00 UTC",
            "marzec 2026",
        ),
        (
            "ru", "1\u00a0234\u00a0567,89\u00a0USD", "1\u00a0234,50\u00a0USD", "02.03.2026", "02.03.2026 12:00:00 UTC",
            "март 2026",
        ),
    ],
)  # fmt: skip
def test_each_language_writes_numbers_and_dates_in_its_own_way(
    language: str, amount: str, small: str, day: str, moment: str, month: str
) -> None:
    tongue = TONGUES[language]
    assert tongue.money(123_456_789, "USD") == amount
    assert tongue.money(-123_450, "USD") == f"\u2212{small}"
    assert tongue.money(5, "JPY") == "5\u00a0JPY"
    assert (tongue.day(20_514), tongue.moment(1_772_452_800_000), tongue.month_of(20_514)) == (day, moment, month)


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        (["de-AT"], "de"), (["pl_PL"], "pl"), (["Russian"], "ru"), (["español"], "es"), (["DEU"], "de"), (["fr", "es"], "es"),
        (["", "ru"], "ru"), (["fr", ""], "en"), ([" en "], "en"),
    ],
)  # fmt: skip
def test_a_language_is_known_however_people_name_it(wishes: list[str], code: str) -> None:
    assert tongue_of(*wishes).code == code


HOSTILE = {
    "a call": "{{ name.upper() }}",
    "classes": "{{ ''.__class__.__mro__ }}",
    "an attribute": "{{ name.__class__ }}",
    "globals": "{{ cycler }}",
    "a loop without end": "{% for a in range(10**9) %}x{% endfor %}",
    "a power": "{{ 9**9**9 }}",
    "a product": "{{ 'x' * 10000000000 }}",
    "a sum of texts": "{{ name ~ name }}",
    "a macro": "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "loops in loops": "{% for a in deals %}{% for b in deals %}x{% endfor %}{% endfor %}",
    "a loop over letters": "{% for a in name %}x{% endfor %}",
    "too many loops": "{% for a in deals %}{% endfor %}" * 11,
    "a file": "{% include '/etc/passwd' %}",
    "an import": "{% import 'os' as os %}",
    "a parent": "{% extends 'x' %}",
    "an assignment": "{% set a = 1 %}",
    "a format": "{{ '%1000000000d'|format(1) }}",
    "a width": "{{ name|center(1000000000) }}",
    "html as it is": "{{ name|safe }}",
    "another field": "{{ password }}",
    "an index": "{{ deals[0] }}",
    "a field of the rows": "{{ deals.append }}",
    "the rows themselves": "{{ deals }}",
    "escaping off": "{% autoescape false %}{{ name }}{% endautoescape %}",
    "another column": "{% for deal in deals %}{{ deal.items }}{% endfor %}",
    "recursion": "{% for deal in deals recursive %}{{ loop(deals) }}{% endfor %}",
    "depth": "{% if name %}" * 200 + "x" + "{% endif %}" * 200,
    "negations": "{{ " + "not " * 5_000 + "name }}",
    "length": "x" * (SOURCE_MAX + 1),
    "no end": "{% if name %}",
    "a filter's argument": "{{ name|default(login) }}",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_template_can_do_nothing_but_fill_in_what_it_is_given(source: str) -> None:
    began = time.perf_counter()
    with pytest.raises(Declined) as declined:
        preview(KIND, TONGUES["en"], Text("S", "B", source))
    assert declined.value.code == Refusal.TEMPLATE_UNFIT
    assert "line 1:" in declined.value.detail
    assert time.perf_counter() - began < 2


def test_what_is_written_is_bounded_however_many_records_there_are() -> None:
    fields = fields_of(KIND)
    values = written(fields, samples_of(KIND), TONGUES["en"])
    values["deals"] = values["deals"] * 100_000
    source = "{% for deal in deals %}" + "x" * 200 + "{% endfor %}"
    assert len(render(source, fields, values, html=False)) == 500 * 200
    with pytest.raises(BadTemplate, match=str(OUTPUT_MAX)):
        render(source * 9, fields, values, html=False)


def test_a_bad_template_is_refused_with_its_part_and_line(desk: Desk) -> None:
    write = desk.crm.letter_desk.templates.write
    for text, place in (
        (Text("Order {{ order }}", "one\ntwo {{ nothing }}\n"), "body, line 2: there is no field nothing"),
        (Text("Order {{ order", "B"), "subject, line 1:"),
        (Text("S", "B", "<p>\n\n{% for deal in deals %}\n{{ deal.colour }}{% endfor %}"), "html, line 4: there is no field"),
    ):
        with pytest.raises(Declined, match=place):
            write(desk.organization.id, KIND, "en", text, by="ann")
    assert desk.crm.letter_desk.templates.versions(desk.organization.id, KIND, "en") == []


def test_values_are_escaped_in_html_and_a_subject_is_one_line() -> None:
    values = {**samples_of(LetterKind.INBOX_MESSAGE), "title": "a\nBcc: eve@mail.test", "text": "<script>x</script>\n\nsecond"}
    ours = rendered(LetterKind.INBOX_MESSAGE, TONGUES["en"], TEXTS["en"][LetterKind.INBOX_MESSAGE], values)
    assert ours.subject == "a Bcc: eve@mail.test"
    assert "<p>&lt;script&gt;x&lt;/script&gt;</p>\n<p>second</p>" in ours.html
    assert "<script>x</script>" in ours.body
    own = rendered(LetterKind.INBOX_MESSAGE, TONGUES["en"], Text("S", "B", "<h1>{{ text }}</h1>"), values)
    assert "<h1>&lt;script&gt;" in own.html


def test_conditions_loops_and_filters_are_there_for_whoever_writes_texts() -> None:
    fields = fields_of(KIND)
    values = written(fields, samples_of(KIND) | {"login": ""}, TONGUES["de"])
    source = (
        "{% for deal in deals %}{{ loop.index }} {{ deal.symbol|lower }} {{ deal.profit }}{% if not loop.last %};{% endif %}"
        "{% else %}none{% endfor %}{{ ' a' if deals|length == 1 and login else ' b' }} {{ login|default('none', true) }}"
    )
    check_template(source, fields, html=False)
    assert render(source, fields, values, html=False) == "1 eurusd 50,00\u00a0USD b none"


def test_the_newest_version_is_in_force_until_it_is_withdrawn(desk: Desk) -> None:
    templates, organization = desk.crm.letter_desk.templates, desk.organization.id
    kind = LetterKind.WELCOME
    assert templates.in_force(organization, kind, "pl").text == TEXTS["pl"][kind]
    for number in (1, 2):
        written_ = templates.write(organization, kind, "pl", Text(f"Witaj {number}", "{{ name }}"), by="ann")
        assert (written_.version, written_.created_by) == (number, "ann")
    assert templates.in_force(organization, kind, "pl").subject == "Witaj 2"
    assert templates.in_force(organization, kind, "de").version == 0
    assert templates.in_force(organization + 1, kind, "pl").version == 0, "another organization has its own"
    templates.withdraw(organization, kind, "pl", by="bob")
    assert templates.in_force(organization, kind, "pl").text == TEXTS["pl"][kind]
    assert [one.version for one in templates.versions(organization, kind, "pl")] == [2, 1]
    assert templates.write(organization, kind, "pl", Text("Witaj 4", "{{ name }}"), by="ann").version == 4
    assert len(templates.all(organization)) == len(LetterKind) * len(TONGUES)


def test_money_is_written_with_the_places_of_its_currency() -> None:
    values = samples_of(LetterKind.IB_PAYOUT) | {"amount": Money(1, "BTC")}
    assert written(fields_of(LetterKind.IB_PAYOUT), values, TONGUES["en"])["amount"] == "0.00000001\u00a0BTC"
