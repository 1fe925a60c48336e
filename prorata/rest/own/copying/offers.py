"""Offers: the terms on which others invest in a strategy."""

from typing import Annotated

from litestar import Controller, get, post, put
from litestar.params import JSONBody, PathParameter, QueryParameter

from prorata.copying.state import Offer
from prorata.messages.copy_commands import EndOffer, SetPublicOffer
from prorata.messages.copy_terms import OfferStatus
from prorata.rest.own.copying import commands as copy_commands
from prorata.rest.own.copying.bodies import NewOffer, OfferEnd, PublicOffer
from prorata.rest.own.copying.reach import (
    COPY_DEALING,
    COPY_READING,
    OfferPath,
    StrategyPath,
    copy_of,
    linked_offer_of,
    offer_of,
    strategy_of,
)
from prorata.rest.own.copying.views import OfferView, offer_view
from prorata.rest.own.ordered import part_of
from prorata.rest.own.paging import Cursor, Limit
from prorata.rest.own.session import Call, Session
from prorata.rest.own.views import Page
from prorata.units.numbers import LOGIN_MAX
from prorata.views.copying.outcomes import CopyOutcome, copy_outcome_of
from prorata.views.copying.strategies import OfferFigures, offer_figures
from prorata.views.names import OfferStatusName, OfferTypeName, name_of


def _view(session: Session, offer: Offer) -> OfferView:
    copy = copy_of(session)
    strategy = copy.state.strategies[offer.strategy]
    return offer_view(strategy, offer, offer_figures(copy, strategy)[offer.number])


class Offers(Controller):
    tags = ("Offers",)

    @get("/offers", summary="List offers", guards=[COPY_READING])
    async def all(
        self,
        session: Call,
        strategy: Annotated[int | None, QueryParameter(ge=1, le=LOGIN_MAX, description="only of this strategy")] = None,
        type: Annotated[OfferTypeName | None, QueryParameter(description="only of this type")] = None,
        status: Annotated[OfferStatusName | None, QueryParameter(description="only with this status")] = None,
        partner_wallet: Annotated[
            int | None, QueryParameter(ge=1, le=LOGIN_MAX, description="only those that pay this wallet a share")
        ] = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[OfferView]:
        copy = copy_of(session)
        found = [
            (offer.number, offer.number, offer)
            for offer in copy.state.offers.values()
            if strategy in (None, offer.strategy)
            and type in (None, name_of(offer.type))
            and status in (None, name_of(offer.status))
            and partner_wallet in (None, offer.partner_wallet)
        ]
        offers, following = part_of(found, cursor, limit, descending=False)
        figures: dict[int, OfferFigures] = {}
        for number in {offer.strategy: None for offer in offers}:
            figures.update(offer_figures(copy, copy.state.strategies[number]))
        views = (offer_view(copy.state.strategies[offer.strategy], offer, figures[offer.number]) for offer in offers)
        return Page(tuple(views), following)

    @get("/offers/{offer:int}", summary="Show an offer", guards=[COPY_READING])
    async def one(self, session: Call, offer: OfferPath) -> OfferView:
        return _view(session, offer_of(session, offer))

    @get("/offer-links/{link:str}", summary="Show the offer behind a private link", guards=[COPY_READING])
    async def linked(
        self, session: Call, link: Annotated[str, PathParameter(min_length=1, max_length=64, description="the private code")]
    ) -> OfferView:
        """Only offers that still take investments are found by their link."""
        return _view(session, linked_offer_of(session, link))

    @get("/strategies/{strategy:int}/offers", summary="List a strategy's offers", guards=[COPY_READING])
    async def of_strategy(self, session: Call, strategy: StrategyPath) -> list[OfferView]:
        copy, found = copy_of(session), strategy_of(session, strategy)
        figures = offer_figures(copy, found)
        return [offer_view(found, copy.state.offers[number], figures[number]) for number in found.offers]

    @post("/strategies/{strategy:int}/offers", summary="Add an offer", guards=[COPY_DEALING])
    async def add(self, session: Call, strategy: StrategyPath, data: JSONBody[NewOffer]) -> CopyOutcome:
        command = copy_commands.add_offer(strategy_of(session, strategy), data)
        return copy_outcome_of(session.engine, await session.submit(command))

    @put("/strategies/{strategy:int}/public-offer", summary="Choose the offer that everybody sees", guards=[COPY_DEALING])
    async def show(self, session: Call, strategy: StrategyPath, data: JSONBody[PublicOffer]) -> CopyOutcome:
        answer = await session.submit(SetPublicOffer(strategy, data.offer or 0))
        return copy_outcome_of(session.engine, answer)

    @post("/offers/{offer:int}/end", summary="End an offer", guards=[COPY_DEALING], status_code=200)
    async def end(self, session: Call, offer: OfferPath, data: JSONBody[OfferEnd]) -> CopyOutcome:
        status = OfferStatus.CLOSED if data.close_investments else OfferStatus.ENDED
        return copy_outcome_of(session.engine, await session.submit(EndOffer(offer, status)))
