"""Letters in Spanish."""

from prorata.crm.letters.kinds import LetterKind
from prorata.crm.letters.texts.text import letters

_DEALS = (
    "{% for deal in deals %}{{ deal.at }}: {{ deal.side }} {{ deal.volume }} {{ deal.symbol }} a {{ deal.price }}, "
    "resultado {{ deal.profit }}, comisión {{ deal.commission }}, swap {{ deal.swap }}\n{% endfor %}"
)
_FIGURES = "Saldo anterior: {{ opening }}\nSaldo final: {{ closing }}\nPatrimonio: {{ equity }}"
_REASON = "{% if reason %}\n\nMotivo: {{ reason }}{% endif %}"

TEXTS = letters(
    "Hola, {{ name }}:",
    "Un saludo\n{{ broker }}",
    {
        LetterKind.WELCOME: (
            "Le damos la bienvenida a {{ broker }}",
            "Su cuenta en {{ broker }} está abierta. Para entrar use su dirección {{ email }} y la contraseña que ha elegido.",
        ),
        LetterKind.TRADING_ACCOUNT_OPENED: (
            "Su cuenta de trading {{ login }}", "Su cuenta de trading {{ login }} ({{ offer }}) está abierta.",
        ),
        LetterKind.PASSWORD_CHANGED: (
            "Se ha cambiado su contraseña",
            "La contraseña de su cuenta se cambió el {{ at }}. Si no fue usted, escríbanos enseguida.",
        ),
        LetterKind.KYC_APPROVED: (
            "Su identidad está verificada",
            "Hemos revisado sus documentos y su cuenta está verificada. No hace falta nada más.",
        ),
        LetterKind.KYC_REJECTED: (
            "No hemos podido aceptar sus documentos",
            "No hemos podido aceptar sus documentos." + _REASON + "\n\nPor favor, envíenos otros.",
        ),
        LetterKind.DEPOSIT_BOOKED: (
            "Su ingreso de {{ amount }}",
            "Hemos recibido su ingreso de {{ amount }}: se abonaron {{ net_amount }} en la cuenta de trading {{ login }} el "
            "{{ at }}.\n\nReferencia: {{ reference }}",
        ),
        LetterKind.DEPOSIT_FAILED: (
            "Su ingreso no se ha abonado",
            "Su ingreso de {{ amount }} en la cuenta de trading {{ login }} no se ha abonado." + _REASON
            + "\n\nReferencia: {{ reference }}",
        ),
        LetterKind.WITHDRAWAL_REQUESTED: (
            "Su retirada de {{ amount }}",
            "Tenemos su solicitud de retirar {{ amount }} de la cuenta de trading {{ login }}. El importe ya no está en la "
            "cuenta y lo estamos revisando. Le escribiremos cuando se decida.\n\nReferencia: {{ reference }}",
        ),
        LetterKind.WITHDRAWAL_PAID: (
            "Su retirada se ha pagado",
            "Su retirada de {{ amount }} de la cuenta de trading {{ login }} se ha pagado: {{ net_amount }} sin las comisiones."
            "\n\nReferencia: {{ reference }}",
        ),
        LetterKind.WITHDRAWAL_REJECTED: (
            "Su retirada no se ha pagado",
            "Su retirada de {{ amount }} no se ha pagado; el importe está en la cuenta de trading {{ login }}." + _REASON
            + "\n\nReferencia: {{ reference }}",
        ),
        LetterKind.MARGIN_CALL: (
            "Aviso de margen en la cuenta {{ login }}",
            "El patrimonio de su cuenta de trading {{ login }} ha bajado a {{ equity }}, por debajo del nivel de aviso de "
            "{{ line }}. Margen en uso: {{ margin }}.\n\nIngrese fondos o cierre posiciones: en el nivel de stop-out se "
            "cierran por usted.\n\nHora: {{ at }}",
        ),
        LetterKind.STOP_OUT: (
            "Stop-out en la cuenta {{ login }}",
            "El patrimonio de su cuenta de trading {{ login }} ha bajado a {{ equity }}, por debajo del nivel de stop-out de "
            "{{ line }}. Se están cerrando posiciones. Margen en uso hasta ahora: {{ margin }}.\n\nHora: {{ at }}",
        ),
        LetterKind.TRADE_CONFIRMATION: (
            "Orden {{ order }} en la cuenta {{ login }}",
            "La orden {{ order }} en la cuenta de trading {{ login }} se ha ejecutado.\n\n" + _DEALS,
        ),
        LetterKind.DAILY_STATEMENT: (
            "Extracto de la cuenta {{ login }}, {{ day }}",
            "Este es el extracto de la cuenta de trading {{ login }} del {{ day }}.\n\n" + _FIGURES,
        ),
        LetterKind.MONTHLY_STATEMENT: (
            "Extracto de la cuenta {{ login }}, {{ month }}",
            "Este es el extracto de la cuenta de trading {{ login }} de {{ month }}.\n\n" + _FIGURES,
        ),
        LetterKind.INBOX_MESSAGE: (
            "{{ title }}", "Tiene un mensaje nuevo en su buzón.\n\n{{ title }}\n\n{{ text }}",
        ),
        LetterKind.IB_PAYOUT: (
            "Su comisión de {{ amount }}",
            "Su comisión hasta el {{ until }}, {{ amount }}, se abonó en la cuenta de trading {{ login }} el {{ at }}.",
        ),
    },
)  # fmt: skip
