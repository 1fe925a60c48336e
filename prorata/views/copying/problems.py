"""What the refusals of copy trading mean."""

from prorata.messages.refusals import Refusal
from prorata.views.problem_text import ProblemText

COPY_PROBLEMS: dict[Refusal, ProblemText] = {
    Refusal.UNKNOWN_WALLET: ProblemText(
        "No such wallet",
        "The wallet does not exist, or is not within the reach of the key: both answer alike.",
    ),
    Refusal.UNKNOWN_STRATEGY: ProblemText(
        "No such strategy",
        "The strategy does not exist, or is not within the reach of the key: both answer alike.",
    ),
    Refusal.UNKNOWN_OFFER: ProblemText(
        "No such offer",
        "The offer does not exist, belongs to another strategy, or is the one of the trader alone.",
    ),
    Refusal.UNKNOWN_INVESTMENT: ProblemText(
        "No such investment",
        "The investment does not exist, or is not within the reach of the key: both answer alike.",
    ),
    Refusal.UNKNOWN_STREAM: ProblemText(
        "No such stream",
        "No execution stream has this number.",
    ),
    Refusal.NO_COPY_SPEC: ProblemText(
        "The company does not copy in this currency",
        "Put an account specification for the company and the currency of the wallet first.",
    ),
    Refusal.BAD_COPY_SPEC: ProblemText(
        "The account specification is not sound",
        "The detail names what must be changed.",
    ),
    Refusal.BAD_STREAM: ProblemText(
        "The stream is not sound",
        "The detail names what must be changed.",
    ),
    Refusal.STRATEGY_CLOSED: ProblemText(
        "The strategy is closed",
        "A closed strategy is never opened again.",
    ),
    Refusal.STRATEGY_NOT_ACTIVE: ProblemText(
        "The strategy does not copy now",
        "It is paused or disabled; signals are taken and money is invested again when it has been resumed.",
    ),
    Refusal.STRATEGY_NOT_PAUSED: ProblemText(
        "The strategy is not paused",
        "Only a paused strategy can be resumed.",
    ),
    Refusal.OFFER_ENDED: ProblemText(
        "The offer takes no more investments",
        "It was ended or closed; another offer of the strategy may still be open.",
    ),
    Refusal.OWN_INVESTMENT: ProblemText(
        "It is the trader's own investment",
        "The trader's own investment is paused, resumed and closed with its strategy only.",
    ),
    Refusal.INVESTMENT_CLOSED: ProblemText(
        "The investment is closed",
        "A closed investment is never opened again; invest anew.",
    ),
    Refusal.INVESTMENT_NOT_ACTIVE: ProblemText(
        "The investment does not copy now",
        "It is paused already, or a limit has stopped it.",
    ),
    Refusal.INVESTMENT_NOT_PAUSED: ProblemText(
        "The investment is not paused",
        "Pause it and wait until its positions are closed.",
    ),
    Refusal.NAME_INVALID: ProblemText(
        "The name cannot be taken",
        "A name has 1 to 50 Latin letters, digits, spaces or . , ! ? _ and does not begin or end with a space.",
    ),
    Refusal.NAME_TAKEN: ProblemText(
        "The name is taken",
        "Another strategy has or had this name; letter case makes no difference.",
    ),
    Refusal.LINK_TAKEN: ProblemText(
        "The link is taken",
        "Another offer has this code.",
    ),
    Refusal.FACTOR_OUT_OF_RANGE: ProblemText(
        "The factor is out of range",
        "A factor is -1000 to -0.01 or 0.01 to 1000, with two decimal places; that of the trader's own investment is 1.",
    ),
    Refusal.PROTECTION_OUT_OF_RANGE: ProblemText(
        "The protection is out of range",
        "Protection is 0 or more and below 1.",
    ),
    Refusal.TARGET_OUT_OF_RANGE: ProblemText(
        "The target is out of range",
        "A target is above 0; leave it out for none.",
    ),
    Refusal.SHARE_OUT_OF_RANGE: ProblemText(
        "A share is out of range",
        "Fees and shares are 0 to 1; what partner and house get of a fee is no more than all of it.",
    ),
    Refusal.BELOW_LEAST_BALANCE: ProblemText(
        "The amount is below the minimum",
        "The account specification says how much an investment must have at least.",
    ),
    Refusal.ABOVE_WITHDRAWABLE: ProblemText(
        "More than can be withdrawn",
        "What may leave is the equity less the least balance; close the investment to withdraw everything.",
    ),
    Refusal.UNKNOWN_RESERVATION: ProblemText(
        "No such reservation",
        "No withdrawal was reserved under this number.",
    ),
    Refusal.RESERVATION_ENDED: ProblemText(
        "The reservation has ended",
        "It was paid or given back before; nothing happened now.",
    ),
    Refusal.SOURCE_MISSING: ProblemText(
        "The source account does not exist",
        "A strategy that copies a trading account of this platform names one that exists.",
    ),
    Refusal.SOURCE_EQUITY_NOT_POSITIVE: ProblemText(
        "The source has no equity",
        "A signal says what the source is worth; zero or less cannot be copied in proportion.",
    ),
    Refusal.STALE_SIGNAL: ProblemText(
        "The signal is older than what is known",
        "A later signal or synchronisation of the same source was taken before; send the present state.",
    ),
    Refusal.TICKET_MISSING: ProblemText(
        "The ticket is missing",
        "In a hedging strategy each signal names the position it is about.",
    ),
    Refusal.CURRENCIES_DIFFER: ProblemText(
        "The currencies differ",
        "Wallet, strategy and source account keep the same currency.",
    ),
    Refusal.ALREADY_INVESTED: ProblemText(
        "There is an investment already",
        "A client has one open investment in a strategy: add money to it instead.",
    ),
    Refusal.LIMIT_REACHED: ProblemText(
        "A limit would stop it at once",
        "Equity is at or beyond the protection or the target: set it anew, then resume.",
    ),
    Refusal.INVESTMENT_CLOSING: ProblemText(
        "The investment is closing",
        "Its positions are being closed; then the money returns to the wallet.",
    ),
}
