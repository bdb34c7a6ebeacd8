"""Waking the workers. A message of Celery carries no data: what there is to do is in the database."""

from __future__ import annotations

import logging
import threading
import time

from celery import current_app

log = logging.getLogger(__name__)

EXPIRES = 30  # seconds; by then a sweep has run anyway
_BROKER_REST = 30.0  # seconds to send no wake-ups after the broker failed
_PATIENCE = 2.0  # seconds that a page may wait for the broker
_broker_rests_until = 0.0


def wake_up(task: str, *, times: int = 1) -> None:
    """Start this task on a worker, or on several. Only saves time: the sweep starts it anyway.

    Never raises. A broker that is down costs one request two seconds, then none for a while.
    """
    if time.monotonic() < _broker_rests_until:
        return
    # In a thread, because we can't limit how long the broker's client library takes to give up.
    publisher = threading.Thread(target=_publish, args=(task, times), daemon=True, name="wake-up")
    publisher.start()
    publisher.join(_PATIENCE)
    if publisher.is_alive():
        _broker_failed("no answer")


def _publish(task: str, times: int) -> None:
    quick = {"max_retries": 1, "interval_start": 0, "connect_retries_timeout": 1}
    if str(current_app.conf.broker_url).startswith("redis"):
        quick |= {"socket_connect_timeout": 1, "socket_timeout": 1}
    options = {**current_app.conf.broker_transport_options, **quick}
    try:
        with current_app.connection_for_write(connect_timeout=1, transport_options=options) as connection:
            for _ in range(times):
                current_app.send_task(task, connection=connection, expires=EXPIRES, retry=False)
    except Exception as error:
        _broker_failed(str(error))


def _broker_failed(why: str) -> None:
    global _broker_rests_until
    _broker_rests_until = time.monotonic() + _BROKER_REST
    log.warning("could not wake the workers (%s); the next sweep will", why)
