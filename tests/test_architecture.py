"""Layering: an app may import only apps below it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
OWN_APPS: list[str] = settings.OWN_APPS
FILES = [path for app in OWN_APPS for path in sorted((ROOT / app).rglob("*.py"))]


def apps_named_in(path: Path) -> set[str]:
    """Every app this file refers to: by import at any depth, ``get_model``, or a string foreign key."""
    named = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            named |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            named.add(node.module.split(".")[0])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # "portfolio.Person", or a dotted path to load: "portfolio.views.people"
            if re.fullmatch(r"[a-z_]+(\.[A-Za-z_]+)+", node.value):
                named.add(node.value.split(".")[0])
        elif isinstance(node, ast.Call) and "get_model" in ast.dump(node.func):
            named |= {str(arg.value).split(".")[0] for arg in node.args[:1] if isinstance(arg, ast.Constant)}
    return named & set(OWN_APPS)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_downwards(path: Path) -> None:
    own = path.relative_to(ROOT).parts[0]
    above = set(OWN_APPS[OWN_APPS.index(own) + 1 :])
    assert apps_named_in(path) & above == set()


def test_the_walk_sees_hidden_imports(tmp_path: Path) -> None:
    source = (
        'def f():\n    from outreach import models\n\nfk = "meetings.Meeting"\napps.get_model("portfolio", "Need")\n'
    )
    file = tmp_path / "sly.py"
    file.write_text(source)
    assert apps_named_in(file) == {"outreach", "meetings", "portfolio"}


# --- Inside an app ----------------------------------------------------------------------------------

# The packages (rooms) of the three large apps, lowest first: each may import only packages listed before it.
ROOMS = {
    "portfolio": [
        *("text", "contact_files", "models", "errors", "signals", "panels"),
        *("needs", "overview", "mentorships", "people", "contact_imports", "looking_back"),
        *("reminder_kinds", "spreadsheets", "vcards", "export", "apps"),
        *("forms", "views", "urls", "templatetags", "management", "migrations"),
    ],
    "outreach": [
        *("models", "errors", "form_version", "coach"),
        *("follow_ups", "approaches", "introductions", "drafts", "message_templates", "incoming"),
        "candidate_reasons",
        *(
            "selectors",
            "panels",
            "receivers",
            "reminder_kinds",
            "spreadsheets",
            "export",
            "apps",
        ),
        *("forms", "views", "urls", "migrations"),
    ],
    "meetings": [
        *("models", "locking", "diary", "signed_links", "scheduling", "calendar", "agenda", "actions", "notes"),
        *("services", "own_calendar", "series", "sharing", "wrap_up", "development_log"),
        *(
            "clashes",
            "selectors",
            "before",
            "panels",
            "reminder_kinds",
            "spreadsheets",
            "export",
            "apps",
        ),
        *("forms", "views", "urls", "templatetags", "migrations"),
    ],
}

# The modules of each topic that other topics may import; the rest is private. Page code (forms, views, selectors,
# panels, reminder kinds) is above the topics and may import any of their modules.
TOPICS = {
    "portfolio": {
        "overview": {"coverage"},
        "needs": {"candidates", "ranking"},
        "mentorships": {"programme", "scheduling"},
        "people": {"references", "services"},
        "contact_imports": set[str](),
        "looking_back": set[str](),
    },
    "outreach": {
        "coach": {""},
        "follow_ups": {"services", "introduction_reminder", "rest_reminder", "send_later"},
        "approaches": {"services", "events", "next_step", "research"},
        "introductions": {"services"},
        "drafts": {"services", "own_mailbox", "merge_fields", "readiness", "starters"},
        "message_templates": set[str](),
        "incoming": set[str](),
    },
    "meetings": {
        "calendar": {"ics", "invitations"},
        "agenda": {"carry_over", "items", "suggestions"},
        "own_calendar": set[str](),
        "sharing": set[str](),
        "wrap_up": set[str](),
    },
}


def imports_within(path: Path, app: str) -> set[tuple[str, str]]:
    """(package, module in it or "") of the same app that this file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == app:
            for alias in node.names:
                parts = node.module.split(".")[1:]
                if (ROOT / app / Path(*parts, f"{alias.name}.py")).exists() or not parts:
                    parts = [*parts, alias.name]
                found.add((parts[0], ".".join(parts[1:])))
    return found


INSIDE = [
    (path, app, path.relative_to(ROOT / app).parts[0].removesuffix(".py"))
    for app in ROOMS
    for path in sorted((ROOT / app).rglob("*.py"))
    if path.parent != ROOT / app or path.name != "__init__.py"
]


@pytest.mark.parametrize(("path", "app", "room"), INSIDE, ids=lambda p: str(p).removeprefix(f"{ROOT}/"))
def test_rooms_import_downwards_and_leave_the_insides_of_others_alone(path: Path, app: str, room: str) -> None:
    order, topics = ROOMS[app], TOPICS[app]
    for other, module in imports_within(path, app):
        if other == room:
            continue
        if room != "migrations":  # migrations may import anything
            assert order.index(other) < order.index(room), f"{room} stands below {other}"
        if room in topics and other in topics:
            assert module in topics[other], f"{other}.{module} is not offered to {room}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_nobody_imports_a_private_name(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in OWN_APPS:
            assert [alias.name for alias in node.names if alias.name.startswith("_")] == []


@pytest.mark.parametrize("app", OWN_APPS)
def test_the_doors_named_here_exist(app: str) -> None:
    """A renamed or removed package must be removed from these lists."""
    for room in ROOMS.get(app, []):
        assert (ROOT / app / room).is_dir() or (ROOT / app / f"{room}.py").is_file()
    for topic, offered in TOPICS.get(app, {}).items():
        for module in offered:
            assert (ROOT / app / topic / f"{module or '__init__'}.py").is_file()
