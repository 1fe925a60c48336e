"""What each hedge order in flight needs next is decided without guessing (decision D10)."""

from prorata.messages.commands import HedgeEnded, HedgeFilled, Side
from prorata.messages.events import HedgeClosed, HedgeRequested, Refused
from prorata.messages.refusals import Refusal
from prorata.units.numbers import PRICE_MAX, VOLUME_MAX
from prorata.venues.blotter import NEVER_ARRIVED, NOT_SENT, Ask, Blotter, Request, Send, flaw_of, key_of


def blotter_with(*numbers: int, fresh: bool = True) -> Blotter:
    blotter = Blotter(age_max_ms=1000, ask_after_ms=300)
    for number in numbers:
        blotter.enter(request(number), 0, fresh=fresh)
    return blotter


def request(number: int) -> Request:
    return Request(HedgeRequested(number, 1001, "EURUSD", Side.BUY, 100), 0)


def fill(order: int, execution: str = "X1", volume: int = 100, *, last: bool = True) -> HedgeFilled:
    return HedgeFilled(order, execution, volume, 110_000, last)


def test_fresh_orders_are_sent_once_in_the_order_of_request() -> None:
    blotter = blotter_with(3, 1, 2)
    blotter.enter(request(1), 0, fresh=True)
    assert [blotter.next_job(0) for _ in range(4)] == [
        Send(request(3).order), Send(request(1).order), Send(request(2).order), None,
    ]  # fmt: skip


def test_an_order_from_before_a_restart_is_asked_for_first_and_sent_if_it_never_arrived() -> None:
    blotter = blotter_with(1, fresh=False)
    assert blotter.next_job(0) == Ask(1)
    assert blotter.found(1, None, 1000) == []
    assert blotter.next_job(1000) == Send(request(1).order)


def test_an_order_that_never_arrived_and_is_too_old_is_ended() -> None:
    blotter = blotter_with(1, fresh=False)
    assert blotter.next_job(0) == Ask(1)
    assert blotter.found(1, None, 1001) == [HedgeEnded(1, NEVER_ARRIVED)]
    assert blotter.next_job(1001) is None


def test_an_old_order_that_did_arrive_is_waited_for() -> None:
    blotter = blotter_with(1, fresh=False)
    assert blotter.next_job(5000) == Ask(1)
    assert blotter.found(1, [], 5000) == []
    assert blotter.next_job(5000) is None
    assert blotter.watch(5001) == []
    assert len(blotter) == 1


def test_a_failed_send_is_asked_for_before_anything_else() -> None:
    blotter = blotter_with(1, 2)
    assert blotter.next_job(0) == Send(request(1).order)
    blotter.failed(1)
    assert blotter.next_job(0) == Ask(1)
    blotter.failed(1)
    assert blotter.next_job(0) == Ask(1)
    assert blotter.found(1, [fill(1)], 0) == [fill(1)]
    assert blotter.next_job(0) == Send(request(2).order)


def test_a_fresh_order_that_grows_too_old_is_ended_once_and_never_sent() -> None:
    blotter = blotter_with(1)
    assert blotter.watch(1000) == []
    assert blotter.watch(1001) == [HedgeEnded(1, NOT_SENT)]
    assert blotter.watch(1002) == []
    assert blotter.next_job(1002) is None
    assert blotter_with(1).next_job(1001) == HedgeEnded(1, NOT_SENT)


def test_a_broken_connection_asks_for_what_was_sent_only() -> None:
    blotter = blotter_with(1, 2)
    blotter.next_job(0)
    blotter.lost()
    assert [blotter.next_job(0) for _ in range(3)] == [Send(request(2).order), Ask(1), None]


def test_a_silent_order_is_asked_for_again_and_again() -> None:
    blotter = blotter_with(1)
    blotter.next_job(0)
    blotter.sent(1, 100)
    blotter.watch(399)
    assert blotter.next_job(399) is None
    blotter.watch(400)
    assert blotter.next_job(400) == Ask(1)
    blotter.found(1, [], 400)
    blotter.watch(699)
    assert blotter.next_job(699) is None
    blotter.watch(700)
    assert blotter.next_job(700) == Ask(1)


