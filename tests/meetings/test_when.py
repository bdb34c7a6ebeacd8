import datetime as dt
from zoneinfo import ZoneInfo

import time_machine
from django.utils import timezone

from meetings.templatetags.when import day, moment

LATE = dt.datetime(2026, 3, 3, 23, 30, tzinfo=dt.UTC)


@time_machine.travel(dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC), tick=False)
def test_words_follow_the_readers_clock_and_name_another_year() -> None:
    assert moment(LATE) == "Tuesday 3 March at 23:30"
    assert day(dt.date(2027, 1, 9)) == "9 January 2027"
    assert moment(LATE.replace(year=2024)) == "3 March 2024 at 23:30"
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        assert day(LATE) == "4 March"
        assert moment(LATE) == "Wednesday 4 March at 08:30"
