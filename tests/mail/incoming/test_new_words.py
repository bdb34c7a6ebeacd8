"""What somebody wrote now, told from what their mail program and servers added."""

from __future__ import annotations

import pytest

from tests.mail.incoming.mails import ALICE, ANSWER, multipart, understood, words, words_of_html

QUOTE = "> Dear Bob,\n>\n> May I ask?"
WHO = f"Alice Moss <{ALICE}>"


@pytest.mark.parametrize(
    "attribution",
    [
        f"On Mon, 9 Nov 2026 at 08:00, {WHO} wrote:",
        f"On Mon, 9 Nov 2026 at 08:00, {WHO}\nwrote:",
        f"On Mon, 9 Nov 2026 at 08:00, Alice\nMoss <{ALICE}>\nwrote:",
        "On 9/11/26 8:00 am, Alice Moss wrote:",
        "On 09.11.2026 08:00, Alice Moss wrote:\n",
        f"On Nov 9, 2026, at 8:00 AM, {WHO} wrote:\n\n\n\n\n",
        f"> On 9 Nov 2026, at 08:00, {WHO} wrote:\n>",
        f"> On 9 Nov 2026, at 08:00, Alice Moss\n<{ALICE}> wrote:\n>",
        f"> On 9 Nov 2026, at 08:00, {WHO}\nwrote:",
        f"Am Mo., 9. Nov. 2026 um 08:00 Uhr schrieb {WHO}:",
        f"Am Mo., 9. Nov. 2026 um 08:00 Uhr schrieb Alice Moss\n<{ALICE}>:",
        "Am 09.11.26 um 08:00 schrieb Alice Moss:",
        f"Le lun. 9 nov. 2026 à 08:00, {WHO} a écrit :",
        f"Le lun. 9 nov. 2026 à 08:00, {WHO} a\nécrit\u00a0:",
        "Le 09/11/2026 à 08:00, Alice Moss a écrit\u202f:",
        f"El lun, 9 nov 2026 a las 8:00, {WHO} escribió:",
        f"El lun, 9 nov 2026 a las 8:00, Alice Moss (<{ALICE}>)\nescribió:",
        f"Ar Llun, 9 Tach 2026 am 08:00, ysgrifennodd {WHO}:",
        f"Ar 9 Tachwedd 2026 ysgrifennodd Alice Moss\n<{ALICE}>:",
        f"2026-11-09 8:00 GMT+00:00 {WHO}:",
        f"{WHO} schrieb am Mo., 9. Nov. 2026, 08:00:",
        f"{WHO} wrote on Monday:",
        "Alice Moss wrote:",
    ],
)
def test_quotes_go_with_the_lines_that_say_whose_they_are(attribution: str) -> None:
    assert words(f"Yes, gladly.\n\nBob\n\n{attribution}\n{QUOTE}") == "Yes, gladly.\n\nBob"
    assert words(f"Yes, gladly.\n{attribution}\n{QUOTE}\n\nBob") == "Yes, gladly.\n\nBob"


def test_what_yahoo_and_zoho_quote_without_marks_goes() -> None:
    assert (
        words(f"Yes.\n\n On Monday, 9 November 2026 at 08:00:00 GMT, {WHO} wrote:  \n \n Dear Bob,\n May I?") == "Yes."
    )
    assert words(f"Yes.\n\nOn Monday, 9 November 2026 at 08:00:00 GMT, Alice\n<{ALICE}> wrote:\n\nDear Bob,") == "Yes."
    assert words(f"Yes.\n\n---- On Mon, 09 Nov 2026 08:00:00 +0000 {WHO} wrote ----\n\nDear Bob,") == "Yes."
    assert words("On Monday at 9:00 somebody wrote:\nno.") == "On Monday at 9:00 somebody wrote:\nno."


def test_an_attribution_whose_quote_was_cut_off_goes_too() -> None:
    assert words(f"Yes.\n\nOn Mon, 9 Nov 2026 at 08:00, {WHO} wrote:\n") == "Yes."
    assert words(f"Yes.\n\nOn Mon, 9 Nov 2026 at 08:00, {WHO} wrote:\n\n-- \nBob") == "Yes."


