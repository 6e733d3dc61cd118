"""The source's own data model as a documented projection of ours (SE-13): its names, its words, our facts."""

from datetime import datetime

from pydantic import Field

from api.routes.v1.shapes import EventShape, Shape
from tickets.words import TicketStatus

ASSIGNED = "assigned"
"""The source's webhook sample has this status and its lifecycle has not: to us it is `to_assign` with a person."""


def status_word(status: TicketStatus, assignee: str | None) -> str:
    """Return a status as the source says it.

    Example:
        >>> status_word(TicketStatus.TO_ASSIGN, "wang"), status_word(TicketStatus.TO_ASSIGN, None)
        ('assigned', 'to_assign')
    """
    return ASSIGNED if status is TicketStatus.TO_ASSIGN and assignee else str(status)


class SourceTicket(Shape):
    """`Ticket` of the source."""

    ticket_id: str = Field(alias="ticketId")
    number: int = Field(description="Ours: what people call it, T-1001.")
    channel: str
    created_at: datetime = Field(alias="createdAt")
    customer_id: str = Field(alias="customerId", description="The filing system's id, else ours.")
    order_id: str | None = Field(alias="orderId")
    sku: str | None
    category1: str | None = Field(description="Name of the type, in Chinese.")
    category2: str | None
    category3: str | None
    priority: str
    status: str = Field(description="Our status; `to_assign` with a person is `assigned`.")
    sla_policy_id: str = Field(alias="slaPolicyId", description="The priority whose targets count.")
    assignee_id: str | None = Field(alias="assigneeId")
    group_id: str | None = Field(alias="groupId")
    region: str | None
    warranty: str | None = Field(description="As the order book has it: `in`, `out`, or null.")
    entitlement: str | None
    source: str | None
    tags: list[str]


class FiledTicket(SourceTicket):
    """The answer to a filing: the source's ticket, and where it is."""

    created: bool = Field(description="False: this reference was filed before; nothing was done.")
    url: str
    attachments: list[str] = Field(description="The links that were kept; files are under `/attachments`.")


class SourceDetails(Shape):
    """`Details` of the source; null without the right to read personal data."""

    description: str | None
    attachments: list[str]
    evidence: list[str] = Field(description="Facts with what the records say of them.")
    diagnosis: str | None = Field(description="The newest summary's problem.")
    root_cause: str | None = Field(alias="rootCause", description="The newest note of that kind.")
    resolution: str | None = Field(description="The newest final fix.")
    parts: list[str] = Field(description="Named in the newest summary.")


class SourceLogistics(Shape):
    """`Logistics` of the source: filled once after-sales orders exist; the names are kept free for them."""

    rma_id: str | None = Field(default=None, alias="rmaId")
    pickup_no: str | None = Field(default=None, alias="pickupNo")
    warehouse_id: str | None = Field(default=None, alias="warehouseId")
    inbound_at: datetime | None = Field(default=None, alias="inboundAt")
    inspection_result: str | None = Field(default=None, alias="inspectionResult")
    outbound_no: str | None = Field(default=None, alias="outboundNo")


class SourceFinance(Shape):
    """`Finance` of the source: as `Logistics`."""

    refund_amount: str | None = Field(default=None, alias="refundAmount")
    refund_method: str | None = Field(default=None, alias="refundMethod")
    coupon_adjust: str | None = Field(default=None, alias="couponAdjust")
    settlement_status: str | None = Field(default=None, alias="settlementStatus")


class SourceAudit(Shape):
    """`Audit` of the source."""

    created_by: str = Field(alias="createdBy")
    updated_by: str = Field(alias="updatedBy")
    history: list[EventShape]
    consent: str | None = Field(default=None, description="Null: kept with the customer, not with the ticket.")
    pii_masking: bool = Field(alias="piiMasking", description="Whether this answer leaves personal data out.")
    retention_policy: str | None = Field(default=None, alias="retentionPolicy")


class SourceRecord(Shape):
    """The five groups of the source's data model."""

    ticket: SourceTicket
    details: SourceDetails | None
    logistics: SourceLogistics
    finance: SourceFinance
    audit: SourceAudit
