"""Letters in English."""

from prorata.crm.letters.kinds import LetterKind
from prorata.crm.letters.texts.text import letters

_DEALS = (
    "{% for deal in deals %}{{ deal.at }}: {{ deal.side }} {{ deal.volume }} {{ deal.symbol }} at {{ deal.price }}, "
    "profit {{ deal.profit }}, commission {{ deal.commission }}, swap {{ deal.swap }}\n{% endfor %}"
)
_FIGURES = "Balance before: {{ opening }}\nBalance after: {{ closing }}\nEquity: {{ equity }}"

TEXTS = letters(
    "Dear {{ name }},",
    "Kind regards\n{{ broker }}",
    {
        LetterKind.WELCOME: (
            "Welcome to {{ broker }}",
            "your account with {{ broker }} is open. You sign in with your address {{ email }} and the password that you have "
            "chosen.",
        ),
        LetterKind.TRADING_ACCOUNT_OPENED: (
            "Your trading account {{ login }}", "your trading account {{ login }} ({{ offer }}) has been opened.",
        ),
        LetterKind.PASSWORD_CHANGED: (
            "Your password was changed",
            "the password of your account was changed on {{ at }}. If this was not you, write to us at once.",
        ),
        LetterKind.KYC_APPROVED: (
            "You are verified", "we have checked your documents, and your account is verified. Nothing more is needed.",
        ),
        LetterKind.KYC_REJECTED: (
            "Your documents were not accepted",
            "we could not accept your documents.{% if reason %}\n\nReason: {{ reason }}{% endif %}\n\nPlease send us new ones.",
        ),
        LetterKind.DEPOSIT_BOOKED: (
            "Your deposit of {{ amount }}",
            "your deposit of {{ amount }} has arrived: {{ net_amount }} were booked on trading account {{ login }} on "
            "{{ at }}.\n\nReference: {{ reference }}",
        ),
        LetterKind.DEPOSIT_FAILED: (
            "Your deposit was not booked",
            "your deposit of {{ amount }} for trading account {{ login }} was not booked."
            "{% if reason %}\n\nReason: {{ reason }}{% endif %}\n\nReference: {{ reference }}",
        ),
        LetterKind.WITHDRAWAL_REQUESTED: (
            "Your withdrawal of {{ amount }}",
            "we have your request to withdraw {{ amount }} from trading account {{ login }}. The amount has left the account "
            "and is being looked at. We write to you when it is decided.\n\nReference: {{ reference }}",
        ),
        LetterKind.WITHDRAWAL_PAID: (
            "Your withdrawal was paid out",
            "your withdrawal of {{ amount }} from trading account {{ login }} was paid out: {{ net_amount }} after fees."
            "\n\nReference: {{ reference }}",
        ),
        LetterKind.WITHDRAWAL_REJECTED: (
            "Your withdrawal was not paid out",
            "your withdrawal of {{ amount }} was not paid out; the amount is on trading account {{ login }}."
            "{% if reason %}\n\nReason: {{ reason }}{% endif %}\n\nReference: {{ reference }}",
        ),
        LetterKind.MARGIN_CALL: (
            "Margin call on account {{ login }}",
            "the equity of your trading account {{ login }} has fallen to {{ equity }}, below the margin-call level of "
            "{{ line }}. Margin in use: {{ margin }}.\n\nPay in, or close positions: at the stop-out level positions are "
            "closed for you.\n\nTime: {{ at }}",
        ),
        LetterKind.STOP_OUT: (
            "Stop-out on account {{ login }}",
            "the equity of your trading account {{ login }} has fallen to {{ equity }}, below the stop-out level of "
            "{{ line }}. Positions are being closed. Margin in use before: {{ margin }}.\n\nTime: {{ at }}",
        ),
        LetterKind.TRADE_CONFIRMATION: (
            "Order {{ order }} on account {{ login }}",
            "order {{ order }} on trading account {{ login }} was executed.\n\n" + _DEALS,
        ),
        LetterKind.DAILY_STATEMENT: (
            "Statement of account {{ login }}, {{ day }}",
            "here is the statement of trading account {{ login }} for {{ day }}.\n\n" + _FIGURES,
        ),
        LetterKind.MONTHLY_STATEMENT: (
            "Statement of account {{ login }}, {{ month }}",
            "here is the statement of trading account {{ login }} for {{ month }}.\n\n" + _FIGURES,
        ),
        LetterKind.INBOX_MESSAGE: (
            "{{ title }}", "there is a new message in your inbox.\n\n{{ title }}\n\n{{ text }}",
        ),
        LetterKind.IB_PAYOUT: (
            "Your commission of {{ amount }}",
            "your commission up to {{ until }}, {{ amount }}, was booked on trading account {{ login }} on {{ at }}.",
        ),
    },
)  # fmt: skip