@pytest.mark.parametrize(
    "text",
    [
        "On Friday my colleague wrote:\nit is too late.",
        "I liked what you wrote:\nit is a good question.",
        "From: the number on our website.\nCall me.",
        "My times:\nFrom: 10 am\nTo: noon",
        "On Friday I can.\n\nBob",
        "On Friday\nI can.",
        "Subject: mentoring\nDate: any",
        "From: Leeds\nTo: London\nDate: Friday",
        "This message is to say that I am outside today.",
        "Warning: I answer slowly.",
        "A list:\n- one\n- two",
        "--\nNot a signature",
        "---\nBob",
        "The original message was lost.",
        "Kind regards\nBob Lee\nDirector\n+44 20 7946 0000",
        "This message may contain confidential words.",
        "I am outside the organisation this week, ring me.",
        "Sent you a note from my iPhone yesterday.",
        "Caution is good, but let us talk.",
        "5 > 3, and a -> b",
        "See you on the 9th:\nAlice",
        "Indented\n    code stays",
        "a  b",
        "________\nrules stay",
    ],
)
def test_what_somebody_wrote_stays(text: str) -> None:
    assert words(text) == text


def test_answers_between_quotes_stay_in_their_order() -> None:
    body = f"See below.\n\n{WHO} wrote:\n> One?\n\nYes.\n\n> Two?\nNo.\n> Three?\n\n\n\nPerhaps.\n"
    assert words(f"{body}>> deeper\n> > spaced\n\nBob") == "See below.\n\nYes.\n\nNo.\n\nPerhaps.\n\nBob"


def test_the_rest_of_a_quoted_line_that_was_broken_goes() -> None:
    long = "> and I would like to know how you found your way into the work that you do"
    address = "> https://www.example.org/a/long/address/that/goes/on/and/on/for/ever/"
    assert words(f"Yes.\n{long}\ntoday.\n> Thanks") == "Yes."
    assert words(f"Yes.\n{address}\nAnd/on\n> Thanks") == "Yes."
    assert words(f"{long}.\nNo.\n> Thanks") == "No."
    assert words("> Could you?\nyes, gladly\n> Thanks") == "yes, gladly"
    assert words(f"{long}?\nyes, gladly\n> Thanks") == "yes, gladly"


OUTLOOK = {
    "English": "From: Alice\nSent: 09 November 2026 08:00\nTo: Bob\nSubject: Hello",
    "English, Mac": "From: Alice\nDate: Monday, 9 November 2026 at 08:00\nTo: Bob\nSubject: Hello",
    "with Cc": "From: Alice\nSent: 09 November 2026 08:00\nTo: Bob\nCc: Charlie;\n  Dora\nSubject: Hello",
    "bold": "*From:* Alice\n*Sent:* 09 November 2026 08:00\n*To:* Bob\n*Subject:* Hello",
    "bold, colon outside": "**From**: Alice\n**Sent**: Monday\n**To**: Bob\n**Subject**: Hello",
    "German": "Von: Alice\nGesendet: Montag, 9. November 2026 08:00\nAn: Bob\nBetreff: Hello",
    "French": "De : Alice\nEnvoyé : lundi 9 novembre 2026 08:00\nÀ : Bob\nObjet : Hello",
    "French, hard blanks": "De\u00a0: Alice\nEnvoyé\u00a0: lundi\nÀ\u00a0: Bob\nObjet\u00a0: Hello",
    "Spanish": "De: Alice\nEnviado: lunes, 9 de noviembre de 2026 8:00\nPara: Bob\nAsunto: Hello",
    "Welsh": "Oddi wrth: Alice\nAnfonwyd: 09 Tachwedd 2026 08:00\nAt: Bob\nPwnc: Hello",
    "capitals": "FROM: Alice\nSENT: today\nTO: Bob\nSUBJECT: Hello",
    "spread": "From: Alice\n\nSent: 09 November 2026 08:00\n\nTo: Bob\n\nSubject: Hello",
    "date first": "Date: Thu, 26 Nov 2026 13:53:45 +0400\nSubject: Hello\nFrom: Alice\nTo: Bob",
    "folded subject": "From: Alice\nSubject: Hello\n  once more\nDate: Monday\nTo: Bob",
    "without addressee": "From: Alice\nSent: 09 November 2026 08:00\nSubject: Hello",
    "original": "-----Original Message-----\nFrom: Alice",
    "original, alone": "-----Original Message-----",
    "original, Samsung": "-------- Original message --------",
    "original, German": "-----Ursprüngliche Nachricht-----",
    "original, French": "-----Message d'origine-----",
    "original, French, curly": "-----Message d’origine-----",
    "original, Spanish": "-----Mensaje original-----",
    "original, Welsh": "-----Neges Wreiddiol-----",
    "original, underscores": "_____ Original message _____",
}


