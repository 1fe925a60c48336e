"""What each refusal means, for the people who meet it: the texts of /problems."""

from prorata.messages.refusals import Refusal
from prorata.views.copying.problems import COPY_PROBLEMS
from prorata.views.problem_text import ProblemText

PROBLEMS: dict[Refusal, ProblemText] = {
    Refusal.MALFORMED: ProblemText(
        "The request cannot be read",
        "The body is not the JSON object that the operation expects, a field is unknown, missing or of the wrong type, "
        "or a parameter cannot be read. Amounts, prices and volumes are decimal strings without exponent; "
        "a number, NaN or Infinity in their place is refused.",
    ),
    Refusal.BODY_TOO_LARGE: ProblemText(
        "The body is too large", "A JSON body may have at most 65536 bytes. Nothing of it was read."
    ),
    Refusal.NOT_AUTHENTICATED: ProblemText(
        "No valid key",
        "Send a key or an access token as 'Authorization: Bearer ...'; in the workspace sign in, and send the cookie or the "
        "token of the session. What is unknown, revoked, expired or not for your address answers the same.",
    ),
    Refusal.NOT_PERMITTED: ProblemText(
        "The key may not do this",
        "The key is valid, but lacks the scope of this operation, or is bound to single accounts.",
    ),
    Refusal.NOT_FOUND: ProblemText("There is nothing here", "No operation or thing has this address."),
    Refusal.KEY_REUSED: ProblemText(
        "The idempotency key belongs to another call",
        "The same Idempotency-Key came before with other content. Nothing was done now; the first call stands. "
        "Take a new key for a new intention.",
    ),
    Refusal.TOO_MANY_REQUESTS: ProblemText(
        "Too many requests",
        "The allowance is used up, or a password or code was wrong too often. Wait as long as Retry-After says.",
        True,
    ),
    Refusal.OUT_OF_RANGE: ProblemText(
        "A number is out of range",
        "A number is larger or smaller than the platform keeps, or has more decimal places than its unit.",
    ),
    Refusal.UNSUPPORTED_MEDIA: ProblemText(
        "The body is not JSON", "Bodies are read as application/json, in UTF-8, without content encoding."
    ),
    Refusal.METHOD_NOT_ALLOWED: ProblemText(
        "The address has no such method", "The Allow header names the methods of this address."
    ),
    Refusal.CROSS_SITE: ProblemText(
        "The change comes from another site",
        "A change that is signed in by a cookie must have our own Origin, or any X-Requested-With header.",
    ),
    Refusal.CREDENTIALS_WRONG: ProblemText(
        "The address or the password is wrong",
        "Nobody is signed in. An address that nobody has, a wrong password and a disabled person answer alike.",
    ),
    Refusal.CODE_WRONG: ProblemText(
        "The code is wrong", "The one-time or recovery code is not the person's, is too old, or was used before."
    ),
    Refusal.LINK_SPENT: ProblemText(
        "The link is no longer good", "The link or ticket is unknown, has been used, or has expired. Ask for a new one."
    ),
    Refusal.PASSWORD_UNFIT: ProblemText(
        "The password is not good enough",
        "A password has 10 to 128 characters, is not the e-mail address, and is none of those that everybody tries.",
    ),
    Refusal.PROOF_NEEDED: ProblemText(
        "Prove once more who you are",
        "What a person signs in by is changed only shortly after he has proved who he is. Prove it, and repeat the call.",
        True,
    ),
    Refusal.FACTOR_EXISTS: ProblemText(
        "There is one already", "The person has this kind of second step. Remove it first to set up another."
    ),
    Refusal.PASSKEY_REFUSED: ProblemText(
        "The passkey cannot be taken", "What the authenticator answered does not fit the question, the site or the passkey."
    ),
    Refusal.LAST_ADMINISTRATOR: ProblemText(
        "The last Administrator stays",
        "An organization always has an Administrator. Make somebody else one first, hand the organization over, or close it.",
    ),
    Refusal.BAD_RIGHTS: ProblemText(
        "There are no such rights",
        "A role, a permission or a trade platform is not there, or an Administrator would be narrowed to some platforms.",
    ),
    Refusal.ALREADY_MEMBER: ProblemText("Already a member", "The person is a member of the organization."),
    Refusal.ALREADY_INVITED: ProblemText(
        "Already invited", "The address has an invitation that waits for an answer. Send that one again, or revoke it."
    ),
    Refusal.INVITATION_ENDED: ProblemText(
        "The invitation has ended",
        "It was accepted or revoked, its week is over, or whoever sent it may no longer give what it promises. "
        "Ask for a new one.",
    ),
    Refusal.ROLE_EXISTS: ProblemText(
        "The name of the role is taken", "The organization has a role of this name; letter case does not tell roles apart."
    ),
    Refusal.ROLE_IN_USE: ProblemText("The role is in use", "Members have it, or somebody is invited to it."),
    Refusal.PLATFORM_LIVE: ProblemText(
        "A trade platform is live", "An organization is closed when none of its hosted trade platforms runs any more."
    ),
    Refusal.QUOTA_REACHED: ProblemText("As many as there may be", "The detail says how many there may be of what."),
    Refusal.HAS_ACCOUNT: ProblemText(
        "The address has an account", "Whoever is invited and has an account signs in, and accepts the invitation then."
    ),
    Refusal.PLATFORM_KIND: ProblemText(
        "Not for a platform of this kind",
        "Hosted platforms are started and have keys; MetaTrader servers have a manager's login and a report database.",
    ),
    Refusal.PLATFORM_OF_SETTINGS: ProblemText(
        "The settings file has this platform", "It is run as the settings file says, and is removed there first."
    ),
    Refusal.PLATFORM_IN_USE: ProblemText(
        "The platform is in use", "Companies of copy trading are on the platform. They end before it."
    ),
    Refusal.NOTHING_TO_TEST: ProblemText(
        "There is nothing to test", "No address and password have been given, or the password that is kept is unreadable."
    ),
    Refusal.EMAIL_TAKEN: ProblemText(
        "An account has this e-mail", "One person is one account with one e-mail; the case of its letters does not matter."
    ),
    Refusal.UNKNOWN_REFERENCE: ProblemText(
        "Something that is named is not there", "The detail says what: it is absent, or not within your reach."
    ),
    Refusal.OFFER_UNFIT: ProblemText("The offer is not for this account", "The detail says why."),
    Refusal.CHANGE_UNDER_WAY: ProblemText(
        "A change is under way", "An earlier change of the same thing waits for the trade platform's answer.", True
    ),
    Refusal.PAYMENT_UNFIT: ProblemText("The payment cannot be made", "The detail says why. No money was moved."),
    Refusal.PAYMENT_ENDED: ProblemText(
        "The payment is further on already", "Somebody else has decided, or it has ended. No money was moved."
    ),
    Refusal.LEVEL_NEEDED: ProblemText(
        "The person may not do this yet", "The level that he has reached does not allow it; the detail says what."
    ),
    Refusal.LEVEL_UNFIT: ProblemText("The level cannot be so", "The detail says what does not fit."),
    Refusal.CHECK_STATE: ProblemText(
        "The check is further on already", "Its state is none that this leads from: somebody else has decided, or it is over."
    ),
    Refusal.CHECK_INCOMPLETE: ProblemText("Something is missing for the check", "The detail says what."),
    Refusal.DOCUMENT_UNFIT: ProblemText("The document cannot be taken", "The detail says why: its size, or what it is."),
    Refusal.DOCUMENT_DAMAGED: ProblemText(
        "The document is not what was handed in", "It has been damaged or swapped where it lies, and is not shown."
    ),
    Refusal.PERSON_BOUND: ProblemText(
        "The person cannot be forgotten yet", "He has money here, or something of his is under way; the detail says what."
    ),
    Refusal.FIELD_UNFIT: ProblemText("The field cannot have this value", "The detail says which field, and what it takes."),
    Refusal.ANSWERS_UNFIT: ProblemText("The questionnaire cannot be so", "The detail says which question is wrong, and why."),
    Refusal.PARTNER_UNFIT: ProblemText(
        "Nobody can be introduced by this account", "The detail says why: a parent is a real account of an IB or a Sub IB."
    ),
    Refusal.PARTNER_CYCLE: ProblemText(
        "The account would be below itself", "Nobody is his own IB, nor that of anybody who introduced him."
    ),
    Refusal.PARTNER_HAS_STRUCTURE: ProblemText(
        "Others are below this IB", "Put them under another IB first; then he can be deleted, or become an ordinary user."
    ),
    Refusal.UNKNOWN_REFERRAL: ProblemText(
        "No such referral code", "It was never given out here, or has been withdrawn. One can register without a code."
    ),
    Refusal.BAD_COMMISSION_PLAN: ProblemText("The commission plan does not work", "The detail says why. Nothing has changed."),
    Refusal.NOTHING_TO_PAY: ProblemText(
        "There is nothing to pay out", "Nothing is unpaid, or less than the minimum, which is carried over."
    ),
    Refusal.PAYOUT_ENDED: ProblemText(
        "The payout is further on already", "Somebody else has decided, or it has ended. No money was moved."
    ),
    Refusal.TEMPLATE_UNFIT: ProblemText(
        "The text cannot be filled in", "The detail says what is wrong, and in which line of which part."
    ),
    Refusal.MAILING_UNFIT: ProblemText("Mails cannot be sent like that", "The detail says why."),
    Refusal.LETTER_OWED: ProblemText(
        "The letter is owed", "Nobody does without letters of this kind: they tell of money, or of who may sign in."
    ),
    Refusal.STATEMENT_NOT_READY: ProblemText(
        "The statement cannot be made yet", "Its days have not ended, or the trade platform's history is behind.", True
    ),
    Refusal.PROBLEM_SETTLED: ProblemText(
        "The problem is settled, or being tried", "Somebody was faster. Nothing was changed by this call."
    ),
    Refusal.NOTHING_TO_TRY: ProblemText(
        "Only people can settle it", "There is no step that could be tried again. Settle it by hand, and note how."
    ),
    Refusal.TRANSFER_UNFIT: ProblemText("The transfer cannot be made", "The detail says why. No money was moved."),
    Refusal.NO_TRANSFER_RATE: ProblemText(
        "There is no rate between the currencies", "No symbol with a quote joins the two currencies now.", True
    ),
    Refusal.CHARGEBACK_UNFIT: ProblemText("The payment cannot be charged back so", "The detail says why. No money was moved."),
    Refusal.BANK_FILE_UNREADABLE: ProblemText(
        "The bank file cannot be read",
        "It is no statement of a kind that is known here; the detail says where. Nothing was kept.",
    ),
    Refusal.BANK_FILE_TOO_LARGE: ProblemText(
        "The bank file is too large", "It is longer, deeper or has more entries than are read at once. Nothing was kept."
    ),
    Refusal.BANK_FILE_SUMS: ProblemText(
        "The sums of the bank file do not agree",
        "Opening balance and entries do not make the closing balance. Nothing was kept.",
    ),
    Refusal.ENTRY_SETTLED: ProblemText(
        "The entry is settled already", "It is matched with a payment, or set aside. Nothing was changed by this call."
    ),
    Refusal.MATCH_UNFIT: ProblemText("Entry and payment do not fit", "The detail says why. Nothing was changed."),
    Refusal.PAYMENT_LIMIT: ProblemText(
        "The payment is beyond a limit", "The detail says which one, and what is left of it. No money was moved."
    ),
    Refusal.PROP_UNFIT: ProblemText(
        "It cannot be set up like that", "The detail says which part of the challenge or competition does not fit."
    ),
    Refusal.PROP_CLOSED: ProblemText("Not open for this person", "The detail says why."),
    Refusal.DISCOUNT_UNFIT: ProblemText("The discount code is not good", "The detail says why."),
    Refusal.PROP_STATE: ProblemText("The prop account is not at that point", "The detail says how it stands."),
    Refusal.EVALUATION_ENDED: ProblemText(
        "The evaluation is decided, or no longer due", "Somebody has decided before, or the account lacks something by now."
    ),
    Refusal.ABOVE_PROFIT: ProblemText(
        "More than the profit", "Only what is realised above the initial balance can be paid out. No money was moved."
    ),
    Refusal.COMPETITION_CLOSED: ProblemText("The competition is closed for that", "The detail says why."),
    Refusal.ALREADY_ENTERED: ProblemText("Already in the competition", "A person enters a competition once."),
    Refusal.PROP_MONEY: ProblemText(
        "The money of a prop account", "It is the house's: profit is paid out by prop trading, and nothing is paid in."
    ),
    Refusal.UNKNOWN_ACCOUNT: ProblemText(
        "No such account", "The account does not exist, or is not within the reach of the key: both answer alike."
    ),
    Refusal.LOGIN_DISABLED: ProblemText(
        "The account is locked", "The broker has disabled the account entirely; its trader can neither trade nor look."
    ),
    Refusal.TRADING_DISABLED: ProblemText(
        "The account may not trade", "The broker has switched trading off for the account. Positions stay as they are."
    ),
    Refusal.CLOSE_ONLY_ACCOUNT: ProblemText(
        "The account may only close", "Positions of the account can be closed, new ones cannot be opened."
    ),
    Refusal.ACCOUNT_EXISTS: ProblemText(
        "The login is taken", "An account with this login exists. Ask for login 0 to get the next free one."
    ),
    Refusal.ACCOUNT_IN_USE: ProblemText(
        "The account is in use", "The change needs an account without open positions and orders."
    ),
    Refusal.BAD_GUARDS: ProblemText(
        "The guards contradict each other", "The target must be above the floor: between them the account trades."
    ),
    Refusal.UNKNOWN_SYMBOL: ProblemText("No such symbol", "The platform has no symbol of this name. Names are case-sensitive."),
    Refusal.SYMBOL_NOT_IN_GROUP: ProblemText(
        "The group does not trade the symbol", "The symbol exists, but is switched off for the account's group."
    ),
    Refusal.SYMBOL_DISABLED: ProblemText("The symbol is not traded", "The broker has switched trading in the symbol off."),
    Refusal.SYMBOL_CLOSE_ONLY: ProblemText(
        "The symbol may only be closed", "Positions in the symbol can be closed, new ones cannot be opened."
    ),
    Refusal.SYMBOL_LONG_ONLY: ProblemText("The symbol may only be bought", "New positions in the symbol can only be long."),
    Refusal.SYMBOL_SHORT_ONLY: ProblemText("The symbol may only be sold", "New positions in the symbol can only be short."),
    Refusal.MARKET_CLOSED: ProblemText(
        "The market is closed", "The symbol is outside its trading hours, or has a holiday.", True
    ),
    Refusal.NO_QUOTE: ProblemText("No quote yet", "The symbol has had no price since the platform began.", True),
    Refusal.NO_CONVERSION_RATE: ProblemText(
        "No conversion rate",
        "Profit or margin cannot be converted into the account's currency: a rate has no quote.",
        True,
    ),
    Refusal.PRICE_MOVED: ProblemText(
        "The price has moved", "The market is further from the price given than the deviation allows.", True
    ),
    Refusal.UNKNOWN_ORDER: ProblemText("No such order", "The account has no order of this ticket, or it is done already."),
    Refusal.UNKNOWN_POSITION: ProblemText(
        "No such position", "The account has no open position of this ticket in this symbol, or it is closed already."
    ),
    Refusal.POSITION_IN_FLIGHT: ProblemText(
        "The position is at the venue", "An order of the position is with the venue and its answer is awaited.", True
    ),
    Refusal.VOLUME_TOO_SMALL: ProblemText("The volume is too small", "It is below the least volume of the symbol."),
    Refusal.VOLUME_TOO_LARGE: ProblemText("The volume is too large", "It is above the largest order of the symbol."),
    Refusal.VOLUME_OFF_STEP: ProblemText("The volume is off the step", "It is not a multiple of the symbol's volume step."),
    Refusal.VOLUME_ABOVE_POSITION: ProblemText("More than is held", "The volume to close is larger than the position."),
    Refusal.VOLUME_LIMIT: ProblemText(
        "The limit of the symbol is reached", "The account would hold more on this side of the symbol than it may."
    ),
    Refusal.PRICE_MISSING: ProblemText("A price is missing", "Orders of this type need a price (a stop-limit needs two)."),
    Refusal.PRICE_WRONG_SIDE: ProblemText(
        "The price is on the wrong side", "The market is beyond the price: the order would be executed at once."
    ),
    Refusal.PRICE_TOO_NEAR: ProblemText("The price is too near", "It is nearer to the market than the symbol's stop level."),
    Refusal.STOP_LOSS_WRONG_SIDE: ProblemText(
        "The stop loss is on the wrong side", "A stop loss lies below a long position's price and above a short one's."
    ),
    Refusal.TAKE_PROFIT_WRONG_SIDE: ProblemText(
        "The take profit is on the wrong side",
        "A take profit lies above a long position's price and below a short one's.",
    ),
    Refusal.STOP_TOO_NEAR: ProblemText("A stop is too near", "It is nearer to the market than the symbol's stop level."),
    Refusal.FROZEN: ProblemText(
        "Too near to the market to change",
        "The order or stop is within the symbol's freeze level and about to be executed.",
        True,
    ),
    Refusal.EXPIRY_IN_PAST: ProblemText("The expiry has passed", "An order must expire later than now."),
    Refusal.NOTHING_TO_CHANGE: ProblemText("Nothing would change", "The new values are the present ones."),
    Refusal.NOT_OPPOSITE: ProblemText(
        "The positions are not opposite", "Only a long and a short position of one symbol can close each other."
    ),
    Refusal.HEDGING_ONLY: ProblemText("Only with hedging", "The account's group keeps one position for each symbol."),
    Refusal.NOTHING_TO_CLOSE: ProblemText("Nothing to close", "The account has no open position that is meant."),
    Refusal.TOO_MANY_ORDERS: ProblemText(
        "Too many orders", "The account has as many orders and positions as its group allows."
    ),
    Refusal.PRICE_OFF_TICK: ProblemText("The price is off the tick", "It is not a multiple of the symbol's tick size."),
    Refusal.POSITION_HEDGED: ProblemText(
        "The position is hedged",
        "A part of it is held at the venue. At a dealer's own price the hedge would stay behind: close it at the market.",
    ),
    Refusal.AMOUNT_NOT_POSITIVE: ProblemText(
        "The amount must be above zero", "Only a correction may be negative, and none may be zero."
    ),
    Refusal.NOT_ENOUGH_MONEY: ProblemText("Not enough money", "The withdrawal is larger than the balance."),
    Refusal.NOT_ENOUGH_FREE_MARGIN: ProblemText(
        "Not enough free margin", "What is not bound does not carry the order, or is less than the withdrawal."
    ),
    Refusal.NOT_ENOUGH_CREDIT: ProblemText("Not enough credit", "The account has less credit than is to be taken back."),
    Refusal.AMOUNT_TOO_LARGE: ProblemText(
        "The amount is too large", "The amount, or the balance after it, would leave the range that is kept."
    ),
    Refusal.EXTERNAL_ID_REUSED: ProblemText(
        "The external id belongs to another operation",
        "The account has an operation of this external id with other content. Nothing was booked now.",
    ),
    Refusal.UNKNOWN_GROUP: ProblemText("No such group", "The platform has no group of this name."),
    Refusal.BAD_SYMBOL: ProblemText(
        "The symbol does not fit together", "A value of the symbol contradicts another; the detail says which."
    ),
    Refusal.BAD_GROUP: ProblemText(
        "The group does not fit together", "A value of the group contradicts another; the detail says which."
    ),
    Refusal.SYMBOL_IN_USE: ProblemText(
        "The symbol is in use", "What was to be changed decides the worth of positions or orders that are open."
    ),
    Refusal.GROUP_IN_USE: ProblemText("The group is in use", "What was to be changed is fixed while the group has accounts."),
    Refusal.LEVERAGE_OUT_OF_RANGE: ProblemText("No such leverage", "The leverage is below 1 or above the group's."),
    Refusal.VENUE_REJECTED: ProblemText("The venue said no", "The order was passed on and the venue did not execute it.", True),
    Refusal.UNKNOWN_HEDGE_ORDER: ProblemText("No such hedge order", "The platform has sent no such order to the venue."),
    Refusal.HEDGE_ORDER_DONE: ProblemText("The hedge order is done", "No more fills can be booked on it."),
    Refusal.OVERFILLED: ProblemText("More than was ordered", "The fill is larger than what the hedge order still awaits."),
    Refusal.UNKNOWN_BREAK: ProblemText("No such break", "Our hedge book and the venue's agree in this symbol."),
    **COPY_PROBLEMS,
    Refusal.STORAGE_FULL: ProblemText("The journal is full", "There is no room to record the command. Nothing was done.", True),
    Refusal.STOPPING: ProblemText("The server is stopping", "The command was not taken. Nothing was done.", True),
    Refusal.OVERLOADED: ProblemText("The server is overloaded", "Too many commands wait. This one was not taken.", True),
    Refusal.NOT_READY: ProblemText("The server is not ready", "The platform is still starting. Nothing was done.", True),
    Refusal.OUTCOME_UNKNOWN: ProblemText(
        "The outcome is not known",
        "The command was on its way to the journal when the server stopped. Repeat it with the same Idempotency-Key: "
        "it is answered as it was, or done now, and never twice.",
        True,
    ),
}
assert PROBLEMS.keys() == set(Refusal), f"no text for {set(Refusal) - PROBLEMS.keys()}"