def test_an_answer_word_for_word_repeated_is_no_news_but_an_altered_one_is() -> None:
    blotter = blotter_with(1)
    first = fill(1, volume=40, last=False)
    assert blotter.is_news(first)
    assert blotter.settle(first, []) is None
    assert not blotter.is_news(fill(1, volume=40, last=False))
    assert blotter.is_news(fill(1, volume=41, last=False))
    assert blotter.is_news(fill(2))


def test_a_last_fill_that_overtakes_a_lost_one_waits_until_the_order_was_asked_for() -> None:
    blotter = blotter_with(1)
    blotter.next_job(0)
    blotter.lost()
    lost, last = fill(1, "A", 40, last=False), fill(1, "B", 60)
    assert not blotter.hear(last, 0)
    assert not blotter.hear(last, 0)
    assert blotter.next_job(0) == Ask(1)
    assert blotter.found(1, [lost], 0) == [lost, last]
    assert blotter.hear(last, 0)


def test_a_venue_that_has_answered_an_order_is_not_believed_that_it_never_arrived() -> None:
    blotter = blotter_with(1)
    blotter.next_job(0)
    blotter.lost()
    assert not blotter.hear(fill(1), 0)
    assert blotter.next_job(0) == Ask(1)
    assert blotter.found(1, None, 0) == [fill(1)]
    assert blotter.next_job(0) is None


def test_an_order_is_over_by_a_last_answer_or_by_the_engines_word() -> None:
    blotter = blotter_with(1, 2, 3, 4, 5)
    blotter.settle(fill(1), [])
    blotter.settle(HedgeEnded(2, "rejected"), [])
    blotter.settle(fill(3, last=False), [HedgeClosed(3, 100, "done")])
    blotter.settle(fill(4, last=False), [Refused(Refusal.HEDGE_ORDER_DONE)])
    assert len(blotter) == 1
    blotter.settle(HedgeEnded(5, "rejected"), [Refused(Refusal.KEY_REUSED)])
    assert len(blotter) == 0


def test_a_refused_last_fill_ends_the_order_and_a_refused_middle_one_does_not() -> None:
    blotter = blotter_with(1)
    assert blotter.settle(fill(1, volume=101, last=False), [Refused(Refusal.OVERFILLED)]) is None
    end = blotter.settle(fill(1, volume=101), [Refused(Refusal.OVERFILLED)])
    assert end == HedgeEnded(1, "last fill refused: OVERFILLED")
    assert blotter.next_job(0) is None
    assert blotter.settle(end, [HedgeClosed(1, 0, end.reason)]) is None
    assert len(blotter) == 0


def test_keys_name_the_order_and_the_execution() -> None:
    assert key_of(fill(17, "EX-5")) == "venue/17/EX-5"
    assert key_of(HedgeEnded(17, "rejected")) == "venue/17"


def test_answers_unfit_for_the_journal_are_named_by_their_flaw() -> None:
    good = fill(1)
    assert flaw_of(good) is None
    assert flaw_of(HedgeFilled(0, "X", 1, 1, True)) == "order number"
    assert flaw_of(HedgeFilled(1, "", 1, 1, True)) == "execution id"
    assert flaw_of(HedgeFilled(1, "X" * 129, 1, 1, True)) == "execution id"
    assert flaw_of(HedgeFilled(1, "X", 0, 1, True)) == "volume"
    assert flaw_of(HedgeFilled(1, "X", VOLUME_MAX + 1, 1, True)) == "volume"
    assert flaw_of(HedgeFilled(1, "X", 1, -1, True)) == "price"
    assert flaw_of(HedgeFilled(1, "X", 1, PRICE_MAX + 1, True)) == "price"
    assert flaw_of(HedgeEnded(1, "x" * 257)) == "reason too long"
    assert flaw_of(HedgeEnded(1, "rejected")) is None


def test_a_break_while_an_order_is_asked_for_asks_once_more_and_sends_nothing() -> None:
    blotter = blotter_with(1, fresh=False)
    assert blotter.next_job(0) == Ask(1)
    blotter.lost()
    first = fill(1, "A", 40, last=False)
    assert blotter.found(1, [first], 0) == [first]
    assert not blotter.hear(fill(1, "C", 30), 0)
    assert blotter.next_job(0) == Ask(1)
    assert blotter.found(1, [first, fill(1, "B", 30, last=False)], 0) == [
        first, fill(1, "B", 30, last=False), fill(1, "C", 30),
    ]  # fmt: skip
    assert blotter.next_job(0) is None