@pytest.mark.parametrize("block", OUTLOOK.values(), ids=OUTLOOK)
@pytest.mark.parametrize("rule", ["", "_" * 32 + "\n", "\n" + "-" * 40 + "\n\n"])
def test_an_outlook_block_ends_what_is_new(block: str, rule: str) -> None:
    assert words(f"Gladly.\nBob\n\n{rule}{block}\n\nDear Bob\nYes, here below I answer.") == "Gladly.\nBob"


BANNERS = [
    "CAUTION: This message came from outside the organisation. Please do not follow links.",
    "CAUTION: External email. Do not click links.",
    "[EXTERNAL]",
    "EXTERNAL EMAIL",
    "[EXTERNAL SENDER] Think before you click.",
    "WARNING: This email originated outside of our organisation.",
    "This message originated from outside of NHSmail. Please do not click links or open attachments unless you\n"
    "recognise the sender and know the content is safe.",
    "This email was sent from outside the University. Do not click on links.",
    "You don't often get email from alice.moss@trust.example.org. Learn why this is important<https://x.example.org>",
    "You don’t often get email from alice.moss@trust.example.org. Learn why this is\nimportant<https://x.example.org>",
    "Some people who received this message don't often get email from alice@x. Learn why this is important",
    "CAUTION:\nThis email originated from outside the organisation.\nDo not click links or open attachments.",
    "CAUTION: Please take care.",
    "EXTERNAL: Think first.",
    "This message is from an external sender.",
    "**** CAUTION: This e-mail is from an external sender ****",
    "********************\nCAUTION: This mail is from outside.\n********************",
    "ACHTUNG: Diese E-Mail kommt von außerhalb der Organisation.",
    "VORSICHT: Externe E-Mail. Klicken Sie nicht auf Links.",
    "Sie erhalten nicht oft eine E-Mail von alice@x. Erfahren Sie, warum dies wichtig ist",
    "ATTENTION : Ce message provient de l'extérieur de l'organisation.",
    "Vous n'obtenez pas souvent d'e-mail à partir de alice@x. Pourquoi c'est important",
    "PRECAUCIÓN: Este correo proviene de fuera de la organización.",
    "No suele recibir correo electrónico de alice@x. Por qué es importante",
    "RHYBUDD: Daeth y neges hon o'r tu allan i'r sefydliad.",
]


@pytest.mark.parametrize("banner", BANNERS)
def test_banners_at_the_top_go_and_the_first_words_stay(banner: str) -> None:
    assert words(f"{banner}\n\nHello Alice\n\nYes.") == "Hello Alice\n\nYes."
    assert words(f"{BANNERS[8]}\n\n{banner}\n\n\nHello") == "Hello"
    assert words(f"Hello\n\n{banner}") != "Hello"


