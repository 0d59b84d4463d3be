//! What kind of body a name suggests, and which names are no body at all.

use std::{collections::BTreeSet, sync::LazyLock};

use super::words::{VOCABULARY, expand, segments, shorten, stem};

crate::coded! { OrganisationKind "What kind of body an organisation is." {
    PartnerSupportProvider "PARTNER_SUPPORT_PROVIDER" "An agency inside the Alliance. Never guessed: it follows from a contract, not from a name.",
    DistrictCouncil "DISTRICT_COUNCIL" "A district, borough or city council, or a team of one.",
    CountyCouncil "COUNTY_COUNCIL" "The county council, or a team of it that is not social services.",
    SocialServicesAdults "SOCIAL_SERVICES_ADULTS" "Social services for adults, and social services that do not say for whom.",
    SocialServicesChildren "SOCIAL_SERVICES_CHILDREN" "Social services for children, safeguarding hubs among them.",
    Probation "PROBATION" "Probation and community rehabilitation.",
    Prison "PRISON" "A prison or young offender institution.",
    Police "POLICE" "Police.",
    NhsMentalHealth "NHS_MENTAL_HEALTH" "Mental health teams, centres and trusts.",
    NhsPrimaryCare "NHS_PRIMARY_CARE" "General practice.",
    NhsHospital "NHS_HOSPITAL" "A hospital or an NHS body that says no more.",
    NhsCommunity "NHS_COMMUNITY" "Health visitors, midwives, community nurses and therapists.",
    Jobcentre "JOBCENTRE" "Jobcentre Plus and the Department for Work and Pensions.",
    HousingAssociation "HOUSING_ASSOCIATION" "A housing association or other social landlord.",
    SchoolOrCollege "SCHOOL_OR_COLLEGE" "A nursery, school, college or university.",
    DomesticAbuseService "DOMESTIC_ABUSE_SERVICE" "Services for survivors of domestic or sexual abuse.",
    AdviceOrLawService "ADVICE_OR_LAW_SERVICE" "Advice agencies, law centres, solicitors.",
    HomelessnessCharity "HOMELESSNESS_CHARITY" "Charities for people without a home.",
    FamilyService "FAMILY_SERVICE" "Family support, early help, children's centres, young carers.",
    FaithGroup "FAITH_GROUP" "Churches and other faith groups.",
    Landlord "LANDLORD" "A private landlord or letting agent.",
    FriendsOrFamily "FRIENDS_OR_FAMILY" "Friends, relatives, neighbours.",
    SelfReferral "SELF" "The person themselves.",
    Other "OTHER" "Anything the name does not tell.",
} }

/// Words in a name, with "|" between, and the kind they suggest. The first line that fits decides, so
/// the kinds whose link to a person is most sensitive come early: a wrong guess then hides more, not less.
const KIND_WORDS: &[(OrganisationKind, &str)] = {
    use OrganisationKind as K;
    &[
        (K::Landlord, "landlord | letting agent | letting agency | estate agent"),
        (
            K::DomesticAbuseService,
            "domestic abuse | domestic violence | womens aid | refuge | idva | rape | \
             sexual abuse | sexual violence | reducing the risk",
        ),
        (K::NhsMentalHealth, "liaison and diversion | liason and diversion"),
        (K::Police, "police | constabulary | public protection unit"),
        (K::Prison, "hmp | hmpyoi | hmyoi | yoi | prison"),
        (
            K::Probation,
            "probation | community rehabilitation company | youth offending | youth \
             justice",
        ),
        (K::Jobcentre, "jobcentre"),
        (
            K::SocialServicesChildren,
            "mash | child social | social service child | child service | child \
             disability | child assessment | child and family assessment | cafat | \
             child young people | safeguarding child | child safeguarding | lcss | \
             lccs | locality community support | locality team | looked after child | \
             leaving care",
        ),
        (
            K::SocialServicesAdults,
            "social service | social care | social work | social worker | social and \
             community service | social and healthcare | social and health care | \
             safeguarding | learning disability",
        ),
        (
            K::NhsMentalHealth,
            "mental health | cmht | camhs | cahms | psychiatric | psychiatry | crisis \
             team | health nhs | healthcare nhs",
        ),
        (
            K::NhsCommunity,
            "health visitor | health visiting | midwife | midwifery | family nurse | \
             district nurse | community nurse | school nurse | nurse | occupational \
             therapy | occupational therapist | physiotherapy | community health",
        ),
        (
            K::NhsPrimaryCare,
            "gp | surgery | health centre | medical practice | medical centre | \
             medical group | doctor | general practice | general practitioner",
        ),
        (
            K::NhsHospital,
            "hospital | infirmary | radcliffe | orthopaedic | nhs | accident and \
             emergency",
        ),
        (K::SchoolOrCollege, "school | academy | college | university | nursery | education | learning"),
        (K::CountyCouncil, "county council"),
        (
            K::DistrictCouncil,
            "district council | borough council | city council | town council | \
             parish council | council",
        ),
        (K::FamilyService, "young carer"),
        (K::AdviceOrLawService, "citizens advice | advice | law | legal | solicitor"),
        (
            K::HomelessnessCharity,
            "homeless | homelessness | saint mungo | emmaus | crisis | shelter | big \
             issue | ymca | rough sleep | rough sleeper | rough sleeping",
        ),
        (
            K::HousingAssociation,
            "housing association | housing group | housing trust | housing and care | \
             a2dominion | bpha | soha | sovereign | stonewater",
        ),
        (
            K::FamilyService,
            "family solution | family support | family first | family centre | family \
             service | home start | homestart | child centre | early help | early \
             intervention | youth | family project",
        ),
        (
            K::FaithGroup,
            "church | mosque | synagogue | gurdwara | cathedral | chapel | diocese | \
             parish | salvation army",
        ),
    ]
};

