"""When somebody is back, by what their automatic answer says on Tuesday 10 November 2026."""

from __future__ import annotations

import datetime as dt

import pytest

from mail.incoming.return_dates import return_date
from tests.mail.incoming.mails import TODAY


def day(text: str, written: dt.date | None = TODAY) -> str | None:
    found = return_date(text, written)
    return found.isoformat() if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I am away until 24 November.", "2026-11-24"),
        ("I am away until the 24th.", "2026-11-24"),
        ("I am away until Tuesday 24th November 2026.", "2026-11-24"),
        ("I am on leave until and including Friday 20 November.", "2026-11-21"),
        ("I am out of the office up to and including 20 November 2026.", "2026-11-21"),
        ("Out of office until 20/11/2026 inclusive.", "2026-11-21"),
        ("away until 3/12/2026", "2026-12-03"),
        ("away until 03/12", "2026-12-03"),
        ("away till 5 January", "2027-01-05"),
        ("away until January 5th, 2027", "2027-01-05"),
        ("I am back on Monday 4 January. I am away until 24 December.", "2027-01-04"),
        ("I will return to the office on Thursday 3rd December.", "2026-12-03"),
        ("I'll be back in the office on 24/11.", "2026-11-24"),
        ("I won't be back until 24 November.", "2026-11-24"),
        ("I am out until further notice.", None),
        ("I am on leave from 9 to 20 November.", None),
        ("I am on leave from 9 to 20 November inclusive.", "2026-11-21"),
        ("I will get back to you on 5 December. I am away until 1 December.", "2026-12-01"),
        ("ich bin bis einschließlich 24.12. nicht im Büro.", "2026-12-25"),
        ("ich bin bis zum 24.12.2026 nicht im Büro.", "2026-12-24"),
        ("ich bin bis 24. Dezember abwesend.", "2026-12-24"),
        ("Ich bin bis einschl. Freitag, 20. November abwesend.", "2026-11-21"),
        ("Ich bin bis inkl. 20.11.26 abwesend.", "2026-11-21"),
        ("Ich bin vom 9.11. bis 20.11. im Urlaub.", "2026-11-20"),
        ("Ich bin vom 9.11. bis zum 20.11. im Urlaub. Ab dem 23.11. bin ich wieder erreichbar.", "2026-11-23"),
        ("Ich bin ab Montag, 23. November, wieder im Büro.", "2026-11-23"),
        ("Am 23.11.2026 bin ich wieder für Sie da.", "2026-11-23"),
        ("Ich bin am 23. November zurück.", "2026-11-23"),
        ("Ich bin wieder am 1. Dezember im Haus.", "2026-12-01"),
        ("Ich bin bis zum 24. nicht da.", "2026-11-24"),
        ("Ich bin bis 17 Uhr in einer Sitzung.", None),
        ("Ich bin zurück am Montag, dem 23. November 2026.", "2026-11-23"),
        ("Je suis absente jusqu'au 27 novembre.", "2026-11-27"),
        ("Je suis absente jusqu’au vendredi 27 novembre inclus.", "2026-11-28"),
        ("Je suis en congé jusqu'au 1er décembre.", "2026-12-01"),
        ("Je suis absent jusqu'au 27/11/2026 inclus.", "2026-11-28"),
        ("Je serai de retour au bureau le lundi 30 novembre.", "2026-11-30"),
        ("Je reviens le 30 novembre 2026.", "2026-11-30"),
        ("Je serai de retour à partir du 30 novembre.", "2026-11-30"),
        ("Absent du 9 au 20 novembre inclus.", "2026-11-21"),
        ("Estoy fuera hasta el 20 de noviembre de 2026.", "2026-11-20"),
        ("Estaré ausente hasta el viernes 20 de noviembre, ambos inclusive.", "2026-11-21"),
        ("Estaré de vacaciones del 9 al 20 de noviembre de 2026, ambos inclusive.", "2026-11-21"),
        ("Estaré fuera hasta el 20 de noviembre inclusive. Me reincorporo el lunes 23 de noviembre.", "2026-11-23"),
        ("Me reincorporaré el 23/11.", "2026-11-23"),
        ("Estaré de vuelta el 23 de noviembre.", "2026-11-23"),
        ("Vuelvo a la oficina el 23 de noviembre.", "2026-11-23"),
        ("Rwyf i ffwrdd tan ddydd Mawrth 24 Tachwedd.", "2026-11-24"),
        ("Rwyf i ffwrdd tan 24 Mawrth.", "2027-03-24"),
        ("Rwyf i ffwrdd tan ddydd Mawrth 2 Mawrth 2027.", "2027-03-02"),
        ("Rwyf i ffwrdd hyd at ac yn cynnwys dydd Gwener 20 Tachwedd 2026.", "2026-11-21"),
        ("Rwyf i ffwrdd tan ddydd Mawrth.", "2026-11-17"),
        ("Byddaf yn ôl yn y swyddfa ar 24 Tachwedd.", "2026-11-24"),
        ("Byddaf yn ôl ddydd Mawrth 24 Tachwedd.", "2026-11-24"),
        ("Byddaf yn dychwelyd i'r gwaith ar ddydd Llun 30 Tachwedd.", "2026-11-30"),
        ("Rwyf i ffwrdd hyd at 24ain o Dachwedd.", "2026-11-24"),
        ("I am away until Friday 20 November and back on Monday.", "2026-11-23"),
        ("Back Monday.", "2026-11-16"),
        ("I am away until\nTuesday 24 November.", "2026-11-24"),
        ("Away until 2026-11-24.", "2026-11-24"),
        ("I'm off until 31 December inclusive.", "2027-01-01"),
        ("until 28 February", "2027-02-28"),
        ("until 29 February", "2028-02-29"),
        ("until and including 28 February 2027", "2027-03-01"),
        ("Until 1 December my colleague looks after requests. I am away until 24 November.", "2026-11-24"),
        ("For urgent matters until 20 November, call Charlie.", "2026-11-20"),
        ("I am away until 5pm.", None),
        ("I am away until 5 pm on Friday.", "2026-11-13"),
        ("I am in meetings until 17.30.", None),
        ("I'm away through 20 November.", "2026-11-21"),
        ("I am away until Nov 24.", "2026-11-24"),
        ("Returning on the 24th.", "2026-11-24"),
        ("I return on 24 Nov 2026.", "2026-11-24"),
        ("I'm back at my desk on Weds 25 November", "2026-11-25"),
        ("I am away from 9 November and will be back from 24 November.", "2026-11-24"),
        ("I'll be back from holiday on 24 November.", "2026-11-24"),
        ("Je suis de retour lundi 30 novembre.", "2026-11-30"),
        ("Je reprends le travail le 30/11/2026.", "2026-11-30"),
        ("Ich kehre am 23. November zurück.", "2026-11-23"),
        ("Ich bin erst am 23.11. wieder da.", "2026-11-23"),
        ("bis Freitag, den 20. November (einschließlich)", "2026-11-21"),
        ("until Friday 20 November (inclusive)", "2026-11-21"),
        ("until Friday, 20 November, inclusive", "2026-11-21"),
        ("until the end of Friday 20 November", "2026-11-20"),
        ("hasta el día 20 de noviembre", "2026-11-20"),
        ("hasta el 20", "2026-11-20"),
        ("jusqu'au 20 inclus", "2026-11-21"),
        ("tan y 24ain", "2026-11-24"),
        ("hasta el 1 de diciembre, inclusive", "2026-12-02"),
        ("regreso el 1 de diciembre", "2026-12-01"),
        ("bis einschließlich Sonntag, 03.01.", "2027-01-04"),
        ("bis 3.1.2027", "2027-01-03"),
        ("I will be on annual leave until Mon 4th Jan", "2027-01-04"),
        ("back on 10 December", "2026-12-10"),
        ("away until 12/24/2026", None),
        ("Estoy de vacaciones hasta el 24/11/2026.", "2026-11-24"),
        ("A partir del 24 de noviembre estaré de nuevo disponible.", "2026-11-24"),
        ("I shall be returning to work on Tuesday, 1 December 2026.", "2026-12-01"),
        ("Ar wyliau tan ddydd Gwener, 4 Rhagfyr.", "2026-12-04"),
        ("Byddaf yn ôl ar y 1af o Ragfyr.", "2026-12-01"),
        ("I am away from 9 November, and from 24 November I am back.", "2026-11-24"),
        ("I am on leave from 9 November, I will be back on 24 November.", "2026-11-24"),
        ("From 24 November I will be back in the office.", "2026-11-24"),
        ("À partir du 30 novembre, je serai de nouveau joignable.", "2026-11-30"),
        ("until and including 31/12/9999", None),
        ("until 9999-12-31", None),
        ("until 31.12.2099 inclusive", "2100-01-01"),
        ("My first day back is Tuesday 24 November.", "2026-11-24"),
        ("I am away until noon on Tuesday 24 November.", "2026-11-24"),
        ("I am away until 9am on 24 November.", "2026-11-24"),
        ("I am away until at least 24 November.", "2026-11-24"),
        ("tan Mawrth 3ydd", "2027-03-03"),
        ("BACK ON 24 NOVEMBER", "2026-11-24"),
        ("away until 24 auguſt", "2027-08-24"),
        ("back on Frİday", "2026-11-13"),
        ("Ich bin voraussichtlich bis zum 24. November krank.", "2026-11-24"),
        ("bis zum Freitag, den 20.11. einschließlich", "2026-11-21"),
        ("Dychwelaf ddydd Mercher 25 Tachwedd", "2026-11-25"),
        ("tan ddydd Gwener 20 Tachwedd yn gynwysedig", "2026-11-21"),
        ("retour prévu le 30 novembre", "2026-11-30"),
        ("Estaré de vuelta en la oficina el lunes, 30 de noviembre", "2026-11-30"),
        ("I am away until 1 Dec. 2026", "2026-12-01"),
        ("Je serai de retour mardi 1er décembre", "2026-12-01"),
        ("hasta el 24/11 incluido", "2026-11-25"),
        ("I will be out of the office starting 09/11/2026 and will not return until 24/11/2026.", "2026-11-24"),
        ("Back in the office: 24.11.2026", "2026-11-24"),
        ("Retour : lundi 30 novembre", "2026-11-30"),
        ("Zurück: 24.11.", "2026-11-24"),
        ("Ich bin ab Dienstag, den 24.11. wieder im Büro.", "2026-11-24"),
        ("away until Tuesday (24 November)", "2026-11-24"),
        ("hasta el próximo lunes 23 de noviembre", "2026-11-23"),
        ("Estaré fuera entre el 9 y el 20 de noviembre, ambos inclusive.", "2026-11-21"),
        ("I am away between 9 and 20 November inclusive.", "2026-11-21"),
        ("I am away until and including 20 November. I am back on Monday.", "2026-11-23"),
        ("Limited access until 20 November; back to normal on 23 November.", "2026-11-23"),
        ("When I return on Monday 23 November I will get back to you.", "2026-11-23"),
        ("Please call back on 5 December. I am away until 1 December.", "2026-12-01"),
        ("I’m away until Tuesday, Nov 24th, 2026", "2026-11-24"),
        ("Je suis en vacances jusqu’au 27 novembre inclusivement.", "2026-11-28"),
        ("bis und mit 20. November", "2026-11-21"),
        ("hasta el 24 de noviembre del 2026", "2026-11-24"),
        ("Away until so much is done.", None),
        ("I am back on my feet.", None),
    ],
)
def test_the_first_day_back(text: str, expected: str | None) -> None:
    assert day(text) == expected


