"""Letters in Polish."""

from prorata.crm.letters.kinds import LetterKind
from prorata.crm.letters.texts.text import letters

_DEALS = (
    "{% for deal in deals %}{{ deal.at }}: {{ deal.side }} {{ deal.volume }} {{ deal.symbol }} po {{ deal.price }}, "
    "wynik {{ deal.profit }}, prowizja {{ deal.commission }}, swap {{ deal.swap }}\n{% endfor %}"
)
_FIGURES = "Saldo początkowe: {{ opening }}\nSaldo końcowe: {{ closing }}\nKapitał własny: {{ equity }}"
_REASON = "{% if reason %}\n\nPowód: {{ reason }}{% endif %}"

TEXTS = letters(
    "Dzień dobry, {{ name }}!",
    "Z poważaniem\n{{ broker }}",
    {
        LetterKind.WELCOME: (
            "Witamy w {{ broker }}",
            "Konto w {{ broker }} jest otwarte. Do logowania służy adres {{ email }} i wybrane hasło.",
        ),
        LetterKind.TRADING_ACCOUNT_OPENED: (
            "Rachunek transakcyjny {{ login }}", "Rachunek transakcyjny {{ login }} ({{ offer }}) został otwarty.",
        ),
        LetterKind.PASSWORD_CHANGED: (
            "Hasło zostało zmienione",
            "Hasło do konta zostało zmienione: {{ at }}. Jeśli to nie Państwo je zmienili, prosimy o natychmiastowy kontakt.",
        ),
        LetterKind.KYC_APPROVED: (
            "Weryfikacja zakończona", "Sprawdziliśmy dokumenty i konto jest zweryfikowane. Nic więcej nie trzeba robić.",
        ),
        LetterKind.KYC_REJECTED: (
            "Dokumenty nie zostały przyjęte",
            "Nie mogliśmy przyjąć przesłanych dokumentów." + _REASON + "\n\nProsimy o przesłanie nowych.",
        ),
        LetterKind.DEPOSIT_BOOKED: (
            "Wpłata {{ amount }}",
            "Otrzymaliśmy wpłatę {{ amount }}: na rachunku {{ login }} zaksięgowano {{ net_amount }} ({{ at }})."
            "\n\nNumer: {{ reference }}",
        ),
        LetterKind.DEPOSIT_FAILED: (
            "Wpłata nie została zaksięgowana",
            "Wpłata {{ amount }} na rachunek {{ login }} nie została zaksięgowana." + _REASON + "\n\nNumer: {{ reference }}",
        ),
        LetterKind.WITHDRAWAL_REQUESTED: (
            "Wypłata {{ amount }}",
            "Mamy zlecenie wypłaty {{ amount }} z rachunku {{ login }}. Kwota została pobrana z rachunku i jest sprawdzana. "
            "Napiszemy, gdy zapadnie decyzja.\n\nNumer: {{ reference }}",
        ),
        LetterKind.WITHDRAWAL_PAID: (
            "Wypłata została zrealizowana",
            "Wypłata {{ amount }} z rachunku {{ login }} została zrealizowana: {{ net_amount }} po opłatach."
            "\n\nNumer: {{ reference }}",
        ),
        LetterKind.WITHDRAWAL_REJECTED: (
            "Wypłata nie została zrealizowana",
            "Wypłata {{ amount }} nie została zrealizowana; kwota jest na rachunku {{ login }}." + _REASON
            + "\n\nNumer: {{ reference }}",
        ),
        LetterKind.MARGIN_CALL: (
            "Wezwanie do uzupełnienia depozytu, rachunek {{ login }}",
            "Kapitał własny rachunku {{ login }} spadł do {{ equity }}, poniżej poziomu {{ line }}. Depozyt w użyciu: "
            "{{ margin }}.\n\nProsimy o wpłatę lub zamknięcie pozycji: na poziomie stop-out pozycje zamykane są automatycznie."
            "\n\nCzas: {{ at }}",
        ),
        LetterKind.STOP_OUT: (
            "Stop-out, rachunek {{ login }}",
            "Kapitał własny rachunku {{ login }} spadł do {{ equity }}, poniżej poziomu stop-out {{ line }}. Pozycje są "
            "zamykane. Depozyt w użyciu przedtem: {{ margin }}.\n\nCzas: {{ at }}",
        ),
        LetterKind.TRADE_CONFIRMATION: (
            "Zlecenie {{ order }}, rachunek {{ login }}",
            "Zlecenie {{ order }} na rachunku {{ login }} zostało wykonane.\n\n" + _DEALS,
        ),
        LetterKind.DAILY_STATEMENT: (
            "Wyciąg z rachunku {{ login }}, {{ day }}",
            "Przesyłamy wyciąg z rachunku transakcyjnego {{ login }} za dzień {{ day }}.\n\n" + _FIGURES,
        ),
        LetterKind.MONTHLY_STATEMENT: (
            "Wyciąg z rachunku {{ login }}, {{ month }}",
            "Przesyłamy wyciąg z rachunku transakcyjnego {{ login }} za miesiąc {{ month }}.\n\n" + _FIGURES,
        ),
        LetterKind.INBOX_MESSAGE: (
            "{{ title }}", "W skrzynce jest nowa wiadomość.\n\n{{ title }}\n\n{{ text }}",
        ),
        LetterKind.IB_PAYOUT: (
            "Prowizja {{ amount }}",
            "Prowizja do {{ until }}, {{ amount }}, została zaksięgowana na rachunku {{ login }} ({{ at }}).",
        ),
    },
)  # fmt: skip