/// Names that say who, not which: no one body stands behind them.
const CATEGORIES: &[(OrganisationKind, &str)] = {
    use OrganisationKind as K;
    &[
        (
            K::SelfReferral,
            "self | self referral | self referred | myself | client | service user | \
             resident | tenant",
        ),
        (
            K::FriendsOrFamily,
            "friend | family | friend family | family friend | family member | member \
             family | relative | friend relative | parent | neighbour | carer | \
             partner",
        ),
        (K::Landlord, "landlord | private landlord | letting agent"),
        (
            K::NhsPrimaryCare,
            "gp | gp surgery | doctor | doctor surgery | surgery | general \
             practitioner | health centre | general practice | practice nurse",
        ),
        (K::NhsHospital, "hospital | nhs | nurse | ward | accident emergency"),
        (
            K::NhsCommunity,
            "health visitor | health visiting | midwife | midwifery | district nurse \
             | community nurse | school nurse | health | occupational therapy | \
             occupational therapist",
        ),
        (
            K::NhsMentalHealth,
            "mental health | mental health team | mental health service | cpn | \
             psychiatrist",
        ),
        (K::Prison, "prison | hmp"),
        (K::Probation, "probation | probation service | probation office | probation officer"),
        (K::Police, "police | police officer"),
        (
            K::SocialServicesAdults,
            "social service | social care | social worker | adult social care | adult \
             social service",
        ),
        (K::SocialServicesChildren, "child social care | child social service | child service"),
        (
            K::SchoolOrCollege,
            "education | school | primary school | secondary school | college | \
             nursery | university | teacher",
        ),
        (K::FamilyService, "child centre"),
        (K::HousingAssociation, "housing association | housing provider | social landlord"),
        (
            K::DistrictCouncil,
            "council | district council | local authority | local council | housing \
             department | housing",
        ),
        (K::CountyCouncil, "county council"),
        (K::FaithGroup, "church | mosque"),
        (K::AdviceOrLawService, "solicitor | advice centre"),
        (K::DomesticAbuseService, "refuge | domestic abuse service"),
        (K::HomelessnessCharity, "hostel | night shelter"),
        (
            K::Other,
            "other | unknown | not known | not stated | not recorded | none | n | na \
             | anonymous | charity | support worker | voluntary organisation | \
             voluntary sector | member public | general public | public | employer | \
             word mouth | internet | website",
        ),
    ]
};

/// The tables above, with every phrase reduced to stems between spaces.
struct Tables {
    kinds: Vec<(OrganisationKind, Vec<String>)>,
    categories: Vec<(OrganisationKind, BTreeSet<String>)>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    kinds: KIND_WORDS.iter().map(|(k, phrases)| (*k, stem_texts(phrases))).collect(),
    categories: CATEGORIES.iter().map(|(k, names)| (*k, stem_texts(names))).collect(),
});

fn stem_texts<C: FromIterator<String>>(phrases: &str) -> C {
    phrases.split('|').map(stem_text).collect()
}

/// The stems of a name between spaces, in full forms, without stop words.
fn stem_text(name: &str) -> String {
    let words = segments(name).into_iter().flatten().collect::<Vec<_>>();
    let stems = expand(&words)
        .0
        .iter()
        .filter(|w| !VOCABULARY.stop.contains(&w.text))
        .map(|w| stem(&w.text))
        .collect::<Vec<_>>();
    format!(" {} ", shorten(stems).0.join(" "))
}

/// The kind a name suggests, by the words in it; [`OrganisationKind::Other`] when it suggests none.
///
/// A first guess for a person to correct. It never says [`OrganisationKind::PartnerSupportProvider`].
pub fn guess_kind(name: &str) -> OrganisationKind {
    let text = stem_text(name);
    if let Some(kind) = category_kind(&text) {
        return kind;
    }
    let by_words = TABLES.kinds.iter().find(|(_, phrases)| phrases.iter().any(|p| text.contains(p.as_str())));
    match by_words {
        Some((kind, _)) => *kind,
        None if text.ends_with(&stem_text("housing")) || text.ends_with(&stem_text("homes")) => {
            OrganisationKind::HousingAssociation
        }
        None => OrganisationKind::Other,
    }
}

/// Whether a name is a category ("Self", "GP", "Probation") rather than one organisation.
///
/// Only the whole name counts: "Prison" is a category, "HMP Woodhill" is not, and neither is
/// "National Probation Service".
pub fn is_category(name: &str) -> bool {
    category_kind(&stem_text(name)).is_some()
}

fn category_kind(text: &str) -> Option<OrganisationKind> {
    TABLES.categories.iter().find(|(_, names)| names.contains(text)).map(|(kind, _)| *kind)
}