def test_a_short_banner_is_not_taken_for_more_than_its_line() -> None:
    assert words("[EXTERNAL]\nSee the links and attachments.") == "See the links and attachments."


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my iPhone",
        "sent from my mobile, please excuse typos",
        "Get Outlook for iOS<https://aka.example.org/o0ukef>",
        "Get Outlook for Android",
        "Sent from Outlook for iOS",
        "Von meinem iPhone gesendet",
        "Gesendet von meinem iPad",
        "Holen Sie sich Outlook für iOS",
        "Envoyé de mon iPhone",
        "Télécharger Outlook pour iOS",
        "Enviado desde mi iPhone",
        "Obtener Outlook para Android",
        "Anfonwyd o fy iPhone",
    ],
)
def test_what_a_telephone_adds_goes(line: str) -> None:
    assert words(f"Yes.\n\n{line}\n\n{QUOTE}") == "Yes."
    assert words(f"Yes.\n{line}\nBob") == "Yes.\nBob"


@pytest.mark.parametrize("mark", ["-- ", "--\u00a0"])
def test_the_line_of_two_dashes_and_a_blank_ends_what_is_new(mark: str) -> None:
    assert words(f"Yes.\n{mark}\nBob\n{QUOTE}\nlost") == "Yes."
    assert words(f"> quoted\n> -- \n> Alice\nYes.\n{mark}\nBob") == "Yes."


def test_blanks_and_empty_lines_are_tidied() -> None:
    assert words("\u00a0\nYes,\u00a0gladly. \t\r\n\r\n \r\n\u200b\r\n\r\nBob\u00a0\r\n\r\n") == "Yes, gladly.\n\nBob"
    assert words(" \n\n") == ""
    assert words(QUOTE) == ""
    assert words("a\rb\x00c") == "a\nbc"


FLOWED = "Content-Type: text/plain; charset=utf-8; FORMAT=Flowed"


def test_flowed_lines_are_joined_and_unstuffed() -> None:
    assert (
        words("One \nline, \nbroken.\n\n From here\n > typed\n  two", FLOWED)
        == "One line, broken.\n\nFrom here\n> typed\n two"
    )
    assert words("One \nline", FLOWED + "; DelSp=yes") == "Oneline"
    assert words("One \n> quoted \n> on\ntwo", FLOWED) == "One\ntwo"
    assert words("Yes. \n-- \nBob \nLee", FLOWED) == "Yes."
    assert words(f"Yes.\n\nOn Mon, 9 Nov 2026, \n{WHO} \nwrote:\n> x", FLOWED) == "Yes."
    assert words("Ends with one ", FLOWED) == "Ends with one"
    assert words("One \nline") == "One\nline"
    assert words("One=20\nline", FLOWED, "Content-Transfer-Encoding: quoted-printable") == "One line"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>Dear Alice,</p><p>Yes.<br>Bob</p>", "Dear Alice,\n\nYes.\nBob"),
        ("<p>One</p>two<br>three<p>four<br>five", "One\n\ntwo\nthree\n\nfour\nfive"),
        ("<div>Dear Alice,</div><div><br></div><div>Yes.</div>", "Dear Alice,\n\nYes."),
        ("<p style='margin:0cm 0 0'>A</p><p style=\"x:y;margin: 0\">B</p>", "A\nB"),
        ("<p style='margin:0 0 16px'>A</p><p style='mso-style:x'>B</p>", "A\n\nB"),
        ("<p class=MsoNormal>Regards</p>\n<p class=MsoNormal>Bob</p>", "Regards\nBob"),
        (
            "<p class=MsoNormal>A<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>B</p>",
            "A\n\nB",
        ),
        ("one\n  two <b>th</b>ree&nbsp;&amp; f&#246;ur &lt;x&gt;", "one two three & föur <x>"),
        ("<style>p{}</style><script>x()</script><title>T</title>Hi<!-- <p>no</p> -->!", "Hi!"),
        ("<html><head><meta charset=x><style>a>b</style></head><body>Hi</body></html>", "Hi"),
        ("<head>no<body>Hi", "Hi"),
        ('<a title="a > b" href=x>link</a>', "link"),
        ("<p>unclosed <b>bold<p>next", "unclosed bold\n\nnext"),
        ("2 < 3 and 5 > 4 <", "2 < 3 and 5 > 4 <"),
        ("Yes<blockquote>quoted<br>more</blockquote>after", "Yes\nafter"),
        ("Yes<blockquote><blockquote>a</blockquote>b</blockquote></blockquote>c", "Yes\nc"),
        (
            f"<div>Yes</div><div>On 9 Nov 2026, Alice &lt;<a href='mailto:{ALICE}'>{ALICE}</a>&gt; wrote:<br></div>"
            "<blockquote>Dear Bob</blockquote>",
            "Yes",
        ),
        (
            "Yes<hr><div><b>From:</b> Alice<br><b>Sent:</b> Monday<br><b>To:</b> Bob<br><b>Subject:</b> Hi</div>old",
            "Yes",
        ),
        ("Yes<p><span><b>Von:</b> A<br><b>Gesendet:</b> B<br><b>An:</b> C<br><b>Betreff:</b> D</span></p>old", "Yes"),
        ("Yes<br>-- <br>Bob", "Yes"),
        ("Yes<div>--&nbsp;</div><div>Bob</div>", "Yes"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("<pre>one\n  two</pre>", "one\n  two"),
        ("<table><tr><td>CAUTION: This message came from outside.</td></tr></table><p>Hi</p>", "Hi"),
        ("<div>Yes</div><div>Sent from my iPhone</div>", "Yes"),
        ("&gt; quoted<br>Yes", "Yes"),
        ("<!-- never closed <p>Yes</p>", "never closed\n\nYes"),
        ("Hi <a href='x>never closed</a> there", "Hi never closed there"),
        ("<![if !mso]>Hi<![endif]>", "Hi"),
        ("<BR/>Hi<br />there<BR>", "Hi\nthere"),
    ],
)
def test_html_is_read_as_a_browser_shows_it(body: str, expected: str) -> None:
    assert words_of_html(body) == expected


