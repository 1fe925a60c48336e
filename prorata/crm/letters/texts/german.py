"""Letters in German."""

from prorata.crm.letters.kinds import LetterKind
from prorata.crm.letters.texts.text import letters

_DEALS = (
    "{% for deal in deals %}{{ deal.at }}: {{ deal.side }} {{ deal.volume }} {{ deal.symbol }} zu {{ deal.price }}, "
    "Ergebnis {{ deal.profit }}, Kommission {{ deal.commission }}, Swap {{ deal.swap }}\n{% endfor %}"
)
_FIGURES = "Saldo vorher: {{ opening }}\nSaldo nachher: {{ closing }}\nEigenkapital: {{ equity }}"
_REASON = "{% if reason %}\n\nGrund: {{ reason }}{% endif %}"

TEXTS = letters(
    "Guten Tag {{ name }},",
    "Freundliche Grüße\n{{ broker }}",
    {
        LetterKind.WELCOME: (
            "Willkommen bei {{ broker }}",
            "Ihr Konto bei {{ broker }} ist eröffnet. Sie melden sich mit Ihrer Adresse {{ email }} und dem Passwort an, das "
            "Sie gewählt haben.",
        ),
        LetterKind.TRADING_ACCOUNT_OPENED: (
            "Ihr Handelskonto {{ login }}", "Ihr Handelskonto {{ login }} ({{ offer }}) ist eröffnet.",
        ),
        LetterKind.PASSWORD_CHANGED: (
            "Ihr Passwort wurde geändert",
            "das Passwort Ihres Kontos wurde geändert: {{ at }}. Wenn Sie das nicht waren, schreiben Sie uns bitte sofort.",
        ),
        LetterKind.KYC_APPROVED: (
            "Ihre Angaben sind bestätigt",
            "wir haben Ihre Unterlagen geprüft, und Ihr Konto ist bestätigt. Es fehlt nichts mehr.",
        ),
        LetterKind.KYC_REJECTED: (
            "Ihre Unterlagen wurden nicht angenommen",
            "wir konnten Ihre Unterlagen nicht annehmen." + _REASON + "\n\nBitte schicken Sie uns neue.",
        ),
        LetterKind.DEPOSIT_BOOKED: (
            "Ihre Einzahlung über {{ amount }}",
            "Ihre Einzahlung über {{ amount }} ist eingegangen: {{ net_amount }} wurden dem Handelskonto {{ login }} "
            "gutgeschrieben ({{ at }}).\n\nVorgang: {{ reference }}",
        ),
        LetterKind.DEPOSIT_FAILED: (
            "Ihre Einzahlung wurde nicht gebucht",
            "Ihre Einzahlung über {{ amount }} auf das Handelskonto {{ login }} wurde nicht gebucht." + _REASON
            + "\n\nVorgang: {{ reference }}",
        ),
        LetterKind.WITHDRAWAL_REQUESTED: (
            "Ihre Auszahlung über {{ amount }}",
            "Ihr Auftrag, {{ amount }} vom Handelskonto {{ login }} auszuzahlen, ist bei uns. Der Betrag ist vom Konto "
            "abgebucht und wird geprüft. Wir schreiben Ihnen, sobald entschieden ist.\n\nVorgang: {{ reference }}",
        ),
        LetterKind.WITHDRAWAL_PAID: (
            "Ihre Auszahlung ist unterwegs",
            "Ihre Auszahlung über {{ amount }} vom Handelskonto {{ login }} wurde überwiesen: {{ net_amount }} nach Gebühren."
            "\n\nVorgang: {{ reference }}",
        ),
        LetterKind.WITHDRAWAL_REJECTED: (
            "Ihre Auszahlung wurde nicht ausgeführt",
            "Ihre Auszahlung über {{ amount }} wurde nicht ausgeführt; der Betrag ist auf dem Handelskonto {{ login }}."
            + _REASON + "\n\nVorgang: {{ reference }}",
        ),
        LetterKind.MARGIN_CALL: (
            "Margin Call auf Konto {{ login }}",
            "das Eigenkapital Ihres Handelskontos {{ login }} ist auf {{ equity }} gefallen und liegt unter der Grenze von "
            "{{ line }}. Gebundene Margin: {{ margin }}.\n\nZahlen Sie ein, oder schließen Sie Positionen: ab der "
            "Stop-out-Grenze werden Positionen für Sie geschlossen.\n\nZeit: {{ at }}",
        ),
        LetterKind.STOP_OUT: (
            "Stop-out auf Konto {{ login }}",
            "das Eigenkapital Ihres Handelskontos {{ login }} ist auf {{ equity }} gefallen und liegt unter der "
            "Stop-out-Grenze von {{ line }}. Positionen werden geschlossen. Gebundene Margin zuvor: {{ margin }}."
            "\n\nZeit: {{ at }}",
        ),
        LetterKind.TRADE_CONFIRMATION: (
            "Auftrag {{ order }} auf Konto {{ login }}",
            "der Auftrag {{ order }} auf dem Handelskonto {{ login }} wurde ausgeführt.\n\n" + _DEALS,
        ),
        LetterKind.DAILY_STATEMENT: (
            "Kontoauszug {{ login }}, {{ day }}",
            "hier ist der Auszug des Handelskontos {{ login }} für den {{ day }}.\n\n" + _FIGURES,
        ),
        LetterKind.MONTHLY_STATEMENT: (
            "Kontoauszug {{ login }}, {{ month }}",
            "hier ist der Auszug des Handelskontos {{ login }} für {{ month }}.\n\n" + _FIGURES,
        ),
        LetterKind.INBOX_MESSAGE: (
            "{{ title }}", "in Ihrem Postfach ist eine neue Nachricht.\n\n{{ title }}\n\n{{ text }}",
        ),
        LetterKind.IB_PAYOUT: (
            "Ihre Provision über {{ amount }}",
            "Ihre Provision bis {{ until }}, {{ amount }}, wurde dem Handelskonto {{ login }} gutgeschrieben ({{ at }}).",
        ),
    },
)  # fmt: skip
