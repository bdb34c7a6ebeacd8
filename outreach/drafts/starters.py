"""Starter templates. They can be sent as they are once their fields are filled in.

They are code, so that improvements reach every user; a user who wants another text makes a copy
(``MessageTemplate``).
"""

from __future__ import annotations

from dataclasses import dataclass

from outreach.models import Channel, Purpose


@dataclass(frozen=True)
class Starter:
    key: str
    purpose: Purpose
    channel: Channel
    name: str
    subject: str
    body: str
    for_introduction: bool = False  # only for a person who is asked for an introduction


STARTERS: tuple[Starter, ...] = (
    Starter(
        key="first-email",
        purpose=Purpose.FIRST_APPROACH,
        channel=Channel.EMAIL,
        name="A first e-mail: fifteen minutes",
        subject="15 minutes of your time: {topic}",
        body="""Dear {their_first_name},

{about_me} {what_i_noticed}

I am trying to understand {topic}, and I am writing to you because {why_them}. May I ask you for 15 minutes, by phone or \
online? I would like to hear how you came to your role and what you would look at first in my place.

I have read up on your work, so I will keep to two questions and to the time. Any slot that suits you suits me, and if this \
is a bad moment, please just say so.

Thank you for reading,
{my_name}""",
    ),
    Starter(
        key="first-linkedin-note",
        purpose=Purpose.FIRST_APPROACH,
        channel=Channel.LINKEDIN_NOTE,
        name="A LinkedIn connection note",
        subject="",
        body="Dear {their_first_name}, I follow your work on {topic} and would like to stay in touch. "
        "Perhaps 15 minutes some day? Thank you, {my_first_name}",
    ),
    Starter(
        key="first-linkedin-message",
        purpose=Purpose.FIRST_APPROACH,
        channel=Channel.LINKEDIN_MESSAGE,
        name="A LinkedIn message to a connection",
        subject="",
        body="""Dear {their_first_name},

{what_i_noticed} I am trying to understand {topic}, and I am asking you because {why_them}.

Might I ask you for 15 minutes, by phone or online, at any time that suits you? I would keep to two questions. If this is a bad \
moment, please just say so.

Thank you,
{my_first_name}""",
    ),
    Starter(
        key="first-inmail",
        purpose=Purpose.FIRST_APPROACH,
        channel=Channel.INMAIL,
        name="A LinkedIn InMail",
        subject="15 minutes of your time: {topic}",
        body="""Dear {their_first_name},

We haven’t met. {about_me} {what_i_noticed}

I am trying to understand {topic}, and I am writing to you because {why_them}. May I ask you for 15 minutes, by phone or \
online? I would like to hear how you came to your role and what you would look at first in my place.

Any time that suits you suits me, and if this is a bad moment, please just say so.

Thank you for reading,
{my_name}""",
    ),
    Starter(
        key="first-phone",
        purpose=Purpose.FIRST_APPROACH,
        channel=Channel.PHONE,
        name="A first call: what to say",
        subject="",
        body="""Good morning {their_first_name}, this is {my_name}. Is this a good moment, or shall I ring another day?

{about_me} {what_i_noticed} I am trying to understand {topic}, and I am asking you because {why_them}.

Might I have 15 minutes of your time, now or on a day that suits you? I would keep to two questions. If not, I quite understand.

Thank you. I will send you a line with what we agreed.""",
    ),
    Starter(
        key="first-in-person",
        purpose=Purpose.FIRST_APPROACH,
        channel=Channel.IN_PERSON,
        name="A first word in person",
        subject="",
        body="""Hello {their_first_name}, I am {my_name}. {about_me}

{what_i_noticed} I am trying to understand {topic}, and I would like to ask you because {why_them}.

Might I ring you for 15 minutes, some day that suits you? If not, that is quite all right.

Thank you. I will write to you for a date.""",
    ),
    Starter(
        key="introduction-email",
        purpose=Purpose.INTRODUCTION,
        channel=Channel.EMAIL,
        name="Ask for an introduction",
        subject="Could you introduce me to {who_to_meet}?",
        body="""Dear {their_first_name},

I would like to learn about {topic}, and I believe you know {who_to_meet}. Would you be willing to introduce us? I would ask for \
15 minutes, nothing more. If it doesn’t feel right, a no is quite all right.

Here is a paragraph you could simply pass on:

“{my_name} would like to understand {topic} and asks whether you might spare 15 minutes for a call, whenever it suits you. \
{about_me}”

Thank you, and I will let you know how it went,
{my_first_name}""",
    ),
    Starter(
        key="introduction-follow-up",
        purpose=Purpose.FOLLOW_UP,
        channel=Channel.EMAIL,
        name="A gentle reminder about the introduction",
        subject="Re: Could you introduce me to {who_to_meet}?",
        body="""Dear {their_first_name},

I wrote a little while ago to ask whether you might introduce me to {who_to_meet}. Weeks fill up quickly, so here is my note \
once more. The paragraph below it can be passed on as it is.

If you would rather not, one word is enough, and I quite understand.

Thank you,
{my_first_name}""",
        for_introduction=True,
    ),
    Starter(
        key="introduction-thanks",
        purpose=Purpose.THANK_YOU,
        channel=Channel.EMAIL,
        name="Thank you for the introduction",
        subject="Thank you for introducing me to {who_to_meet}",
        body="""Dear {their_first_name},

Thank you for bringing {who_to_meet} and me together. I know that an introduction lends somebody your good name, and I will \
take care of it.

I will let you know how it goes. If I can do the same for you one day, please ask.

With thanks,
{my_first_name}""",
        for_introduction=True,
    ),
    Starter(
        key="introduction-decline",
        purpose=Purpose.GRACEFUL_DECLINE,
        channel=Channel.EMAIL,
        name="Answer to a no about an introduction",
        subject="Thank you for your answer",
        body="""Dear {their_first_name},

Thank you for answering so openly about {who_to_meet}. I quite understand, and it changes nothing between us.

If somebody else comes to mind whom I might ask about this, I would be grateful for a name.

With good wishes,
{my_first_name}""",
        for_introduction=True,
    ),
    Starter(
        key="follow-up-email",
        purpose=Purpose.FOLLOW_UP,
        channel=Channel.EMAIL,
        name="A gentle follow-up",
        subject="Re: 15 minutes of your time: {topic}",
        body="""Dear {their_first_name},

I wrote a little while ago to ask for 15 minutes about {topic}. Weeks fill up quickly, so here is my note once more at the top \
of your inbox.

A short call at any time that suits you would help me a great deal. And if now is not the time, a single line is fine and I \
will not ask again.

Thank you,
{my_name}""",
    ),
    Starter(
        key="follow-up-linkedin",
        purpose=Purpose.FOLLOW_UP,
        channel=Channel.LINKEDIN_MESSAGE,
        name="A gentle follow-up on LinkedIn",
        subject="",
        body="""Dear {their_first_name},

I wrote a little while ago about {topic}. Weeks fill up quickly, so here is my question once more: might you spare 15 minutes \
for a call, at any time that suits you?

If now is not the time, a single line is fine and I will not ask again.

Thank you,
{my_first_name}""",
    ),
    Starter(
        key="thank-you-email",
        purpose=Purpose.THANK_YOU,
        channel=Channel.EMAIL,
        name="Thank you for the conversation",
        subject="Thank you for your time",
        body="""Dear {their_first_name},

Thank you for talking with me {when_we_spoke}. {what_helped}

I will try it out in the coming weeks and let you know what came of it. If there is ever something I can do for you in return, \
please tell me.

With thanks,
{my_name}""",
    ),
    Starter(
        key="thank-you-linkedin",
        purpose=Purpose.THANK_YOU,
        channel=Channel.LINKEDIN_MESSAGE,
        name="A thank-you on LinkedIn",
        subject="",
        body="""Dear {their_first_name},

Thank you for talking with me {when_we_spoke}. {what_helped}

I will let you know what came of it. If I can do something for you in return, please tell me.

With thanks,
{my_first_name}""",
    ),
    Starter(
        key="conversation-email",
        purpose=Purpose.FOLLOW_UP_CONVERSATION,
        channel=Channel.EMAIL,
        name="Ask for a second conversation",
        subject="A second conversation: 30 minutes about {topic}?",
        body="""Dear {their_first_name},

I have been thinking about our conversation {when_we_spoke}. {what_helped}

I have a question or two more about {topic}. Would you have 30 minutes in the next few weeks? I will send you an agenda \
beforehand so that the time is well used. If your diary is full, I understand.

Thank you,
{my_name}""",
    ),
    Starter(
        key="request-email",
        purpose=Purpose.MENTORING_REQUEST,
        channel=Channel.EMAIL,
        name="Ask for mentoring",
        subject="Would you consider mentoring me?",
        body="""Dear {their_first_name},

Our conversations have helped me more than I expected. {what_helped}

Would you consider being my mentor? My long-term direction is this: {my_direction}. What I would like to work on first: {need}. \
I am thinking of an hour every six weeks or so, for half a year to begin with. I would bring the agenda and do the legwork, and \
what we say would stay between us.

Please feel free to say no, or to suggest another way. Either way, thank you for what you have already given,
{my_name}""",
    ),
    Starter(
        key="decline-email",
        purpose=Purpose.GRACEFUL_DECLINE,
        channel=Channel.EMAIL,
        name="Answer to a no",
        subject="Thank you for your answer",
        body="""Dear {their_first_name},

Thank you for answering so openly. I quite understand.

If somebody comes to mind whom I might ask about {topic} instead, I would be grateful for a name. And if I can be useful to you \
one day, please write.

With good wishes,
{my_name}""",
    ),
    Starter(
        key="closing-email",
        purpose=Purpose.CLOSING_THANKS,
        channel=Channel.EMAIL,
        name="Closing thanks",
        subject="Thank you for everything",
        body="""Dear {their_first_name},

This feels like a good moment to look back and say thank you. {what_helped}

I would like to stay in touch, and I will tell you how things go. I hope that I can do for somebody else what you have done \
for me.

With warm thanks,
{my_name}""",
    ),
)


def starter(key: str) -> Starter | None:
    return next((s for s in STARTERS if s.key == key), None)


def starters_for(purpose: str, *, introduction: bool = False) -> list[Starter]:
    """The starters for this purpose; for an introduction only those written for one, if there are any."""
    fitting = [s for s in STARTERS if s.purpose == purpose]
    special = [s for s in fitting if s.for_introduction]
    return special if introduction and special else [s for s in fitting if not s.for_introduction]
