"""The people of the demo account: fictional throughout, all addresses at example.org."""

from __future__ import annotations

from typing import NamedTuple

from mentoring.demo.account import Demo
from portfolio.models import Person, PersonEmail, PersonTag, Tag


class Someone(NamedTuple):
    key: str
    name: str
    headline: str
    organisation: str
    sector: str
    source: str
    detail: str = ""
    tags: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        return f"{self.key}@example.org"


PEOPLE: tuple[Someone, ...] = (
    Someone(
        "margaret.osei",
        "Margaret Osei",
        "Professor of health services research",
        "University of Aldermere",
        "Higher education",
        "circle",
        "Former supervisor",
    ),
    Someone(
        "tomasz.wren",
        "Tomasz Wren",
        "Senior fellow, trials",
        "Northfields Institute",
        "Health research",
        "body",
        "Northfields Programme",
    ),
    Someone(
        "rukhsana.dale",
        "Rukhsana Dale",
        "Head of evaluation",
        "Calder Valley Hospitals",
        "Health",
        "circle",
        "Colleague in another department",
    ),
    Someone(
        "gwen.abara",
        "Prof. Gwen Abara",
        "Chair of a funding panel",
        "University of Penhallow",
        "Higher education",
        "academic",
        "Examined my thesis",
        ("funding",),
    ),
    Someone(
        "henrik.solberg",
        "Henrik Solberg",
        "Director of research",
        "Nordlys Health",
        "Health research",
        "linkedin",
        "Commented on my trial protocol",
    ),
    Someone(
        "priya.nand",
        "Priya Nand",
        "Commissioning lead",
        "Wexcombe Council",
        "Social care",
        "friend",
        "Recommended by Henrik Solberg",
        ("commissioning",),
    ),
    Someone(
        "callum.reith",
        "Callum Reith",
        "Head of social-care commissioning",
        "Strathmoor Partnership",
        "Social care",
        "friend",
        "Margaret knows him",
        ("commissioning",),
    ),
    Someone(
        "delphine.okafor",
        "Delphine Okafor",
        "Programme manager",
        "Care Research Forum",
        "Social care",
        "body",
        "Spoke at the spring meeting",
        ("commissioning",),
    ),
    Someone(
        "aled.pryce",
        "Aled Pryce",
        "Trial statistician",
        "Calder Valley Hospitals",
        "Health",
        "circle",
        "Shares the office",
    ),
    Someone(
        "bea.lindqvist",
        "Bea Lindqvist",
        "Research nurse lead",
        "Calder Valley Hospitals",
        "Health",
        "circle",
        "First project together",
    ),
    Someone(
        "colm.farrelly", "Colm Farrelly", "Former head of unit", "Retired", "Health research", "circle", "Former boss"
    ),
    Someone(
        "dinah.akhtar",
        "Dinah Akhtar",
        "Consultant geriatrician",
        "Calder Valley Hospitals",
        "Health",
        "circle",
        "Co-applicant",
    ),
    Someone(
        "emeka.udo",
        "Emeka Udo",
        "Trial manager",
        "Brackenhill Trials Unit",
        "Health research",
        "circle",
        "Left for another organisation",
    ),
    Someone(
        "fleur.marchetti",
        "Fleur Marchetti",
        "Lecturer in social work",
        "University of Aldermere",
        "Higher education",
        "academic",
        "Reading group",
    ),
    Someone(
        "gethin.rowe",
        "Gethin Rowe",
        "Dean of research",
        "University of Penhallow",
        "Higher education",
        "academic",
        "Former professor",
    ),
    Someone(
        "hana.sorensen",
        "Hana Sørensen",
        "Health economist",
        "Nordlys Health",
        "Health research",
        "linkedin",
        "Connected after a webinar",
    ),
    Someone(
        "ines.cabral",
        "Inês Cabral",
        "Policy adviser",
        "Care Policy Office",
        "Social care",
        "friend",
        "A friend of Bea’s",
    ),
    Someone(
        "jonas.weir",
        "Jonas Weir",
        "Data manager",
        "Brackenhill Trials Unit",
        "Health research",
        "circle",
        "Worked together on registry data",
    ),
    Someone(
        "kezia.brandt", "Kezia Brandt", "Public involvement lead", "Involve Together", "Charity", "body", "Public panel"
    ),
    Someone(
        "liam.oduya", "Liam Oduya", "Editor", "Journal of Care Trials", "Publishing", "linkedin", "Invited my review"
    ),
    Someone(
        "mair.bevan",
        "Mair Bevan",
        "Director of nursing",
        "Calder Valley Hospitals",
        "Health",
        "circle",
        "Sponsor of my first grant",
    ),
    Someone(
        "nils.aaker",
        "Nils Aaker",
        "Professor of statistics",
        "University of Aldermere",
        "Higher education",
        "academic",
        "Taught me survival analysis",
    ),
    Someone(
        "orla.keane",
        "Orla Keane",
        "Research funding manager",
        "Longmead Foundation",
        "Charity",
        "body",
        "Funders’ open day",
        ("funding",),
    ),
    Someone(
        "pavel.novotny",
        "Pavel Novotný",
        "Implementation scientist",
        "Institute of Practice",
        "Health research",
        "linkedin",
        "Same working group",
    ),
    Someone(
        "quita.mensah",
        "Quita Mensah",
        "Care home manager",
        "Larkrise Homes",
        "Social care",
        "friend",
        "Rukhsana’s neighbour",
    ),
    Someone(
        "rhys.talbot",
        "Rhys Talbot",
        "Head of research governance",
        "Calder Valley Hospitals",
        "Health",
        "circle",
        "Ethics committee",
    ),
    Someone(
        "siobhan.lacey",
        "Siobhán Lacey",
        "Trial methodologist",
        "Greyfriars Institute",
        "Health research",
        "body",
        "Methods network",
    ),
    Someone(
        "tariq.hale",
        "Tariq Hale",
        "Social-care researcher",
        "University of Wexcombe",
        "Social care",
        "academic",
        "Met at a doctoral school",
    ),
    Someone(
        "una.fairbairn",
        "Una Fairbairn",
        "Leadership coach in training",
        "Moorside College",
        "Higher education",
        "academic",
        "Needs practice hours",
    ),
    Someone(
        "viktor.ahn", "Viktor Ahn", "Chief scientist", "Longmead Foundation", "Charity", "linkedin", "Follows our trial"
    ),
    Someone(
        "wilma.groot",
        "Wilma Groot",
        "Professor of social care",
        "University of Lindenau",
        "Higher education",
        "linkedin",
        "Wrote the review I lean on",
    ),
    Someone(
        "xanthe.moor",
        "Xanthe Moor",
        "Communications lead",
        "Calder Valley Hospitals",
        "Health",
        "circle",
        "Press release of 2025",
    ),
    Someone(
        "yusuf.iqbal",
        "Yusuf Iqbal",
        "General practitioner",
        "Millbrook Surgery",
        "Health",
        "friend",
        "Aled’s running partner",
    ),
    Someone(
        "zofia.lem",
        "Zofia Lem",
        "Fellow",
        "Northfields Institute",
        "Health research",
        "body",
        "Year above me in the programme",
    ),
    Someone(
        "abigail.stroud",
        "Abigail Stroud",
        "Service user researcher",
        "Involve Together",
        "Charity",
        "body",
        "Co-author",
    ),
    Someone(
        "bruno.ferrand",
        "Bruno Ferrand",
        "Head of strategy",
        "Strathmoor Partnership",
        "Social care",
        "other",
        "Sat next to me on a train",
    ),
    Someone(
        "carys.lowther",
        "Carys Lowther",
        "Senior lecturer",
        "University of Aldermere",
        "Higher education",
        "academic",
        "Second reader",
    ),
    Someone(
        "dev.raman", "Dev Raman", "Health informatician", "Greyfriars Institute", "Health research", "other", "Choir"
    ),
)


def tell(demo: Demo) -> None:
    tags: dict[str, Tag] = {}
    for someone in PEOPLE:
        person = Person.objects.create(
            owner=demo.user,
            name=someone.name,
            headline=someone.headline,
            organisation=someone.organisation,
            sector=someone.sector,
            source=someone.source,
            source_detail=someone.detail,
        )
        PersonEmail.objects.create(owner=demo.user, person=person, address=someone.email)
        for name in someone.tags:
            tag = tags.get(name) or Tag.objects.create(owner=demo.user, name=name)
            tags[name] = tag
            PersonTag.objects.create(owner=demo.user, person=person, tag=tag)
        person.save(update_fields=["name"])  # updates the search column, which includes tags and addresses
        demo.people[someone.key.split(".")[0]] = person
