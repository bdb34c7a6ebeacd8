"""Tables: headers of every service, quotation marks, columns, dates, and whoever is left out."""

from __future__ import annotations

from datetime import date

import pytest

from tests.portfolio.contact_files.reading import names, read_bytes, row_of

LINKEDIN = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"
GOOGLE = (
    "First Name,Middle Name,Last Name,Phonetic First Name,Name Prefix,Name Suffix,Nickname,File As,Organization Name,"
    "Organization Title,Organization Department,Birthday,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,"
    "E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,Website 1 - Label,Website 1 - Value"
)
OLDER_GOOGLE = (
    "Name,Given Name,Additional Name,Family Name,Name Prefix,Occupation,Notes,Group Membership,E-mail 1 - Type,"
    "E-mail 1 - Value,E-mail 2 - Type,E-mail 2 - Value,Organization 1 - Name,Organization 1 - Title,"
    "Organization 2 - Name,Phone 1 - Type,Phone 1 - Value,Website 1 - Type,Website 1 - Value"
)
OUTLOOK = (
    "Title,First Name,Middle Name,Last Name,Suffix,Company,Department,Job Title,Business Fax,Business Phone,"
    "Home Phone 2,Pager,Telex,Assistant's Phone,Manager's Name,E-mail Address,E-mail Type,E-mail Display Name,"
    "E-mail 2 Address,E-mail 2 Type,E-mail 2 Display Name,Categories,Notes,Web Page,Personal Web Page"
)
GERMAN = (
    "Anrede;Vorname;Weitere Vornamen;Nachname;Suffix;Firma;Abteilung;Position;Fax privat;Telefon geschäftlich 2;"
    "Mobiltelefon;Funkruf;Telefon Assistent;E-Mail-Adresse;E-Mail-Typ;E-Mail: Angezeigter Name;E-Mail 2: Adresse;"
    "E-Mail 2: Typ;E-Mail 2: Angezeigter Name;Kategorien;Notizen;Webseite"
)
FRENCH = (
    "Titre;Prénom;Deuxième prénom;Nom;Suffixe;Société;Service;Titre;Téléphone (bureau);Télécopie (bureau);Tél. mobile;"
    "Récepteur de radiomessagerie;Adresse de messagerie;Type de messagerie;Nom complet de l'adresse de messagerie;"
    "Adresse de messagerie 2;Type de messagerie 2;Nom complet de l’adresse de messagerie 2;Catégories;Notes;Page Web"
)


def filled(header: str, separator: str = ",", **cells: str) -> dict[str, object]:
    """The person of a row that has these cells; "_7" is the eighth, whatever its name."""
    columns = header.split(separator)
    row = [""] * len(columns)
    for column, cell in cells.items():
        at = int(column[1:]) if column[0] == "_" else columns.index(column)
        row[at] = '"' + cell.replace('"', '""') + '"' if '"' in cell or separator in cell or "\n" in cell else cell
    return row_of(header, separator.join(row))


# --- LinkedIn -----------------------------------------------------------------------------------------


def test_linkedin() -> None:
    assert row_of(LINKEDIN, "Gwen,Abara,linkedin.com/in/gwen,GWEN@example.org,Penhallow,Chair,12 Mar 2023") == {
        "name": "Gwen Abara",
        "given": "Gwen",
        "family": "Abara",
        "urls": ["https://linkedin.com/in/gwen"],
        "emails": ["gwen@example.org"],
        "organisation": "Penhallow",
        "title": "Chair",
        "connected_on": date(2023, 3, 12),
    }


@pytest.mark.parametrize(
    "preamble",
    [
        'Notes:\n"Some addresses are missing. See\nFirst Name,Last Name,Connected On\nfor more"\n\n',
        'Notes:\n"First Name, Last Name, Connected On"\n\n',
        "Notes:\nA sentence, without marks, that names Connected On\n",
    ],
)
def test_a_preamble_may_name_columns(preamble: str) -> None:
    assert names(f"{preamble}{LINKEDIN}\nGwen,Abara,,,,,12 Mar 2023\n") == ["Gwen Abara"]


