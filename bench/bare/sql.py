"""The queries of the measured pages in hand-written SQL, one statement each. PostgreSQL only, as the bench is."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from django.db import connection

from accounts.models import User
from portfolio.models import Need
from portfolio.needs.ranking import telling_words
from portfolio.text.normalise import apart

SEARCH = """
SELECT p.id, p.name, p.headline, p.organisation, p.source,
       EXISTS (SELECT 1 FROM portfolio_mentorship m WHERE m.person_id = p.id AND m.status <> 'ended') AS is_mentor,
       ARRAY (SELECT t.name FROM portfolio_persontag pt JOIN portfolio_tag t ON t.id = pt.tag_id
              WHERE pt.person_id = p.id ORDER BY t.name) AS tags,
       p.count
FROM (SELECT *, count(*) OVER () AS count FROM portfolio_person
      WHERE owner_id = %(owner)s AND search_text LIKE %(like)s
      ORDER BY name_key, id LIMIT %(limit)s) p
"""

# The ten people with the most points, then everything the page says about them. A person with no reason has NULL points
# and comes last, so each text is searched once. The points are rough, like those of the page's own query.
WHO_COULD_HELP = """
SELECT p.id, p.name, p.headline, p.organisation, p.sector, c.why, c.id IS NOT NULL AS thought_of,
       p.sector_words LIKE %(sector)s AS in_sector, {mentions} AS mentions,
       p.organisation NOT IN ('', %(here)s) AS elsewhere, pl.name AS place,
       EXISTS (SELECT 1 FROM portfolio_mentorship m WHERE m.person_id = p.id AND m.status <> 'ended') AS is_mentor,
       (SELECT q.name FROM portfolio_knows w JOIN portfolio_person q ON q.id = w.knower_id
        WHERE w.known_id = p.id ORDER BY w.id LIMIT 1) AS knower,
       (SELECT max(t.at) FROM portfolio_contact t WHERE t.person_id = p.id) AS last_contact,
       a.stage, a.outcome, a.ended_at, i.state AS introduction, i.introducer
FROM (
    SELECT id, name_key,
           NULLIF(60 * (id = ANY (%(thoughts)s))::int + 20 * (sector_words LIKE %(sector)s)::int + 6 * ({mentions})
                  + 10 * (id IN (SELECT known_id FROM portfolio_knows WHERE owner_id = %(owner)s))::int
                  + 10 * (id IN (SELECT person_id FROM portfolio_mentorship
                                 WHERE owner_id = %(owner)s AND status <> 'ended'))::int, 0)
           + 8 * (organisation NOT IN ('', %(here)s))::int + 4 * (place_id IS NOT NULL)::int
           + 2 * (id IN (SELECT person_id FROM portfolio_contact WHERE owner_id = %(owner)s))::int AS points
    FROM portfolio_person
    WHERE owner_id = %(owner)s AND id <> ALL (%(out)s)
    ORDER BY points DESC NULLS LAST, name_key, id
    LIMIT %(limit)s
) s
JOIN portfolio_person p ON p.id = s.id
LEFT JOIN portfolio_couldhelp c ON c.person_id = p.id AND c.need_id = %(need)s
LEFT JOIN portfolio_placetolook pl ON pl.id = p.place_id
LEFT JOIN LATERAL (SELECT stage, outcome, ended_at FROM outreach_approach
                   WHERE person_id = p.id ORDER BY id DESC LIMIT 1) a ON true
LEFT JOIN LATERAL (SELECT o.state, b.name AS introducer FROM outreach_introduction o
                   JOIN portfolio_person b ON b.id = o.introducer_id
                   WHERE o.target_id = p.id ORDER BY o.id DESC LIMIT 1) i ON true
WHERE points IS NOT NULL
ORDER BY points DESC, s.name_key, p.id
"""
THOUGHTS = "SELECT person_id, state FROM portfolio_couldhelp WHERE owner_id = %(owner)s AND need_id = %(need)s"


def search(owner: int, word: str, limit: int) -> list[Any]:
    """People of this owner that match the folded word; each row has the total number of matches as ``count``."""
    return _rows(SEARCH, owner=owner, like=f"%{word}%", limit=limit)


def who_could_help(user: User, need: Need, limit: int = 10) -> list[Any]:
    """Who could fill this need, the best reasons first."""
    of = {"owner": user.pk, "need": need.pk}
    thoughts = _rows(THOUGHTS, **of)
    words = {f"word{number}": f"%{word}%" for number, word in enumerate(telling_words(need.words))}
    mentions = " + ".join(f"(search_text LIKE %({name})s)::int" for name in words) or "0"
    return _rows(
        WHO_COULD_HELP.replace("{mentions}", mentions),
        sector=f"%{apart(need.sector)}%",
        here=user.organisation,
        thoughts=[row.person_id for row in thoughts if row.state == "thought_of"],
        out=[row.person_id for row in thoughts if row.state == "dismissed"],
        limit=limit,
        **of,
        **words,
    )


def _rows(statement: str, **values: object) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = namedtuple("row", [column.name for column in cursor.description or ()])
        return [row(*values) for values in cursor.fetchall()]
