"""The first day back that an automatic answer names, in English, German, French, Spanish or Welsh."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_LONGEST_TEXT = 20_000  # letters
_LIKE_OTHERS = str.maketrans("İıſK", "iisk")  # a pattern that ignores case takes these for i, s and k
_YEARS_AHEAD = 9  # 29 February comes again within eight

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner janvier janv enero ene ionawr ion",
            "february feb februar februar février fevrier févr fév febrero chwefror chwef",
            "march mar märz maerz mär mrz mars marzo mawrth fawrth maw",
            "april apr avril avr abril abr ebrill ebr",
            "may mai mayo fai",
            "june jun juni juin junio mehefin fehefin meh",
            "july jul juli juillet juil julio gorffennaf orffennaf gorff",
            "august aug août aout agosto ago awst",
            "september sept sep septembre septiembre setiembre medi fedi",
            "october oct oktober okt octobre octubre hydref",
            "november nov novembre noviembre tachwedd dachwedd tach",
            "december dec dezember dez décembre decembre déc diciembre dic rhagfyr ragfyr rhag",
        ),
        1,
    )
    for name in names.split()
}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon montag mo lundi lun lunes llun lun",
            "tuesday tues tue dienstag di mardi mar martes mawrth fawrth",
            "wednesday weds wed mittwoch mi mercredi mer miércoles miercoles mié mercher fercher",
            "thursday thurs thur thu donnerstag do jeudi jeu jueves jue iau",
            "friday fri freitag fr vendredi ven viernes vie gwener wener",
            "saturday sat samstag sonnabend sa samedi sam sábado sabado sáb sadwrn",
            "sunday sun sonntag so dimanche dim domingo dom sul",
        )
    )
    for name in names.split()
}
# Alone, a weekday is only one written in full, and in Welsh after "dydd": Mawrth is March, else.
_IN_FULL = [name for name in _WEEKDAYS if len(name) > 4 and name not in {"mawrth", "fawrth", "thurs"}]
_IN_FULL += ["lundi", "mardi", "jeudi", "lunes"]


def _any(words: dict[str, int] | list[str]) -> str:
    return "|".join(sorted(set(words), key=len, reverse=True))


_YEAR = r"(?:19|20)\d\d(?![\d:])"
_ORDINAL = r"(?:st|nd|rd|th|er|ère|re|[º°ª.]|af|il|ail|ydd|edd|fed|ed|eg|ain)"
_WEEKDAY = rf"(?:(?:d?dydd\s+)?(?:{_any(_WEEKDAYS)})\b\.?,?\s+\(?(?:(?:the|dem|den|le|el|y|yr|ar)\s+)?)"
_NO_HOUR = r"""(?!\s*(?:
    [:h%] | uhr\b | heures?\b | o['’ ]?clock | [ap]\.?m\b | horas?\b | [./-]?\d
  | (?:days?|weeks?|months?|tage?n?|wochen?)\b
))"""
_DAY = rf"""(?:
    (?P<year1>{_YEAR})-(?P<month1>\d\d?)-(?P<day1>\d\d?)(?!\d)
  | {_WEEKDAY}?(?P<day2>\d\d?){_ORDINAL}?[\s-]*(?:of\s+|de\s+|o\s+)?(?P<month2>{_any(_MONTHS)})\b\.?
      (?:(?:\s*,?\s*(?:de\s+|del\s+)?|-)(?P<year2>{_YEAR}))?
  | {_WEEKDAY}?(?P<month3>{_any(_MONTHS)})\b\.?\s+(?P<day3>\d\d?){_ORDINAL}?(?![\d:]|\s*(?:{_any(_MONTHS)})\b)
      (?:\s*,?\s*(?P<year3>{_YEAR}))?
  | {_WEEKDAY}?(?P<day4>\d\d?)\s?[./-]\s?(?P<month4>\d\d?)
      (?:\s?[./-]\s?(?P<year4>{_YEAR}|\d\d(?!\d))|(?!\s?[./-]?\d)\.?)
      (?!\s*(?:uhr|h|[ap]\.?m|{_any(_MONTHS)})\b)
  | (?:{_WEEKDAY}|(?:the|zum|dem|den|au|le|el|al|y|yr)\s+(?:(?:d[ií]a|jour)\s+)?|(?<=[’']au\s))
      (?P<day5>\d\d?){_ORDINAL}?\b{_NO_HOUR}
  | (?P<day6>\d\d?)(?:(?:st|nd|rd|th|ydd|fed|eg|ain)\b|\.(?!\d)){_NO_HOUR}
  | (?:(?:next|nächsten|kommenden)\s+)?(?:(?P<weekday7>{_any(_IN_FULL)})
      |d?dydd\s+(?P<weekday8>llun|mawrth|fawrth|mercher|fercher|iau|gwener|wener|sadwrn|sul))\b
)"""

# Between what is said and the day: "until the end of Friday, the 20th".
_GAP = r"""(?:[\s,:(]+(?:
    the|end|of|close|on|at\s+least|about|around|approximately|noon|midday|\d\d?(?:[:.]\d\d)?\s?[ap]m
  | zum|zur|am|dem|den|ende|mindestens|voraussichtlich|le|la|l['’]|au|à|au\s+moins|environ
  | next|coming|nächsten|kommenden|pr[óo]ximo|prochain
  | el|al|d[ií]a|al\s+menos|y|yr|ar|diwedd|o\s+leiaf
)\b)*[\s,:(]+"""
_AND_INCLUDING = r"""(?:[\s,(]*(?:
    and\s+(?:including|incl\b\.?|inclusive\s+of) | including | inclusive | incl\b\.?
  | einschl(?:ie(?:ß|ss)lich|\b\.?) | inkl(?:usive|usiv|\b\.?) | und\s+mit | mit\s+einschluss
  | inclus(?:ivement|ive)?\b | (?:et\s+)?y\s+compris
  | e\s+incluyendo | y\s+(?:con|incluyendo|incluido|inclusive) | incluido | incluyendo
  | ac\s+yn\s+cynnwys | (?:(?:a|ac)\s+)?(?:gan|chan)\s+gynnwys | yn\s+gynwysedig
)(?![^\W\d_])[,)]*)"""
_INCLUDED = r"""(?:[\s,(]*(?:and\s+|y\s+)?(?:
    inclusive(?:ly)? | included | incl\b\.? | einschl(?:ie(?:ß|ss)lich|\b\.?) | inkl(?:usive|usiv|\b\.?)
  | inclus(?:e|ive|ivement)? | comprise?
  | incluid[oa]s? | ambos\s+(?:d[ií]as\s+)?(?:inclusives?|incluidos) | (?:los\s+)?dos\s+incluidos
  | ambas\s+(?:fechas\s+)?(?:inclusives?|incluidas) | yn\s+gynwysedig | yn\s+gynhwysol | gan\s+gynnwys | cynhwysol
)(?![^\W\d_]))"""
_UNTIL = r"""(?<![\w'’])(?:
    (?P<through>through|thru|bis\s+und\s+mit)
  | until|till|'?til|up\s+to|bis|jusqu['’](?:au?|à)|jusque|hasta|tan|hyd(?:\s+at)?|hyd\s+nes
)\b"""
_LETTERS = r"[^\W\d_]+(?:['’][^\W\d_]+)?"
_TO = r"(?<!\w)(?:to|and|until|al?|y|au|et|i|ac?|und|bis|hyd|–|—|-)"

_FLAGS = re.IGNORECASE | re.VERBOSE
_UNTIL_DAY = re.compile(
    rf"{_UNTIL}(?P<before>{_AND_INCLUDING})?{_GAP}(?P<again>{_AND_INCLUDING}\s+)?{_DAY}(?P<after>{_INCLUDED})?", _FLAGS
)
_RANGE = re.compile(rf"{_TO}\s*(?:the\s+|el\s+|le\s+)?{_DAY}(?P<after>{_INCLUDED})", _FLAGS)
_BACK = [
    re.compile(pattern, _FLAGS)
    for pattern in (
        # English
        rf"""(?P<said>\b{_LETTERS}\s+)?\b(?:back|return(?:ing|s)?|resum(?:e|ing)|reachable\s+again|available\s+again)
        (?:\s+from(?:\s+(?:the|my|our|an?))?(?!\s+(?:{_any(_MONTHS)}|{_any(_WEEKDAYS)})\b)(?:\s+{_LETTERS}){{1,2}}?)?
        (?:\s+(?:is|will\s+be|date|in|into|at|to|the|my|our|office|work|working|desk|school|college|university|hospital|clinic|duty|again|and|
           available|online|full[ -]time|normal|as|usual|emails?|home|here|properly|with\s+you|hours))*
        \s*,?(?:\s+(?:on|from|as\s+(?:of|from)|starting))?{_GAP}{_DAY}""",
        # German
        rf"""\b(?:wieder|zurück|rückkehr|erreichbar)(?:\s+(?!bis\b|nicht\b){_LETTERS}){{0,6}}?
        \s*,?\s+(?:am|ab|vom|zum|seit)(?:\s+(?:dem|den))?\s+{_DAY}""",
        # French
        rf"""\b(?:retour|reviens|reviendrai|reviendrons|rentre|rentrerai|reprends|reprendrai|reprise|(?:à|de)\s+nouveau)
        (?:\s+(?!jusqu){_LETTERS}){{0,6}}?\s*,?\s+(?:le|dès(?:\s+le)?|à\s+partir\s+du|à\s+compter\s+du|au)\s+{_DAY}""",
        rf"""\b(?:(?:de\s+)?retour|reviens|reviendrai|rentre|rentrerai)(?:\s+au\s+bureau)?{_GAP}{_DAY}""",
        rf"""\b(?:return|retour|rückkehr|zurück|wieder\s+da|regreso|vuelta|dychwelyd)\s*:\s*{_DAY}""",
        # Spanish
        rf"""\b(?:reincorpor\w+|incorpor\w+|regres\w+|vuelvo|volver\w*|vuelta|retorn\w+|retomar\w*|de\s+nuevo)
        (?:\s+(?!hasta){_LETTERS}){{0,6}}?\s*,?\s+(?:el|desde\s+el|a\s+partir\s+del?)(?:\s+(?:pr[óo]ximo|d[ií]a))*\s+{_DAY}""",
        # Welsh
        rf"""(?:\byn\s+ôl|\bnôl|\b[dn]?dychwel\w*|\bnychwel\w*|\bailddechrau)
        (?:\s+(?!tan\b|hyd\b|ar\b|dd?ydd\b|o\b){_LETTERS}){{0,6}}?\s*,?(?:\s+(?:ar|o))?{_GAP}{_DAY}""",
    )
]
# "From the 24th I am back": only if none of those is found, since "away from the 9th, back on the 24th" looks alike.
_BACK_BEHIND = [
    re.compile(pattern, _FLAGS)
    for pattern in (
        rf"""\b(?:from|on|as\s+of)\s+{_DAY}\s*,?\s+(?:I|we|I['’](?:ll|m)|we['’]ll)\b(?:\s+(?!until\b|not\b){_LETTERS}){{0,4}}?
        \s+(?:back|return|(?:available|reachable)\s+again)\b""",
        rf"""(?<!bis\s)(?<!bis\szum\s)\b(?:am|ab|vom)(?:\s+(?:dem|den))?\s+{_DAY}
        (?:\s*,)?(?:\s+(?!bis\b|nicht\b){_LETTERS}){{0,7}}?\s+(?:wieder|zurück)\b""",
        rf"""\b(?:le|dès\s+le|à\s+partir\s+du|à\s+compter\s+du)\s+{_DAY}
        (?:\s*,)?(?:\s+(?!jusqu|pas\b){_LETTERS}){{0,5}}?\s+(?:[àd]e?\s+nouveau|de\s+retour)\b""",
        rf"""\b(?:el|a\s+partir\s+del?|desde\s+el)\s+{_DAY}
        (?:\s*,)?(?:\s+(?!hasta\b|no\b){_LETTERS}){{0,5}}?\s+(?:de\s+nuevo|de\s+vuelta|de\s+regreso)\b""",
        rf"""\b(?:ar|o)\s+{_DAY}(?:\s*,)?(?:\s+(?!tan\b|hyd\b){_LETTERS}){{0,5}}?\s+yn\s+ôl\b""",
    )
]
_NOT_ONES_OWN_WAY_BACK = {
    *("get", "write", "call", "ring", "come", "phone", "reply", "report", "answer", "send", "please", "not"),
}
# The sentence speaks of being away, not of who stands in meanwhile.
_AWAY = re.compile(
    r"\b(?:away|out|leave|holidays?|vacation|absent|absence|office|travell?ing|abwesend|büro|urlaub|haus|verreist|erreichbar|"
    r"dienstreise|absente?|congés?|bureau|vacances|déplacement|ausente|fuera|vacaciones|oficina|ffwrdd|swyddfa|wyliau|gwyliau|"
    r"absennol|back|zurück)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[!?¶]|(?<!\d)(?<!\b[A-Za-z])\.(?=\s)")


class _Day(NamedTuple):
    day: int | None
    month: int | None = None
    year: int | None = None
    weekday: int | None = None

    def after(self, date: dt.date) -> dt.date | None:
        """The day itself, or where it has no year or month the next such day after ``date``; None if there is none."""
        if self.day is None:
            return date + dt.timedelta(days=1 + ((self.weekday or 0) - date.weekday() - 1) % 7)
        if self.year and self.month:
            return _date(self.year, self.month, self.day)
        months = [self.month] if self.month else range(1, 13)
        days = (_date(date.year + ahead, month, self.day) for ahead in range(_YEARS_AHEAD) for month in months)
        return next((day for day in days if day and day > date), None)


def return_date(text: str, written: dt.date | None) -> dt.date | None:
    """
    The first day back. "Back on" wins over "until"; "until the 24th" means back on the 24th, "until and including" on
    the day after. Numbers are days before months.

    :param written: the mail's own date, where it was written; without one, only days with a year are known
    """
    text = unicodedata.normalize("NFC", text[:_LONGEST_TEXT]).translate(_LIKE_OTHERS)
    text = " ".join(re.sub(r"\n\s*\n", " ¶ ", text).split())
    until = _until(text, written)
    back = _first_back(text)
    if not back:
        return until
    # "Until Friday the 20th, back on Monday": the Monday after it.
    since = until - dt.timedelta(days=1) if until and not back.month else written
    return _resolved(back, since)


def _first_back(text: str) -> _Day | None:
    for patterns in (_BACK, _BACK_BEHIND):
        found = [
            match for pattern in patterns for match in pattern.finditer(text) if not _speaks_of_something_else(match)
        ]
        full = [match for match in found if _day(match).month] or found
        if full:
            return _day(min(full, key=lambda match: match.start()))
    return None


def _speaks_of_something_else(match: re.Match[str]) -> bool:
    said = match.groupdict().get("said") or ""
    return said.strip().lower() in _NOT_ONES_OWN_WAY_BACK


def _until(text: str, written: dt.date | None) -> dt.date | None:
    found = [*_UNTIL_DAY.finditer(text)]
    about_me = [match for match in found if _AWAY.search(_sentence_around(text, match))]
    for match in [*about_me, *_RANGE.finditer(text), *found]:
        day = _resolved(_day(match), written)
        if day:
            groups = match.groupdict()
            included = any(groups.get(name) for name in ("before", "again", "after", "through"))
            return day + dt.timedelta(days=1) if included else day
    return None


def _sentence_around(text: str, match: re.Match[str]) -> str:
    before = list(_SENTENCE.finditer(text, max(0, match.start() - 300), match.start()))
    behind = _SENTENCE.search(text, match.end(), match.end() + 300)
    return text[
        before[-1].end() if before else max(0, match.start() - 300) : behind.start() if behind else match.end() + 300
    ]


def _resolved(day: _Day, written: dt.date | None) -> dt.date | None:
    if day.year:
        return day.after(dt.date.min)
    return day.after(written) if written else None


def _day(match: re.Match[str]) -> _Day:
    groups = match.groupdict()

    def values(name: str) -> Iterator[str]:
        return (value for key, value in groups.items() if key.rstrip("123456789") == name and value)

    weekday, day, month, year = (next(values(name), None) for name in ("weekday", "day", "month", "year"))
    if not day:
        return _Day(None, weekday=_WEEKDAYS[(weekday or "").lower()])
    number = int(year) if year else None
    return _Day(int(day), _month(month), number + 2000 if number is not None and number < 100 else number)


def _month(written: str | None) -> int | None:
    if not written:
        return None
    return int(written) if written.isdigit() else _MONTHS[written.lower()]


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
