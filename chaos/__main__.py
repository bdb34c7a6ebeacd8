"""``make chaos``: tests whether reminders survive killed processes and a failing mail server.

``python -m chaos [--seconds 240] [--kills 100] …``. Needs PostgreSQL and Redis, and takes some minutes. Prints the
figures and writes them into ``chaos/results.json``. Exits with 1 if a mail was lost, came too late, or came twice
without an excuse; with 2 if PostgreSQL or Redis is missing.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import django

RESULTS = Path(__file__).parent / "results.json"


def main() -> int:
    from tests.servers import PostgresCluster, RedisServer, environment, find_postgres, find_redis, manage

    if find_postgres() is None or find_redis() is None:
        print("Nothing was tried: chaos needs PostgreSQL and Redis (sudo apt install postgresql redis-server).")
        return 2
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mf-chaos-") as name, PostgresCluster() as postgres, RedisServer() as redis:
        folder, url = Path(name), postgres.create("chaos")
        env = environment(folder, database_url=url, broker_url=redis.url)
        manage(env, "migrate", "--verbosity", "0")
        os.environ.update(env)
        django.setup()
        from chaos.run import run

        plan = plan_of(sys.argv[1:])
        verdict = run(plan, lambda port: {**env, "EMAIL_PORT": str(port)}, folder, redis, say)
    seconds = round(time.monotonic() - begun)
    print("\n".join(["", *verdict.lines()]))
    RESULTS.write_text(json.dumps(results(plan, verdict, seconds), indent=2) + "\n", encoding="utf-8")
    print(f"\n{'FAULTS: ' + ', '.join(verdict.faults) if verdict.faults else 'All of it holds.'} ({seconds} s)")
    return 1 if verdict.faults else 0


def plan_of(words: list[str]) -> "Plan":  # noqa: F821, UP037 - imported after Django is set up
    from chaos.load import Plan

    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    for field in dataclasses.fields(Plan):
        parser.add_argument(f"--{field.name}", type=type(field.default), default=field.default)
    return Plan(**vars(parser.parse_args(words)))


def results(plan: object, verdict: object, seconds: int) -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "seconds": seconds,
        "plan": dataclasses.asdict(plan),  # type: ignore[call-overload]
        "verdict": dataclasses.asdict(verdict),  # type: ignore[call-overload]
        "faults": verdict.faults,  # type: ignore[attr-defined]
    }


def say(words: str) -> None:
    print(f"· {words}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