def test_linkedin_saved_anew_with_semicolons() -> None:
    header, row = LINKEDIN.replace(",", ";"), "Gwen;Abara;;;A, B;;12 Mar 2023"
    assert row_of(header, row)["organisation"] == "A, B"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("15 Jun 2026", date(2026, 6, 15)),
        ("05 June 2026", date(2026, 6, 5)),
        ("7-Feb-22", date(2022, 2, 7)),
        ('"6/15/17, 3:14 PM"', date(2017, 6, 15)),
        ("12/1/2016", date(2016, 12, 1)),
        ("2026-06-15", date(2026, 6, 15)),
    ],
)
def test_dates(text: str, day: date) -> None:
    assert row_of(LINKEDIN, f"Gwen,,,,,,{text}")["connected_on"] == day


@pytest.mark.parametrize("text", ["31 Feb 2020", '"15/6/17, 3:14 PM"', "soon", "7-Foo-22", "0 Jan 2020", "2026"])
def test_what_is_no_date_is_a_problem_and_the_person_stays(text: str) -> None:
    assert read_bytes(f"{LINKEDIN}\nGwen,Abara,,,,,{text}\n") == (
        "linkedin",
        [{"name": "Gwen Abara", "given": "Gwen", "family": "Abara"}],
        [2],
    )


def test_only_linkedin_has_dates_of_connection() -> None:
    assert row_of("Name,E-mail,Connected On", "Gwen,,12 Mar 2023") == {"name": "Gwen"}


def test_ghosts_are_skipped_in_silence() -> None:
    rows = ",,,,,,12 Mar 2023\n,,https://x.example.org,,,,soon\n,,ftp://x,,,Chair,\n,,,,,,\n\n"
    assert read_bytes(f"{LINKEDIN}\n{rows}Gwen,,,,,,\n")[1:] == ([{"name": "Gwen", "given": "Gwen"}], [])


# --- Google -------------------------------------------------------------------------------------------


def test_google_current() -> None:
    assert filled(
        GOOGLE,
        **{"Name Prefix": "Dr", "First Name": "Tariq", "Middle Name": "B.", "Last Name": "Hale", "Name Suffix": "MBE"},
        **{"Organization Name": "One ::: Two", "Organization Title": "Fellow", "Organization Department": "Dep"},
        Notes="a ::: b\nc",
        Labels="* A ::: B ::: * myContacts ::: A",
        Birthday="1980-05-17",
        **{"E-mail 1 - Label": "Home", "E-mail 1 - Value": "one@example.org ::: TWO@example.org"},
        **{"E-mail 2 - Label": "* Work", "E-mail 2 - Value": "three@example.org ::: one@example.org"},
        **{"Phone 1 - Label": "Mobile", "Phone 1 - Value": "01632 1 ::: tel:01632 2"},
        **{"Website 1 - Label": "Blog", "Website 1 - Value": r"https\://a.example.org ::: b.example.org"},
        **{"Nickname": "T", "File As": "Hale, T", "Phonetic First Name": "tarik"},
    ) == {
        "name": "Dr Tariq B. Hale",
        "given": "Tariq",
        "family": "Hale",
        "organisation": "One",
        "title": "Fellow",
        "emails": ["three@example.org", "one@example.org", "two@example.org"],
        "phones": ["01632 1", "01632 2"],
        "urls": ["https://a.example.org", "https://b.example.org"],
        "notes": "a ::: b\nc",
        "tags": ["A", "B"],
    }


def test_google_older() -> None:
    assert filled(
        OLDER_GOOGLE,
        **{"Name": "Prof. Ines Cabral", "Given Name": "Ines", "Family Name": "Cabral", "Name Prefix": "Prof."},
        **{"Occupation": "No", "Group Membership": "* My Contacts ::: Policy ::: Starred in Android ::: starred"},
        **{"E-mail 1 - Type": "* ", "E-mail 1 - Value": "i@example.org", "E-mail 2 - Value": "j@example.org"},
        **{"Organization 2 - Name": "Second", "Organization 1 - Title": "Adviser"},
        **{"Phone 1 - Type": "Work Fax", "Phone 1 - Value": "01632 9"},
    ) == {
        "name": "Prof. Ines Cabral",
        "given": "Ines",
        "family": "Cabral",
        "organisation": "Second",
        "title": "Adviser",
        "emails": ["i@example.org", "j@example.org"],
        "tags": ["Policy"],
    }


