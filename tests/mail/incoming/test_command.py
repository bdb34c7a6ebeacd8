from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.mail.incoming.mails import ALICE, ANSWER, BOB, CHARLIE, DROP, LETTER, OURS, mail

KEYS = ["kind", "from", "for_message_id", "return_date", "new_text", "stops_follow_up", "moves_follow_up_to"]
TOLD = ["--user", ALICE, "--person", f"Bob Lee <{BOB}>", "--letter", LETTER, "--drop", DROP, "--server", OURS]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.eml"


def read(file: Path, *told: str) -> dict[str, object]:
    out = StringIO()
    call_command("mail", "read", str(file), *told, stdout=out)
    found: dict[str, object] = json.loads(out.getvalue())
    return found


def test_it_prints_every_key_by_what_it_is_told(file: Path) -> None:
    file.write_bytes(mail("Auto-Submitted: auto-replied", ANSWER, body="Zoë is away until 24 November."))
    found = read(file, *TOLD)
    assert list(found) == KEYS
    assert found == {
        "kind": "automatic",
        "from": BOB,
        "for_message_id": LETTER,
        "return_date": "2026-11-24",
        "new_text": "Zoë is away until 24 November.",
        "stops_follow_up": False,
        "moves_follow_up_to": "2026-11-24",
    }


def test_several_people_letters_and_addresses_may_be_known(file: Path) -> None:
    file.write_bytes(mail("In-Reply-To: <b@c>", f"Authentication-Results: {OURS}; dmarc=fail", sender=CHARLIE))
    assert read(file, *TOLD)["kind"] == "unrelated"
    assert read(file, *TOLD, "--letter", "<B@c>")["kind"] == "reply"
    assert read(file, *TOLD, "--person", CHARLIE)["kind"] == "suspicious"
    assert read(file, *TOLD, "--user", CHARLIE)["kind"] == "suspicious"
    assert read(file, "--person", CHARLIE)["kind"] == "reply"  # that server is not known then


def test_the_envelope_may_be_told(file: Path) -> None:
    body = f"To: {BOB}\nSubject: x\n\n550 no such user"
    file.write_bytes(mail(sender="noreply@example.org", body=body))
    assert read(file, *TOLD)["kind"] == "unrelated"
    assert read(file, *TOLD, "--envelope-from", "<>", "--envelope-to", ALICE)["kind"] == "bounce"


def test_without_being_told_it_knows_an_invented_letter(file: Path) -> None:
    file.write_bytes(mail("In-Reply-To: <mf.1234@mail.example.org>", sender=CHARLIE))
    assert read(file)["for_message_id"] == "<mf.1234@mail.example.org>"
    file.write_bytes(mail(sender="Julie Hart <Julie.Hart@example.org>"))
    assert read(file)["kind"] == "reply"


def test_help_says_what_is_known_without_being_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("mail", "read", "--help")
    shown = "".join(capsys.readouterr().out.split())
    for known in ("<mf.1234@mail.example.org>", "JulieHart<julie.hart@example.org>", "mx.drop.example.org"):
        assert known in shown


def test_what_cannot_be_read_is_one_line(file: Path, tmp_path: Path) -> None:
    file.write_bytes(b"a" * (25 * 1024 * 1024 + 1))
    for path, message in [
        (tmp_path / "none.eml", "No such file or directory."),
        (tmp_path, "Is a directory."),
        (file, "This mail is larger than 25 MB."),
    ]:
        with pytest.raises(CommandError) as caught:
            read(path)
        assert str(caught.value).endswith(message)
        assert "\n" not in str(caught.value)
    with pytest.raises(CommandError, match="null byte"):
        call_command("mail", "read", "a\0b")
