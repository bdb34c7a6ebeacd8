"""``judge`` detects each kind of fault."""

from __future__ import annotations

import pytest

from chaos.check import BOUND, Killed, Taken, Verdict, judge
from chaos.load import Wish

KILLED = Killed({"worker": 1, "redis": 5}, threads=2, last=100.0)


def mail(to: str = "a@x", message_id: str = "<1>", **more: object) -> Taken:
    values = {"at": 50.0, "bytes": "b", "answered": True, "things": ("1-0", "1-1"), **more}
    return Taken(to=to, message_id=message_id, **values)  # type: ignore[arg-type]


def verdict(*taken: Taken, state: str = "sent", gone: str = "failed") -> Verdict:
    wishes = {"a@x": Wish(40.0, frozenset({"1-0", "1-1"})), "gone@x": Wish(40.0, frozenset({"2-0"}))}
    states = {"<1>": ("sent", "a@x"), "<m>": (state, "m@y"), "<g>": (gone, "gone@x")}
    return judge(taken, wishes, {"<m>": 40.0}, states, KILLED)


MENTOR = mail("m@y", "<m>", things=())


def test_what_holds_has_no_fault() -> None:
    found = verdict(mail(), MENTOR)
    assert found.faults == []
    assert (found.wished, found.mails_taken, found.latest, found.refused_and_shown) == (3, 2, -50.0, 1)


@pytest.mark.parametrize(
    ("taken", "fault"),
    [
        ([MENTOR], "lost"),
        ([mail(things=("1-0",)), MENTOR], "lost"),
        ([mail(), mail(), mail(), mail(), MENTOR], "duplicates"),
        ([mail(), mail(message_id="<2>"), MENTOR], "written_twice"),
        ([mail(), mail(bytes="c"), MENTOR], "other_bytes"),
        ([mail(), MENTOR, MENTOR], "mentor_twice"),
        ([mail()], "mentor_silently_lost"),
        ([mail(at=100.1 + BOUND), MENTOR], "latest"),
    ],
)
def test_each_fault_is_seen(taken: list[Taken], fault: str) -> None:
    assert verdict(*taken).faults == [fault]


def test_a_duplicate_for_each_lost_connection_is_no_fault() -> None:
    assert verdict(mail(), mail(), mail(), MENTOR).faults == []
    assert verdict(mail(answered=False), mail(), mail(), mail(), MENTOR).faults == []


def test_an_uncertain_mail_to_a_mentor_is_not_silently_lost() -> None:
    found = verdict(mail(), state="uncertain")
    assert (found.faults, found.mentor_uncertain) == ([], 1)


@pytest.mark.parametrize(
    ("letters", "uncertain", "faults"), [(100, 20, []), (100, 21, ["mentor_uncertain"]), (9, 5, [])]
)
def test_not_every_letter_to_a_mentor_may_be_uncertain(letters: int, uncertain: int, faults: list[str]) -> None:
    ids = [f"<{number}>" for number in range(letters)]
    states = {name: ("uncertain" if at < uncertain else "sent", "m@y") for at, name in enumerate(ids)}
    taken = [mail("m@y", name, things=()) for name in ids[uncertain:]]
    assert judge(taken, {}, dict.fromkeys(ids, 40.0), states, KILLED).faults == faults


def test_an_address_nobody_has_must_be_shown_as_failed() -> None:
    assert verdict(mail(), MENTOR, gone="queued").faults == ["refused_not_shown"]