def test_google_with_a_name_only_leaves_its_parts_empty() -> None:
    assert filled(OLDER_GOOGLE, Name="Una Fairbairn") == {"name": "Una Fairbairn"}


@pytest.mark.parametrize("label", ["Pager", "Home Fax", "* Work Fax", "PAGER"])
def test_googles_machines_are_no_phones(label: str) -> None:
    cells = {"First Name": "A", "Phone 1 - Label": label, "Phone 1 - Value": "1"}
    assert "phones" not in filled(GOOGLE, **cells)


# --- Outlook ------------------------------------------------------------------------------------------


def test_outlook_english() -> None:
    assert filled(
        OUTLOOK,
        **{"Title": "Prof.", "First Name": "Wilma", "Middle Name": "B", "Last Name": "Groot", "Suffix": "Jr."},
        **{"Company": "Lindenau", "Department": "Nursing", "Job Title": "Chair", "Business Fax": "1", "Pager": "2"},
        **{"Business Phone": "3", "Home Phone 2": "4", "Telex": "5", "Assistant's Phone": "6", "Manager's Name": "No"},
        **{"E-mail Address": "W@example.org", "E-mail 2 Address": "v@example.org", "Categories": "A;B; A"},
        **{"Notes": "a\r\nb;c", "Web Page": "w.example.org", "Personal Web Page": "http://p.example.org"},
    ) == {
        "name": "Prof. Wilma B Groot",
        "given": "Wilma",
        "family": "Groot",
        "organisation": "Lindenau",
        "title": "Chair",
        "emails": ["w@example.org", "v@example.org"],
        "phones": ["3", "4"],
        "urls": ["https://w.example.org", "http://p.example.org"],
        "notes": "a\nb;c",
        "tags": ["A", "B"],
    }


def test_outlook_german() -> None:
    assert filled(
        GERMAN,
        ";",
        **{"Anrede": "Frau Dr.", "Vorname": "Jörgine", "Weitere Vornamen": "B", "Nachname": "Weiß", "Firma": "Köln"},
        **{"Position": "Professorin", "Fax privat": "1", "Telefon geschäftlich 2": "2", "Mobiltelefon": "3"},
        **{"Funkruf": "4", "Telefon Assistent": "5", "E-Mail-Adresse": "j@example.org"},
        **{"E-Mail 2: Adresse": "k@example.org", "Kategorien": "A;B", "Notizen": "ja", "Webseite": "x.example.org"},
    ) == {
        "name": "Dr. Jörgine B Weiß",
        "given": "Jörgine",
        "family": "Weiß",
        "organisation": "Köln",
        "title": "Professorin",
        "emails": ["j@example.org", "k@example.org"],
        "phones": ["2", "3"],
        "urls": ["https://x.example.org"],
        "notes": "ja",
        "tags": ["A", "B"],
    }


def test_outlook_french_has_two_titles() -> None:
    assert filled(
        FRENCH,
        ";",
        _0="Mme",
        Prénom="Anaïs",
        Nom="Lefèvre",
        Société="Hôpital",
        Service="No",
        _7="Cheffe",
        **{"Téléphone (bureau)": "1", "Télécopie (bureau)": "2", "Tél. mobile": "3"},
        **{"Récepteur de radiomessagerie": "4", "Adresse de messagerie": "a@example.org"},
        **{
            "Adresse de messagerie 2": "b@example.org",
            "Catégories": "A;B",
            "Notes": "oui",
            "Page Web": "x.example.org",
        },
    ) == {
        "name": "Anaïs Lefèvre",
        "given": "Anaïs",
        "family": "Lefèvre",
        "organisation": "Hôpital",
        "title": "Cheffe",
        "emails": ["a@example.org", "b@example.org"],
        "phones": ["1", "3"],
        "urls": ["https://x.example.org"],
        "notes": "oui",
        "tags": ["A", "B"],
    }


