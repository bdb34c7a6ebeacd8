from outreach.models.approaches import Approach, ApproachEvent, ApproachNeed, FollowUp
from outreach.models.introductions import Introduction
from outreach.models.messages import Channel, Message, MessageTemplate, Purpose

__all__ = [
    "Approach",
    "ApproachEvent",
    "ApproachNeed",
    "Channel",
    "FollowUp",
    "Introduction",
    "Message",
    "MessageTemplate",
    "Purpose",
]
