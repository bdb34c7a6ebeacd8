"""Runs the commands of docker-compose.yml with its environment, without Docker.

Reads both from the file and replaces only what must differ here (hosts, ports, secrets).
"""

from __future__ import annotations

import contextlib
import html
import http.client
import json
import os
import re
import smtplib
import sys
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import (
    ROOT,
    PostgresCluster,
    Process,
    ReceivedMail,
    RedisServer,
    SmtpServer,
    find_postgres,
    find_redis,
    free_port,
    manage,
    wait_until,
)

PROVIDERS_SECRET = "only-for-the-tests-of-mail-providers"
pytestmark = [pytest.mark.integration, pytest.mark.standalone]
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


def commands() -> dict[str, list[str]]:
    """Each service's command, parsed from a JSON list."""
    found, service = {}, ""
    for line in COMPOSE.partition("\nservices:\n")[2].splitlines():
        if name := re.fullmatch(r"  ([a-z]+):", line):
            service = name[1]
        elif command := re.fullmatch(r"    command: (\[.*\])", line):
            found[service] = json.loads(command[1])
    return found


def compose_environment() -> dict[str, str]:
    """The environment that our services share, with the defaults that compose uses without a .env."""
    return _lines(COMPOSE.partition("x-environment: &environment\n")[2].partition("\n\n")[0])


def environment_of(service: str) -> dict[str, str]:
    """What a service has besides. (``beat`` has that of ``worker``.)"""
    body = COMPOSE.partition(f"\n  {service}:\n")[2].partition("\n\n")[0]
    own = re.search(r"(?m)^    environment:(?: &\w+)?\n      <<: \*environment\n((?:      \w+: .*\n)+)", f"{body}\n")
    assert own or "environment: *worker" in body
    return _lines(own[1]) if own else environment_of("worker")


def _lines(block: str) -> dict[str, str]:
    lines = (line.strip().partition(": ") for line in block.splitlines())
    return {name: _without_variables(value) for name, _, value in lines}


def _without_variables(value: str) -> str:
    while (shorter := re.sub(r"\$\{\w+:-([^${}]*)\}", r"\1", value)) != value:
        value = shorter
    return value.strip('"')


def test_compose_names_the_services_of_the_house() -> None:
    assert set(commands()) == {"migrate", "web", "worker", "beat", "receiver", "redis"}
    assert re.findall(r"(?m)^  ([a-z]+):$", COMPOSE.partition("\nservices:\n")[2].partition("\nvolumes:")[0]) == [
        "migrate",
        "web",
        "worker",
        "beat",
        "receiver",
        "postgres",
        "redis",
        "mailpit",
    ]


def test_compose_sets_only_what_the_settings_read() -> None:
    explained = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert [name for name in compose_environment() if name not in explained] == []
    assert compose_environment()["DEBUG"] == "0"


def test_image_starts_what_compose_starts() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    last = re.search(r"(?m)^CMD (\[.*\])$", dockerfile)
    assert last is not None
    assert json.loads(last[1]) == commands()["web"]
    assert re.search(r"(?m)^USER mentorfolio$", dockerfile)


def test_only_migrate_signs_in_as_the_owner_of_the_tables() -> None:
    names = ("migrate", "web", "worker", "beat", "receiver")
    roles = {name: environment_of(name)["DATABASE_URL"].split(":")[1] for name in names}
    owner, web, worker = "//mentorfolio", "//mentorfolio_web", "//mentorfolio_worker"
    assert roles == {"migrate": owner, "web": web, "worker": worker, "beat": worker, "receiver": worker}
    assert "DATABASE_URL" not in compose_environment()


def here(service: str, web_port: int) -> list[str]:
    """The service's command with this Python, and a free port instead of the container's."""
    places = {"0.0.0.0:8000": f"127.0.0.1:{web_port}", "0.0.0.0": "127.0.0.1", "8026": str(web_port)}
    words = [places.get(word, word) for word in commands()[service]]
    assert words[0] == "python"
    if not Path("/dev/shm").is_dir():
        words = [word for word in words if word not in {"--worker-tmp-dir", "/dev/shm"}]
    return [sys.executable, *words[1:]]


@pytest.fixture(scope="module")
def mail_server() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory, mail_server: SmtpServer) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("stack")
    if find_postgres() is None or find_redis() is None:
        pytest.skip("needs postgresql and redis-server")
    with PostgresCluster() as postgres, RedisServer() as redis:
        port = free_port()
        replaced = {
            "SECRET_KEY": "only-for-the-tests-only-for-the-tests-0123",
            "BASE_URL": f"http://localhost:{port}",
            "DATABASE_URL": postgres.create("mentorfolio"),
            "CELERY_BROKER_URL": redis.url,
            "EMAIL_HOST": mail_server.host,
            "EMAIL_PORT": str(mail_server.port),
        }
        shared = compose_environment()
        assert set(replaced) <= {*shared, "DATABASE_URL"}
        # In addition to compose's environment: that of the image, more frequent sweeps, and no .env of this checkout.
        ours = {"VAR_DIR": str(folder / "var"), "PORT": str(port), "SWEEP_SECONDS": "1", "ENV_FILE": os.devnull}
        ours |= {"INCOMING_MAIL_DOMAIN": "in.example.org", "INCOMING_PORT": str(free_port())}
        ours |= {"INCOMING_MAIL_PROVIDER": "postmark", "INCOMING_MAIL_SECRET": PROVIDERS_SECRET}
        machine = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        yield machine | shared | replaced | ours | {"STATIC_ROOT": str(folder / "static"), "PYTHONUNBUFFERED": "1"}