@pytest.mark.parametrize(
    ("header", "separator", "address", "of_type", "display"),
    [
        (OUTLOOK, ",", "E-mail Address", "E-mail Type", "E-mail Display Name"),
        (OUTLOOK, ",", "E-mail 2 Address", "E-mail 2 Type", "E-mail 2 Display Name"),
        (GERMAN, ";", "E-Mail-Adresse", "E-Mail-Typ", "E-Mail: Angezeigter Name"),
        (GERMAN, ";", "E-Mail 2: Adresse", "E-Mail 2: Typ", "E-Mail 2: Angezeigter Name"),
        (FRENCH, ";", "Adresse de messagerie", "Type de messagerie", "Nom complet de l'adresse de messagerie"),
        (FRENCH, ";", "Adresse de messagerie 2", "Type de messagerie 2", "Nom complet de l’adresse de messagerie 2"),
    ],
)
def test_outlooks_inner_addresses(header: str, separator: str, address: str, of_type: str, display: str) -> None:
    family = next(name for name in ("Last Name", "Nachname", "Nom") if name in header.split(separator))
    inner = {family: "Lee", address: "/o=Example/ou=First/cn=ann", of_type: "EX"}
    found = filled(header, separator, **inner, **{display: "Ann Lee (Ann@example.org)"})
    assert found["emails"] == ["ann@example.org"]
    fax = {family: "Lee", address: "Ann@+44 1632", of_type: "FAX", display: "Fax (ann@example.org)"}
    assert filled(header, separator, **fax) == {"name": "Lee", "family": "Lee"}


def test_an_inner_address_without_another_is_a_problem() -> None:
    header = "Last Name,E-mail Address,E-mail Type,E-mail Display Name,Web Page"
    assert read_bytes(f"{header}\nLee,/O=Example/cn=ann,EX,Ann Lee,\n")[1:] == ([{"name": "Lee", "family": "Lee"}], [2])


# --- Any other table ----------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["Name", "Full name", "Nom", "full_name", "FULL  NAME"])
def test_a_name_in_one_column(header: str) -> None:
    assert row_of(f"{header},E-mail", "Ann Lee,a@example.org") == {"name": "Ann Lee", "emails": ["a@example.org"]}


@pytest.mark.parametrize("header", ["First name,Surname", "Vorname,Name", "Prénom,Nom", "firstname,lastname"])
def test_a_name_in_two_columns(header: str) -> None:
    assert row_of(header, "Ann,Lee") == {"name": "Ann Lee", "given": "Ann", "family": "Lee"}


@pytest.mark.parametrize(
    "header",
    ["E-mail", "Email Address", "email_address", "Work e-mail", "E-Mail-Adresse", "Courriel", "Mail", "Email 2"],
)
def test_a_table_of_addresses_only(header: str) -> None:
    assert row_of(header, "a@example.org") == {"name": "a@example.org", "emails": ["a@example.org"]}


def test_other_columns_of_an_own_table() -> None:
    header = "Name\tWhere\tRole\tMobile\tFax\tLinkedIn\tTags\tComments\tFavourite colour"
    assert row_of(header, "Ann\tMoorside\tHead\t01632 1\t9\tlinkedin.com/in/a\tA; B\tOld friend\tblue") == {
        "name": "Ann",
        "organisation": "Moorside",
        "title": "Head",
        "phones": ["01632 1"],
        "urls": ["https://linkedin.com/in/a"],
        "tags": ["A", "B"],
        "notes": "Old friend",
    }


def test_a_title_of_courtesy_or_of_a_job() -> None:
    assert row_of("Title,Name", "Dr,Ann Lee")["name"] == "Dr Ann Lee"
    assert row_of("Title,Name", "Head of it,Ann Lee") == {"name": "Ann Lee", "title": "Head of it"}
    found = row_of("Title,First name,Last name,Job title", "Mrs,Ann,Lee,Head")
    assert (found["name"], found["title"]) == ("Ann Lee", "Head")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators(separator: str) -> None:
    assert row_of(separator.join(["Name", "Company", "E-mail"]), separator.join(["Ann", "X", "a@example.org"])) == {
        "name": "Ann",
        "organisation": "X",
        "emails": ["a@example.org"],
    }


