"""Ffion's own message template."""

from __future__ import annotations

from mentoring.demo.account import Demo
from outreach.message_templates import services as message_templates
from outreach.models import Channel, MessageTemplate, Purpose

BODY = """Dear {their_first_name},

Thank you for answering my question about {topic}. {what_helped}

I have passed it on to two colleagues who had the same one. If I can return the favour, please ask.

With thanks,
{my_first_name}"""


def tell(demo: Demo) -> None:
    template = MessageTemplate(
        owner=demo.user,
        purpose=Purpose.THANK_YOU,
        channel=Channel.EMAIL,
        name="Thank you for a quick answer",
        subject="Thank you for your answer about {topic}",
        body=BODY,
    )
    message_templates.keep(template=template)
