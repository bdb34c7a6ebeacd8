"""A real Dovecot for tests: one user's mailbox, by IMAP, with the folders a provider has."""

from __future__ import annotations

import contextlib
import grp
import imaplib
import os
import pwd
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from tests.servers import Process, answers, free_port, wait_until

USER, PASSWORD = "wanda@example.org", "app-password-of-wanda"
# Runs as whoever runs the tests; for root, who may neither sign in nor have mail, as the package's own users.
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 0
first_valid_gid = 0
mail_uid = {uid}
mail_gid = {gid}
mail_home = {folder}/home
mail_location = maildir:{folder}/home/Maildir
mail_fsync = never
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox "Sent Items" {{
    auto = subscribe
    special_use = \\Sent
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def find_dovecot() -> str | None:
    return shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")


class ImapServer:
    """Use as a context manager; ``port`` is where it listens."""

    def __init__(self) -> None:
        found = find_dovecot()
        if found is None:
            raise FileNotFoundError("Dovecot is not installed.")
        self.binary, self.port = found, free_port()
        self.process: Process | None = None

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="mf-imap-"))
        (self.folder / "home").mkdir()
        root = os.geteuid() == 0
        whoami = pwd.getpwnam("dovecot") if root else pwd.getpwuid(os.geteuid())
        self.uid, self.gid = whoami.pw_uid, whoami.pw_gid
        if root:
            self.folder.chmod(0o755)
            os.chown(self.folder / "home", self.uid, self.gid)
        values = {
            "folder": self.folder,
            "user": whoami.pw_name,
            "login": "dovenull" if root else whoami.pw_name,
            "group": grp.getgrgid(whoami.pw_gid).gr_name,
            "uid": whoami.pw_uid,
            "gid": whoami.pw_gid,
            "password": PASSWORD,
            "port": self.port,
        }
        (self.folder / "dovecot.conf").write_text(CONFIG.format(**values))
        self.start()
        return self

    def start(self) -> None:
        self.process = Process([self.binary, "-F", "-c", str(self.folder / "dovecot.conf")], name="dovecot").start()
        wait_until(lambda: answers(self.port), what="Dovecot to accept connections")

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop()
            self.process = None

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        """Another mail program of the user's."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=30)
        client.login(USER, PASSWORD)
        try:
            yield client
        finally:
            client.logout()

    def put(self, content: bytes, folder: str = "INBOX", flags: str = "") -> None:
        """As if it had been delivered, or sent from another mail program."""
        with self.client() as client:
            kind, said = client.append(f'"{folder}"', flags, imaplib.Time2Internaldate(time.time()), content)
            assert kind == "OK", said

    def mails(self, folder: str = "INBOX") -> list[tuple[str, bytes]]:
        """The flags and the bytes of each mail."""
        with self.client() as client:
            client.select(f'"{folder}"', readonly=True)
            rows = client.fetch("1:*", "(FLAGS BODY.PEEK[])")[1]
            return [(row[0].decode(), row[1]) for row in rows if isinstance(row, tuple)]

    def flags(self, folder: str = "INBOX") -> list[str]:
        with self.client() as client:
            client.select(f'"{folder}"', readonly=True)
            return [row.decode() for row in client.fetch("1:*", "(FLAGS)")[1] if isinstance(row, bytes)]

    def fill(self, count: int) -> None:
        """Mails of 4,000 bytes that concern nobody, put into the inbox as a delivery does."""
        new = self.folder / "home" / "Maildir" / "new"
        for number in range(count):
            head = (
                f"From: shop{number}@example.org\r\nSubject: Sale {number}\r\nMessage-ID: <{number}@shop.example>\r\n"
            )
            file = new / f"{int(time.time())}.{number}.test"
            file.write_text(f"{head}\r\n{'x' * 75}\r\n" + f"{'y' * 75}\r\n" * 50, newline="")
            os.chown(file, self.uid, self.gid)

    def bytes_out(self) -> int:
        """How much all sessions so far were sent, as the log says when they end."""
        log = (self.folder / "log").read_text(errors="replace")
        return sum(int(count) for count in re.findall(r" out=(\d+)", log))

    def change_validity(self, folder: str = "INBOX") -> None:
        """Forget which mail had which UID, as after a move to another server: the same mails, with new UIDs."""
        kept = self.mails(folder)
        maildir = self.folder / "home" / "Maildir"
        home = maildir if folder == "INBOX" else maildir / f".{folder}"
        self.stop()
        for file in (*home.glob("dovecot*"), *(home / "cur").iterdir(), *(home / "new").iterdir()):
            if file.is_file():
                file.unlink()
        self.start()
        for _, content in kept:
            self.put(content, folder)