@pytest.mark.parametrize("told", ["sep=;", "SEP=;", '"sep=;"', "\ufeffsep=;"])
def test_a_told_separator_is_obeyed(told: str) -> None:
    found = read_bytes(f"{told}\nName;Company, Email\nAnn, Bob;X\nCal;a@@b\n")
    assert [person["name"] for person in found[1]] == ["Bob Ann", "Cal"]


def test_any_separator_may_be_told() -> None:
    assert read_bytes("sep=|\nName|Email\nAnn|a@@b\n") == ("csv", [{"name": "Ann"}], [3])


# --- Cells and rows -----------------------------------------------------------------------------------


def test_quotation_marks() -> None:
    cells = 'Name,Company\n"Ann ""A"" Lee","X, Y\nZ"\nOwen "Taff" Rees,5" pipes\n"Cal",""\n"Dee" Lee,\n'
    assert [(one["name"], one.get("organisation")) for one in read_bytes(cells)[1]] == [
        ('Ann "A" Lee', "X, Y Z"),
        ('Owen "Taff" Rees', '5" pipes'),
        ("Cal", None),
        ("Dee Lee", None),
    ]


@pytest.mark.parametrize(
    "rows",
    [
        'Ann,\n"Bob,b@example.org\nCal,c@example.org\n',
        'Ann,\nBob,"b@example.org\nCal,c@example.org\n',
        'Ann,\n"Bob,b@example.org\nCal,"c@example.org"\n',  # the mark of the next row is no end of this one
        'Ann,\n"Bob,b@example.org\n"Cal",c@example.org\n',
    ],
)
def test_a_mark_that_is_never_closed_costs_its_line_only(rows: str) -> None:
    _, people, problems = read_bytes(f"Name,Email\n{rows}")
    assert ([person["name"] for person in people], problems) == (["Ann", "Cal"], [3])


def test_an_open_mark_on_the_last_line() -> None:
    assert read_bytes('Name\nAnn\n"Bob')[1:] == ([{"name": "Ann"}], [3])


def test_more_cells_than_the_header() -> None:
    found = read_bytes("Name,Email\nAnn,a@example.org,,\nBob,b@example.org,,x\nCal\n")
    assert ([person["name"] for person in found[1]], found[2]) == (["Ann", "Cal"], [3])


def test_a_header_met_again_is_skipped() -> None:
    rows = "Ann,\nNAME,e-mail\n\ufeffName,E-mail\nName,b@example.org\n"
    assert names(f"Name,E-mail\n{rows}") == ["Ann", "Name"]


def test_two_columns_of_one_name() -> None:
    header = "Name,Name,Email,Email,Phone,Phone,Company,Company,Notes,Notes,URL,URL"
    assert row_of(header, ",Ann,a@example.org,b@example.org,1,2,,X,one,two,c.example.org,d.example.org") == {
        "name": "Ann",
        "emails": ["a@example.org", "b@example.org"],
        "phones": ["1", "2"],
        "organisation": "X",
        "notes": "one",
        "urls": ["https://c.example.org", "https://d.example.org"],
    }


@pytest.mark.parametrize("header", [LINKEDIN, GOOGLE, OLDER_GOOGLE, OUTLOOK, "Name,Email"])
def test_nobody_below_a_header(header: str) -> None:
    for below in ("", "\n", f"\n{header}\n,,\n\n"):
        assert read_bytes(f"\n{header}{below}")[1:] == ([], [2])


def test_problems_are_on_the_first_line_of_their_row_once_for_each_cause() -> None:
    rows = '"A\nB",x@@y; z@@z,ftp://x\nCal,a@@b,\n'
    assert read_bytes(f"Name,Email,URL\n{rows}")[2] == [2, 2, 4]


def test_the_same_person_twice_is_two_people() -> None:
    assert names("Name,Email\nAnn,a@example.org\nAnn,a@example.org\n") == ["Ann", "Ann"]


def test_several_addresses_in_one_cell() -> None:
    cell = '"Hart, Ann <a@example.org>; mailto:B@example.org, c@example.org"'
    assert row_of("Name,Email", f"Ann,{cell}")["emails"] == ["a@example.org", "b@example.org", "c@example.org"]
