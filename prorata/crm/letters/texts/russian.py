"""Letters in Russian."""

from prorata.crm.letters.kinds import LetterKind
from prorata.crm.letters.texts.text import letters

_DEALS = (
    "{% for deal in deals %}{{ deal.at }}: {{ deal.side }} {{ deal.volume }} {{ deal.symbol }} по {{ deal.price }}, "
    "результат {{ deal.profit }}, комиссия {{ deal.commission }}, своп {{ deal.swap }}\n{% endfor %}"
)
_FIGURES = "Баланс на начало: {{ opening }}\nБаланс на конец: {{ closing }}\nСредства: {{ equity }}"
_REASON = "{% if reason %}\n\nПричина: {{ reason }}{% endif %}"

TEXTS = letters(
    "Здравствуйте, {{ name }}!",
    "С уважением,\n{{ broker }}",
    {
        LetterKind.WELCOME: (
            "Добро пожаловать в {{ broker }}",
            "Ваш счёт в {{ broker }} открыт. Для входа используйте адрес {{ email }} и выбранный вами пароль.",
        ),
        LetterKind.TRADING_ACCOUNT_OPENED: (
            "Ваш торговый счёт {{ login }}", "Торговый счёт {{ login }} ({{ offer }}) открыт.",
        ),
        LetterKind.PASSWORD_CHANGED: (
            "Ваш пароль изменён", "Пароль вашей учётной записи был изменён: {{ at }}. Если это были не вы, сразу напишите нам.",
        ),
        LetterKind.KYC_APPROVED: (
            "Ваши данные подтверждены", "Мы проверили ваши документы, и ваш счёт подтверждён. Больше ничего не требуется.",
        ),
        LetterKind.KYC_REJECTED: (
            "Документы не приняты", "Мы не смогли принять ваши документы." + _REASON + "\n\nПожалуйста, пришлите новые.",
        ),
        LetterKind.DEPOSIT_BOOKED: (
            "Пополнение на {{ amount }}",
            "Ваше пополнение на {{ amount }} поступило: на торговый счёт {{ login }} зачислено {{ net_amount }} ({{ at }})."
            "\n\nНомер: {{ reference }}",
        ),
        LetterKind.DEPOSIT_FAILED: (
            "Пополнение не зачислено",
            "Ваше пополнение на {{ amount }} на торговый счёт {{ login }} не зачислено." + _REASON
            + "\n\nНомер: {{ reference }}",
        ),
        LetterKind.WITHDRAWAL_REQUESTED: (
            "Вывод {{ amount }}",
            "Мы получили вашу заявку на вывод {{ amount }} с торгового счёта {{ login }}. Сумма списана со счёта и "
            "проверяется. Мы напишем вам, когда будет принято решение.\n\nНомер: {{ reference }}",
        ),
        LetterKind.WITHDRAWAL_PAID: (
            "Вывод выплачен",
            "Ваш вывод {{ amount }} с торгового счёта {{ login }} выплачен: {{ net_amount }} за вычетом комиссий."
            "\n\nНомер: {{ reference }}",
        ),
        LetterKind.WITHDRAWAL_REJECTED: (
            "Вывод не выплачен",
            "Ваш вывод {{ amount }} не выплачен; сумма находится на торговом счёте {{ login }}." + _REASON
            + "\n\nНомер: {{ reference }}",
        ),
        LetterKind.MARGIN_CALL: (
            "Margin call по счёту {{ login }}",
            "Средства на торговом счёте {{ login }} снизились до {{ equity }} и ниже уровня {{ line }}. Залог: {{ margin }}."
            "\n\nПополните счёт или закройте позиции: на уровне стоп-аута позиции закрываются автоматически."
            "\n\nВремя: {{ at }}",
        ),
        LetterKind.STOP_OUT: (
            "Стоп-аут по счёту {{ login }}",
            "Средства на торговом счёте {{ login }} снизились до {{ equity }} и ниже уровня стоп-аута {{ line }}. Позиции "
            "закрываются. Залог до этого: {{ margin }}.\n\nВремя: {{ at }}",
        ),
        LetterKind.TRADE_CONFIRMATION: (
            "Ордер {{ order }} по счёту {{ login }}",
            "Ордер {{ order }} на торговом счёте {{ login }} исполнен.\n\n" + _DEALS,
        ),
        LetterKind.DAILY_STATEMENT: (
            "Выписка по счёту {{ login }}, {{ day }}",
            "Направляем выписку по торговому счёту {{ login }} за {{ day }}.\n\n" + _FIGURES,
        ),
        LetterKind.MONTHLY_STATEMENT: (
            "Выписка по счёту {{ login }}, {{ month }}",
            "Направляем выписку по торговому счёту {{ login }} за {{ month }}.\n\n" + _FIGURES,
        ),
        LetterKind.INBOX_MESSAGE: (
            "{{ title }}", "В вашем ящике новое сообщение.\n\n{{ title }}\n\n{{ text }}",
        ),
        LetterKind.IB_PAYOUT: (
            "Ваше вознаграждение {{ amount }}",
            "Ваше вознаграждение по {{ until }}, {{ amount }}, зачислено на торговый счёт {{ login }} ({{ at }}).",
        ),
    },
)  # fmt: skip
