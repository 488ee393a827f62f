"""The one verb that makes a purchase order of a proposal, once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.inventory.rules import check_quantity
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict
from domain.kernel.transactions import one_transaction
from domain.procurement.models import SupplierItem
from domain.procurement.orders import create_purchase_order
from domain.replenishment import rules
from domain.replenishment.models import ReplenishmentProposal
from domain.replenishment.rules import ProposalState


class NobodyOffersIt(Conflict):
    """There is no supplier to order from."""

    def __init__(self) -> None:
        super().__init__("No supplier offers this product; write down who does, and compute the proposals again.", "id")


async def order_proposal(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> ReplenishmentProposal:
    """This will write a purchase order, a draft, for what is proposed, or for another `quantity`; once.

    Raises Unauthenticated, Invalid, NotFound, Stale, ProposalSettled, NobodyOffersIt.
    """
    by.must(Permission.REPLENISHMENT_WRITE)
    values = check_fields(given, {"quantity": check_quantity}, required=("quantity",))
    async with one_transaction():
        proposal = await ReplenishmentProposal.locked(key, expected_version=expected_version, by=by)
        state = rules.check_next(proposal.state, ProposalState.ORDERED)
        item = await SupplierItem.get_or_none(id=proposal.supplier_item_id)
        if item is None:
            raise NobodyOffersIt
        about = {"supplier_id": item.supplier_id, "location_id": proposal.location_id, "currency": item.currency}
        line = {"product_id": proposal.product_id, "quantity": values.get("quantity", proposal.quantity)}
        order = await create_purchase_order(about, [line], by=by, at=at)
        settled = {"state": state, "decided_at": at, "purchase_order_id": order.id}
        await apply_changes(proposal, settled, "replenishment.proposal.ordered", by=by, at=at)
    return proposal