def database_of(service: str, env: dict[str, str]) -> str:
    """The test's database, for the role that the service signs in as."""
    role = re.match(r"postgresql://(\w+):", environment_of(service)["DATABASE_URL"])
    assert role is not None
    return env["DATABASE_URL"].replace("postgres@", f"{role[1]}@", 1)


@pytest.fixture(scope="module")
def stack(env: dict[str, str]) -> Iterator[dict[str, Process]]:
    """Run migrate, then web, two workers and beat, once for this file; its last test ends them."""
    port = int(env["PORT"])
    manage(env, "collectstatic", "--no-input")
    passwords = {name: "secret" for name in environment_of("migrate") if name != "DATABASE_URL"}
    manage(env | passwords, *commands()["migrate"][2:])
    web, worker, beat = (env | {"DATABASE_URL": database_of(name, env)} for name in ("web", "worker", "beat"))
    services = {
        "web": Process(here("web", port), env=web, name="web"),
        "worker": Process([*here("worker", port), "-n", "one@%h"], env=worker, name="worker"),
        "worker2": Process([*here("worker", port), "-n", "two@%h"], env=worker, name="worker2"),
        "beat": Process(here("beat", port), env=beat, name="beat"),
        "receiver": Process(here("receiver", int(env["INCOMING_PORT"])), env=worker, name="receiver"),
    }
    with contextlib.ExitStack() as running:
        for service in services.values():
            running.enter_context(service)
        wait_until(lambda: get(port, "/healthz")[0] == 200, 30, what="the web server")
        yield services


def get(port: int, path: str) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{port}"})
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode(errors="replace")
    except OSError:
        return 0, {}, ""
    finally:
        connection.close()


class Visitor:
    """A browser without JavaScript: keeps cookies, follows redirects, sends the page's CSRF token."""

    def __init__(self, port: int) -> None:
        self.base = f"http://localhost:{port}"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self.page = self.url = ""

    def open(self, path: str, **fields: str | int) -> str:
        """GET, or POST if there are fields; returns the final page."""
        data = None
        if fields:
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page)
            assert token is not None
            data = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode()
        with self.opener.open(self.base + path, data=data, timeout=20) as answer:
            self.url, self.page = answer.url, answer.read().decode()
        return self.page

    @property
    def path(self) -> str:
        return urllib.parse.urlsplit(self.url).path


def test_from_a_name_to_the_reminder_through_the_whole_stack(
    stack: dict[str, Process], env: dict[str, str], mail_server: SmtpServer
) -> None:
    manage(env, "demo")
    ffion = Visitor(int(env["PORT"]))
    ffion.open("/account/login/")
    ffion.open("/account/login/", login="ffion@example.org", password="calder-valley-demo")
    assert ffion.path == "/today/"

    # Shortlist somebody for a need and draft from the first starter: missing fields are listed and block sending.
    need = re.search(r'href="(/needs/\d+/)">be known to social-care commissioners', ffion.open("/portfolio/"))
    assert need is not None
    ffion.open(need[1])
    callum = re.search(r'name="person" value="(\d+)"', ffion.page)
    assert callum is not None
    ffion.open("/approaches/open/", person=callum[1], need=need[1].split("/")[2])
    approach = ffion.path
    ffion.open("/messages/new/", approach=approach.split("/")[2], purpose="first_approach")
    message = ffion.path
    assert "is still empty" in ffion.page
    ffion.open(f"{message}sent/", really="yes")
    assert "marked as sent yet" in ffion.page

    # Fill them in and mark it as sent; a follow-up is planned.
    subject = re.search(r'name="subject" value="([^"]+)"', ffion.page)
    body = re.search(r'<textarea name="body"[^>]*>\s*(.*?)</textarea>', ffion.page, re.DOTALL)
    version = re.search(r'name="version" value="([^"]*)"', ffion.page)
    assert subject is not None
    assert body is not None
    typed = dict.fromkeys(re.findall(r'name="(field_[a-z_]+)"', ffion.page), "something true")
    words = {"subject": html.unescape(subject[1]), "body": html.unescape(body[1]), "channel": "email"}
    ffion.open(message, **words, **typed, **({"version": version[1]} if version else {}))
    assert "is still empty" not in ffion.page
    ffion.open(f"{message}sent/", really="yes")
    assert ffion.path == approach
    assert "We’ll remind you" in ffion.page

    # Make it due: beat and one of the workers send one mail, with working links.
    due = "from django.utils import timezone; from reminders.models import Reminder as R; "
    due += "mine = R.objects.filter(kind='follow_up_due').latest('pk').pk; "  # the demo has another one planned
    due += "print(R.objects.filter(pk=mine, state='planned').update(due_at=timezone.now()))"
    manage(env, "shell", "-v", "0", "-c", due)

    def reminders() -> list[ReceivedMail]:
        return [mail for mail in mail_server.mails if mail.message["Subject"].startswith("Write to Callum")]

    wait_until(reminders, 60, what="the reminder mail")
    manage(env, "shell", "-v", "0", "-c", due)  # nothing is planned any more, so nothing is sent again
    (mail,) = reminders()
    assert mail.recipients == ["ffion@example.org"]
    assert f"{ffion.base}{approach}" in mail.text
    signed = re.search(re.escape(ffion.base) + r"(/r/\S+)", mail.text)
    assert signed is not None
    assert "They replied" in Visitor(int(env["PORT"])).open(signed[1])