def test_a_year_that_isnt_said_is_the_next_one_also_across_new_year() -> None:
    silvester = dt.date(2026, 12, 31)
    assert day("Back on 4 January.", silvester) == "2027-01-04"
    assert day("bis einschließlich 31.12.", dt.date(2026, 12, 30)) == "2027-01-01"
    assert day("jusqu’au 31 décembre inclus", dt.date(2026, 12, 30)) == "2027-01-01"
    assert day("Back on 30 December.", silvester) == "2027-12-30"
    assert day("Away until the 1st.", silvester) == "2027-01-01"
    assert day("Away until the 31st.", dt.date(2027, 2, 1)) == "2027-03-31"
    assert day("Back on Thursday.", silvester) == "2027-01-07"


def test_a_day_that_is_today_is_the_next_such_day() -> None:
    assert day("Away until 10 November.") == "2027-11-10"
    assert day("Away until 10 November 2026.") == "2026-11-10"
    assert day("Back on Tuesday.") == "2026-11-17"


def test_a_year_that_is_said_stays_even_if_it_is_over() -> None:
    assert day("I was away until 3 March 2025.") == "2025-03-03"


def test_without_a_date_of_the_mail_only_whole_dates_are_known() -> None:
    assert day("Back on 24 November.", None) is None
    assert day("Away until Tuesday.", None) is None
    assert day("Until 3 May, and back on 24 November 2026.", None) == "2026-11-24"


@pytest.mark.parametrize(
    "text", ["until 31 February", "until 0 May", "until 99.99.", "until 31/6/2027", "bis 30.2. einschl."]
)
def test_days_that_dont_exist_are_none(text: str) -> None:
    assert day(text) is None


def test_paragraphs_are_apart() -> None:
    assert day("I am away until\n\n24 November is my birthday.") is None
