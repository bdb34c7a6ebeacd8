"""The same questions in hand-written SQL, one statement each. For PostgreSQL only: the bench runs nowhere else."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from django.db import connection

SEARCH = """
SELECT p.id, p.name, p.headline, p.organisation, p.source,
       EXISTS (SELECT 1 FROM portfolio_mentorship m WHERE m.person_id = p.id AND m.status <> 'ended') AS is_mentor,
       ARRAY (SELECT t.name FROM portfolio_persontag pt JOIN portfolio_tag t ON t.id = pt.tag_id
              WHERE pt.person_id = p.id ORDER BY t.name) AS tags,
       p.count
FROM (SELECT *, count(*) OVER () AS count FROM portfolio_person
      WHERE owner_id = %(owner)s AND search_text LIKE %(like)s
      ORDER BY name, id LIMIT %(limit)s) p
"""

# Those with a reason, the best first: thought of, same sector, elsewhere, known by a mentor; lately declined, last.
WHO_COULD_HELP = """
SELECT * FROM (
    SELECT p.id, p.name, p.headline, p.organisation, c.why,
           c.id IS NOT NULL AS thought_of,
           n.sector <> '' AND p.sector = n.sector AS in_sector,
           p.organisation <> '' AND p.organisation <> u.organisation AS elsewhere,
           k.knower,
           d.person_id IS NOT NULL AS declined
    FROM portfolio_need n
    JOIN accounts_user u ON u.id = n.owner_id
    JOIN portfolio_person p ON p.owner_id = n.owner_id
    LEFT JOIN portfolio_couldhelp c ON c.person_id = p.id AND c.need_id = n.id
    LEFT JOIN (SELECT DISTINCT ON (w.known_id) w.known_id, q.name AS knower
               FROM portfolio_knows w
               JOIN portfolio_mentorship m ON m.person_id = w.knower_id AND m.status <> 'ended'
               JOIN portfolio_person q ON q.id = w.knower_id
               WHERE w.owner_id = %(owner)s ORDER BY w.known_id, w.id) k ON k.known_id = p.id
    LEFT JOIN (SELECT DISTINCT person_id FROM outreach_approach
               WHERE owner_id = %(owner)s AND outcome = 'declined'
                 AND ended_at > now() - interval '1 year') d ON d.person_id = p.id
    WHERE n.id = %(need)s AND n.owner_id = %(owner)s
      AND (c.state IS NULL OR c.state <> 'dismissed')
      AND NOT EXISTS (SELECT 1 FROM portfolio_mentorship m WHERE m.person_id = p.id AND m.status <> 'ended')
) s
WHERE thought_of OR in_sector OR knower IS NOT NULL
ORDER BY 4 * thought_of::int + 2 * in_sector::int + 2 * (knower IS NOT NULL)::int + elsewhere::int - 8 * declined::int
         DESC, name, id
LIMIT %(limit)s
"""


def search(owner: int, word: str, limit: int) -> list[Any]:
    """People of this owner with the (folded) word somewhere; each row has the number of all that match as ``count``."""
    return _rows(SEARCH, owner=owner, like=f"%{word}%", limit=limit)


def who_could_help(owner: int, need: int, limit: int = 20) -> list[Any]:
    """Who could fill this need, the best reasons first."""
    return _rows(WHO_COULD_HELP, owner=owner, need=need, limit=limit)


def _rows(statement: str, **values: object) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = namedtuple("row", [column.name for column in cursor.description or ()])
        return [row(*values) for values in cursor.fetchall()]