def new_private_address(env: dict[str, str]) -> str:
    make = "from accounts.models import User; from mail import drops; "
    make += "print(drops.address(drops.renew(User.objects.get(email='ffion@example.org'))))"
    return manage(env, "shell", "-v", "0", "-c", make).strip()


def mails_that_ask(env: dict[str, str]) -> int:
    states = "from mail.models import IncomingMail; print([mail.state for mail in IncomingMail.objects.all()])"
    return manage(env, "shell", "-v", "0", "-c", states).count("asks")


def test_the_receiver_keeps_mail_and_a_worker_reads_it(stack: dict[str, Process], env: dict[str, str]) -> None:
    """Both with no more rights in the database than the role of workers has."""
    stack["receiver"].wait_for("Takes mail for in.example.org")
    address, before = new_private_address(env), mails_that_ask(env)
    with smtplib.SMTP("127.0.0.1", int(env["INCOMING_PORT"])) as server:
        mail = b"From: ffion@example.org\r\nTo: ffion@example.org\r\nSubject: A note\r\n\r\nLunch with Margaret.\r\n"
        refused = server.sendmail("ffion@example.org", ["nobody@in.example.org", address], mail)
    assert list(refused) == ["nobody@in.example.org"]
    wait_until(lambda: mails_that_ask(env) > before, 60, what="the mail to be read")


def test_a_mail_provider_brings_mail_to_the_web_process(stack: dict[str, Process], env: dict[str, str]) -> None:
    """Which signs in to the database as the role of web requests."""
    address, before = new_private_address(env), mails_that_ask(env)
    mail = "From: ffion@example.org\r\nSubject: Another note\r\n\r\nDinner with Margaret.\r\n"
    body = json.dumps({"OriginalRecipient": address, "Headers": [], "RawEmail": mail})

    def call(secret: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", int(env["PORT"]), timeout=10)
        password = b64encode(f"mail:{secret}".encode()).decode()
        headers = {"Host": f"localhost:{env['PORT']}", "Authorization": f"Basic {password}"}
        with contextlib.closing(connection):
            connection.request("POST", "/incoming-mail/mime", body, {**headers, "Content-Type": "application/json"})
            return connection.getresponse().status

    assert call("another-than-that-of-the-tests") == 403
    assert call(PROVIDERS_SECRET) == 200
    wait_until(lambda: mails_that_ask(env) > before, 60, what="the mail to be read")
    assert call(PROVIDERS_SECRET) == 200  # once more, since our answer was lost
    assert mails_that_ask(env) == before + 1


def test_the_stack_serves_ticks_and_ends_politely(stack: dict[str, Process], env: dict[str, str]) -> None:
    port = int(env["PORT"])
    status, headers, page = get(port, "/account/login/")
    assert status == 200
    assert "default-src 'none'" in headers["content-security-policy"]
    # DEBUG is off: names carry a hash, and whitenoise serves them to be kept for good.
    stylesheets = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert stylesheets
    assert all(re.search(r"\.[0-9a-f]{12}\.css$", name) for name in stylesheets)
    status, headers, _ = get(port, stylesheets[0])
    assert status == 200
    assert "immutable" in headers["cache-control"]
    assert get(port, "/dev/mail/")[0] == 404
    wait_until(lambda: get(port, "/readyz")[0] == 200, 40, what="beat and workers to tick")
    assert all(service.running for service in stack.values())

    probe = re.search(r'test: (\["CMD", "python".*\])', COMPOSE)
    assert probe is not None
    health_check = [sys.executable, *json.loads(probe[1])[2:]]
    with Process(health_check, env=env, name="probe") as asked:
        assert asked.wait(20) == 0

    codes = {name: service.stop(timeout=20) for name, service in stack.items()}
    assert codes == {"web": 0, "worker": 0, "worker2": 0, "beat": 0, "receiver": 0}
    with Process(health_check, env=env, name="probe") as asked:
        assert asked.wait(20) == 1