def words_of_parts(*parts: str, kind: str = "alternative") -> str | None:
    return understood(multipart(*parts, kind=kind, headers=(ANSWER,))).new_text


PLAIN, HTML = "Content-Type: text/plain\n\n{}", "Content-Type: text/html\n\n{}"


def test_plain_text_is_read_unless_it_is_empty() -> None:
    assert words_of_parts(PLAIN.format("plain"), HTML.format("html")) == "plain"
    assert words_of_parts(HTML.format("html"), PLAIN.format("plain")) == "plain"
    assert words_of_parts(PLAIN.format(" \n\xa0"), HTML.format("html")) == "html"
    assert words_of_parts(PLAIN.format(QUOTE), HTML.format("html")) == ""
    assert (
        words_of_parts(PLAIN.format(""), "Content-Type: application/ms-tnef; name=winmail.dat\n\nx", kind="mixed") == ""
    )


def test_attachments_are_no_words_and_several_texts_are_one() -> None:
    file = "Content-Type: text/plain; name=a.txt\n\nfile"
    disposed = "Content-Type: text/plain\nContent-Disposition: ATTACHMENT\n\nfile"
    picture = "Content-Type: image/png; name=a.png\n\nx"
    assert words_of_parts(PLAIN.format("one"), file, disposed, picture, PLAIN.format("two"), kind="mixed") == "one\ntwo"
    assert words_of_parts(HTML.format("one"), picture, kind="related") == "one"
    inner = (
        f"Content-Type: multipart/alternative; boundary=c\n\n--c\n{PLAIN.format('')}\n--c\n{HTML.format('html')}\n--c--"
    )
    assert words_of_parts(inner, PLAIN.format("A list adds this."), kind="mixed") == "html\nA list adds this."
    nested = f"Content-Type: multipart/related; boundary=d\n\n--d\n{inner}\n--d\n{picture}\n--d--"
    assert words_of_parts(nested, picture, kind="mixed") == "html"


def test_an_attached_mail_is_not_what_was_written_now() -> None:
    attached = "Content-Type: message/rfc822\n\nFrom: x\n\nold words"
    assert words_of_parts(PLAIN.format("Yes."), attached, kind="mixed") == "Yes."
