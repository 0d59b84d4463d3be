//! Questions at random: what is asked for, how it stands in a document, and what the oracle answers to it.

use super::facts::Facts;
use super::shown::{Field, Oracle, texts};
use crate::ledger::Dice;
use serde_json::{Map, Value};
use uuid::Uuid;

/// One field of the root.
#[derive(Clone, Debug)]
pub enum Root {
    Client(Uuid, Vec<Field>),
    Referral(Uuid, Vec<Field>),
    Case(Uuid, Vec<Field>),
    /// Through `node`: the type's tag, its name, and which.
    Node(&'static str, &'static str, Uuid, Vec<Field>),
    Clients(Field, Option<String>, Option<&'static str>),
    Referrals(Field),
    Cases(Field),
    Inbox(Field),
    /// Why a category of a client's record is seen, by whom, or by which organisation.
    Explain(Uuid, &'static str, Option<Uuid>, Vec<Field>),
}

impl Root {
    fn text(&self) -> String {
        let by_id = |field: &str, tag: &str, id: Uuid, sub: &[Field]| {
            format!("{field}(id: \"{tag}_{}\"){}", id.simple(), texts(sub))
        };
        match self {
            Self::Client(id, sub) => by_id("client", "client", *id, sub),
            Self::Referral(id, sub) => by_id("referral", "referral", *id, sub),
            Self::Case(id, sub) => by_id("sharedCase", "case", *id, sub),
            Self::Node(tag, name, id, sub) => {
                format!("node(id: \"{tag}_{}\") {{ id ... on {name}{} }}", id.simple(), texts(sub))
            }
            Self::Clients(f, words, born) => {
                let words = words.as_ref().map(|w| format!("name: \"{w}\""));
                let born = born.map(|b| format!("dateOfBirth: \"{b}\""));
                let filter: Vec<_> = words.into_iter().chain(born).collect();
                if filter.is_empty() {
                    return f.text();
                }
                let first = f.first.unwrap_or(20);
                format!("clients(first: {first}, filter: {{ {} }}){}", filter.join(", "), texts(&f.sub))
            }
            Self::Referrals(f) | Self::Cases(f) | Self::Inbox(f) => f.text(),
            Self::Explain(id, category, only, sub) => {
                let only = only.map(|o| format!(", organisationId: \"organisation_{}\"", o.simple()));
                let arguments = format!("clientId: \"client_{}\", category: {category}", id.simple());
                format!("explainAccess({arguments}{}){}", only.unwrap_or_default(), texts(sub))
            }
        }
    }

    fn answer(&self, o: &Oracle<'_>) -> Value {
        match self {
            Self::Client(id, sub) => o.client(sub, *id),
            Self::Referral(id, sub) => o.referral(sub, *id),
            Self::Case(id, sub) => o.shared_case(sub, *id),
            Self::Node(tag, _, id, sub) => o.by_id(tag, sub, *id),
            Self::Clients(f, words, born) => o.clients(f, words.as_deref(), *born),
            Self::Referrals(f) => o.referrals(f),
            Self::Cases(f) => o.cases(f),
            Self::Inbox(f) => o.inbox(f),
            Self::Explain(id, category, only, sub) => o.explanation(sub, *id, category, *only),
        }
    }
}

/// A document of one to three fields of the root.
#[derive(Clone, Debug)]
pub struct Question(pub Vec<Root>);

impl Question {
    pub fn document(&self) -> String {
        let fields: Vec<_> = self.0.iter().enumerate().map(|(i, r)| format!("r{i}: {}", r.text())).collect();
        format!("{{ {} }}", fields.join(" "))
    }

    /// The whole data that the service must answer.
    pub fn answer(&self, o: &Oracle<'_>) -> Value {
        let all: Map<_, _> = self.0.iter().enumerate().map(|(i, r)| (format!("r{i}"), r.answer(o))).collect();
        Value::Object(all)
    }
}

/// Makes questions; with `everything`, each asks for all there is.
pub struct Asker<'a> {
    pub facts: &'a Facts,
    pub dice: &'a mut Dice,
    pub everything: bool,
    /// Asks mostly for what is to be seen to, and why somebody sees something.
    pub oversees: bool,
}

const SECTIONS: &[(&str, &[&str])] = &[
    ("name", &["given", "family", "preferred", "pronouns", "ageBand"]),
    ("birth", &["date"]),
    ("contact", &["addressLines", "postcode", "phone", "email", "safeWays"]),
    ("accessNeeds", &["text"]),
    ("loneWorking", &["text"]),
    ("housing", &["tenure", "landlord", "arrearsPence", "noticeExpiresOn", "text"]),
    ("finance", &["text"]),
    ("employment", &["text"]),
    ("risk", &["text"]),
    ("supportPlan", &["text"]),
    ("outcomes", &["text"]),
    ("health", &["text"]),
    ("substanceUse", &["text"]),
    ("offending", &["text"]),
    ("domesticAbuse", &["text"]),
    ("immigration", &["text"]),
    ("equalities", &["text"]),
];
const OVERRIDE: &[&str] = &[
    "version",
    "categories",
    "ground",
    "reason",
    "hours",
    "askedAt",
    "openedAt",
    "endedAt",
    "cosignedAt",
    "reviewedAt",
    "verdict",
    "askedByName",
    "status",
    "until",
    "reviewDueAt",
    "escalatedAt",
    "reviewReason",
];
const REQUEST: &[&str] = &[
    "givenName",
    "familyName",
    "dateOfBirth",
    "categories",
    "ground",
    "reason",
    "askedAt",
    "askedByName",
    "askedForName",
];
const GATEWAY: &[&str] = &[
    "version",
    "state",
    "categories",
    "from",
    "until",
    "recordedAt",
    "decidedAt",
    "endedAt",
    "reference",
    "reason",
    "decisionReason",
    "endReason",
    "tell",
    "withholdUntil",
    "withholdReason",
];
const OUTWARD: &[&str] = &[
    "categories",
    "disclosedAt",
    "recordedAt",
    "basis",
    "reference",
    "summary",
    "tell",
    "withholdUntil",
    "withholdReason",
];
const STATES: &[&str] = &["DRAFT", "SUBMITTED", "OFFERED", "ACCEPTED", "DECLINE_REVIEW", "CLOSED"];
/// The categories whose explanation is asked for mostly.
const OFTEN: &[&str] = &["INVOLVEMENT", "CONTACT", "NAME", "HOUSING", "OFFENDING"];
/// How deep objects are asked for within objects.
const DEEP: usize = 2;

impl Asker<'_> {
    fn chance(&mut self, percent: usize) -> bool {
        self.everything || self.dice.chance(percent)
    }

    fn some(&mut self, always: &[&'static str], names: &[&'static str]) -> Vec<Field> {
        let mut all: Vec<_> = always.iter().map(|n| Field::plain(n)).collect();
        for n in names {
            if self.chance(40) {
                all.push(Field::plain(n));
            }
        }
        all
    }

    fn link(&mut self, name: &'static str) -> Field {
        Field::with(name, self.some(&["name"], &["id"]))
    }

    fn section(&mut self, name: &'static str, fields: &[&'static str]) -> Field {
        let mut sub = self.some(&["entryId"], &["recordedAt", "version", "revealsLocation", "thirdParty"]);
        sub.extend(self.some(&[], fields));
        if self.chance(40) {
            sub.push(self.link("recordedFor"));
        }
        Field::with(name, sub)
    }

    fn redactions(&mut self) -> Field {
        Field::with("redactions", self.some(&["category", "reason"], &["remedy"]))
    }

    fn page(&mut self, name: &'static str, item: Vec<Field>, deep: bool) -> Field {
        let mut sub = Vec::new();
        if self.chance(60) {
            sub.push(Field::plain("totalCount"));
        }
        if self.chance(40) {
            sub.push(Field::with(
                "pageInfo",
                self.some(&["hasNextPage"], &["hasPreviousPage", "startCursor", "endCursor"]),
            ));
        }
        if self.dice.chance(75) {
            sub.push(Field::with("nodes", item));
        } else {
            sub.push(Field::with("edges", vec![Field::plain("cursor"), Field::with("node", item)]));
        }
        let most = if deep { 4 } else { 12 };
        let first = if self.everything { most } else { 1 + self.dice.below(most) };
        Field { first: Some(first), ..Field::with(name, sub) }
    }

    fn client(&mut self, depth: usize) -> Vec<Field> {
        let mut all = vec![Field::plain("id")];
        let often = [30, 20, 12][depth.min(DEEP)];
        if depth == 0 || !self.everything {
            for (name, fields) in SECTIONS {
                if self.chance(often) {
                    all.push(self.section(name, fields));
                }
            }
            if self.chance(often) {
                let mut household = self.section("household", &[]);
                let mut member = self.some(&["name"], &["relationship", "ageBand"]);
                member.push(Field::with("client", vec![Field::plain("id")]));
                household.sub.push(Field::with("members", member));
                all.push(household);
            }
        }
        if self.chance(50) {
            all.push(self.redactions());
        }
        if self.chance(40) {
            let may = [
                "canRecord",
                "canRecordConsent",
                "canRecordProxy",
                "canRecordLawfulBasis",
                "canSeal",
                "canRecordObjection",
                "canProtectContact",
                "canAskLegalGateway",
                "canRecordOutwardDisclosure",
            ];
            let access = self.some(&["openCategories"], &may);
            all.push(Field::with("viewerAccess", access));
        }
        if depth < DEEP {
            if self.chance(35) {
                let sub = self.consent();
                all.push(Field::with("consents", sub));
            }
            if self.chance(30) {
                let sub = self.proxy();
                all.push(Field::with("proxies", sub));
                let sub = self.some(&["assessedOn"], &["assessedBy", "how", "recordedAt"]);
                all.push(Field::with("competence", sub));
            }
            if self.chance(25) {
                let item = self.lawful_basis();
                let page = self.page("lawfulBases", item, depth > 0);
                all.push(page);
            }
            for (name, tag) in
                [("overrides", "override"), ("legalGateways", "gateway"), ("outwardDisclosures", "disclosure")]
            {
                if self.chance(25) {
                    let sub = self.about_the_client(tag);
                    all.push(Field::with(name, sub));
                }
            }
            if self.chance(40) {
                let item = self.referral(depth + 1);
                let mut page = self.page("referrals", item, depth > 0);
                page.only = self.state();
                all.push(page);
            }
            if self.chance(40) {
                let item = self.case(depth + 1);
                let mut page = self.page("sharedCases", item, depth > 0);
                page.only = self.status();
                all.push(page);
            }
        }
        all
    }

    fn state(&mut self) -> Option<(&'static str, &'static str)> {
        (!self.everything && self.dice.chance(25)).then(|| ("state", *self.dice.of(STATES)))
    }

    fn status(&mut self) -> Option<(&'static str, &'static str)> {
        (!self.everything && self.dice.chance(25)).then(|| ("status", *self.dice.of(&["OPEN", "CLOSED"])))
    }

    fn proxy(&mut self) -> Vec<Field> {
        let names =
            ["version", "kind", "name", "from", "until", "endedAt", "endReason", "neverActs", "neverActsReason"];
        let mut all = self.some(&["id"], &names);
        all.push(Field::plain("recordedAt"));
        all
    }

    fn lawful_basis(&mut self) -> Vec<Field> {
        let names = [
            "version",
            "specialCondition",
            "scheduleCondition",
            "reason",
            "from",
            "until",
            "endedAt",
            "endReason",
            "recordedAt",
        ];
        self.some(&["id", "basis", "categories"], &names)
    }

    fn consent(&mut self) -> Vec<Field> {
        let mut all = self.some(
            &["id"],
            &[
                "purposes",
                "categories",
                "allPartners",
                "givenBy",
                "givenHow",
                "proxyId",
                "proxyName",
                "decidedBy",
                "decisionReason",
                "givenAt",
                "expiresAt",
                "recordedAt",
            ],
        );
        if self.chance(60) {
            let mut sub = self.some(&["categories"], &["withdrawn"]);
            sub.push(self.link("organisation"));
            all.push(Field::with("recipients", sub));
        }
        all
    }

    fn referral(&mut self, depth: usize) -> Vec<Field> {
        let mut all = self.some(
            &["id"],
            &[
                "version",
                "progress",
                "state",
                "urgency",
                "senderReference",
                "draftedAt",
                "submittedAt",
                "acceptedAt",
                "closedAt",
                "outcome",
                "outcomeText",
                "onwardReferral",
            ],
        );
        if self.chance(50) {
            all.push(self.link("sender"));
        }
        if self.chance(45) {
            let of = self.some(&["category", "text"], &["narrativeId", "revealsLocation", "version"]);
            all.push(Field::with("narratives", of));
        }
        if self.chance(30) {
            let mut sub = self.some(&["at", "from", "to"], &["actor", "detail"]);
            if self.chance(60) {
                sub.push(self.link("recordedFor"));
            }
            all.push(Field::with("history", sub));
        }
        if self.chance(35) {
            let more = [
                "evidence",
                "agreedAt",
                "recordedAt",
                "passedAt",
                "acknowledgedAt",
                "reference",
                "endedAt",
                "endReason",
            ];
            let mut sub = self.some(&["reason"], &more);
            sub.push(self.link("authority"));
            all.push(Field::with("dutyToRefer", sub));
        }
        if self.chance(25) {
            all.push(Field::with("assignedTo", self.some(&["name"], &["personId"])));
        }
        if self.chance(35) {
            let mut sub = self.some(&["question"], &["askedAt", "answeredAt"]);
            sub.push(Field::with("answer", self.some(&["text"], &["categories"])));
            all.push(Field::with("questions", sub));
        }
        if self.chance(45) {
            all.push(Field::with("asWritten", vec![Field::plain("category"), Field::plain("lines")]));
        }
        if self.chance(40) {
            let mut sub = self.some(
                &["id"],
                &["teamName", "workerName", "offeredAt", "answeredAt", "declineReason", "declineText"],
            );
            sub.push(self.link("organisation"));
            all.push(Field::with("offers", sub));
        }
        if self.chance(40) {
            let sub = self.signpost();
            all.push(Field::with("signposts", sub));
        }
        if self.chance(40) {
            all.push(self.redactions());
        }
        if self.chance(30) {
            let may = self.some(
                &["canSignpost"],
                &[
                    "canSubmit",
                    "canAsk",
                    "canAnswer",
                    "canAssign",
                    "canSetUrgency",
                    "canRecordDuty",
                    "canPassDuty",
                    "canAcknowledgeDuty",
                    "canEndDuty",
                    "canOffer",
                    "canAccept",
                    "canDecline",
                    "canTakeBack",
                    "canClose",
                    "canWithdraw",
                    "canRecordClientDecline",
                ],
            );
            all.push(Field::with("viewerAccess", may));
        }
        if depth < DEEP {
            if self.chance(35) {
                let sub = self.client(depth + 1);
                all.push(Field::with("client", sub));
            }
            if self.chance(30) {
                let sub = self.case(depth + 1);
                all.push(Field::with("sharedCase", sub));
            }
        }
        all
    }

    fn signpost(&mut self) -> Vec<Field> {
        let mut all = self.some(
            &["id"],
            &[
                "version",
                "serviceName",
                "serviceId",
                "told",
                "channel",
                "reason",
                "recordedAt",
                "followUp",
                "followedUpAt",
            ],
        );
        if self.chance(50) {
            all.push(self.link("organisation"));
        }
        all
    }

    fn note(&mut self) -> Vec<Field> {
        let mut all = self.some(&["id"], &["version", "categories", "visibility", "text", "recordedAt"]);
        if self.chance(50) {
            all.push(self.link("recordedFor"));
        }
        all
    }

    fn case(&mut self, depth: usize) -> Vec<Field> {
        let mut all = self
            .some(&["id"], &["version", "status", "stage", "openedAt", "closedAt", "closureKind", "closureReason"]);
        if self.chance(45) {
            let mut sub = self.some(&[], &["teamName", "workerName"]);
            sub.push(self.link("organisation"));
            all.push(Field::with("lead", sub));
        }
        if self.chance(45) {
            let mut sub = self.some(&["id"], &["version", "teamName", "role", "agreed", "joinedAt", "leftAt"]);
            sub.push(self.link("organisation"));
            all.push(Field::with("members", sub));
        }
        if self.chance(40) {
            let sub = self.signpost();
            all.push(Field::with("signposts", sub));
        }
        if self.chance(40) {
            all.push(self.redactions());
        }
        if self.chance(30) {
            let may = self.some(&["canSignpost"], &["canRecordNotes", "canAddMembers", "canClose", "canReenter"]);
            all.push(Field::with("viewerAccess", may));
        }
        if self.chance(50) {
            let item = self.note();
            all.push(self.page("notes", item, true));
        }
        if depth < DEEP {
            for name in ["client", "referral", "previousCase"] {
                if self.chance(30) {
                    let sub = match name {
                        "client" => self.client(depth + 1),
                        "referral" => self.referral(depth + 1),
                        _ => self.case(depth + 1),
                    };
                    all.push(Field::with(name, sub));
                }
            }
        }
        all
    }

    /// A document about the client as such.
    fn about_the_client(&mut self, tag: &str) -> Vec<Field> {
        let (mut all, links, may): (_, &[&str], &[&str]) = match tag {
            "override" => (self.some(&["id"], OVERRIDE), &["askedFor"], &["canEnd", "canReview", "canCosign"]),
            "gateway" => {
                (self.some(&["id", "kind"], GATEWAY), &["recipient", "recordedFor"], &["canDecide", "canEnd"])
            }
            _ => (self.some(&["id", "recipient"], OUTWARD), &["recordedFor"], &[]),
        };
        for name in links {
            if self.chance(50) {
                all.push(self.link(name));
            }
        }
        if !may.is_empty() && self.chance(30) {
            all.push(Field::with("viewerAccess", self.some(&may[..1], &may[1..])));
        }
        if self.chance(40) {
            let sub = self.client(DEEP);
            all.push(Field::with("client", sub));
        }
        if tag == "override" && self.chance(40) {
            let sub = self.about_the_client("disclosure");
            all.push(Field::with("outwardDisclosures", sub));
        }
        all
    }

    /// An item of the inbox, with something of whatever it may be about.
    fn item_of_inbox(&mut self) -> Vec<Field> {
        let mut all = self.some(&["id"], &["kind", "postedAt", "dueAt", "readAt", "doneAt"]);
        if self.chance(60) {
            let subject = vec![
                Field::plain("id"),
                Field::with("... on Override", self.some(&["status"], &["ground", "hours"])),
                Field::with("... on OverrideRequest", self.some(&["givenName"], &["familyName", "dateOfBirth"])),
                Field::with("... on LegalGateway", self.some(&["state"], &["from", "tell"])),
                Field::with("... on Referral", self.some(&["progress"], &["state", "version"])),
                Field::with("... on SharedCase", self.some(&["openedAt"], &["closedAt", "stage"])),
            ];
            all.push(Field::with("subject", subject));
        }
        if self.chance(40) {
            let sub = self.client(DEEP);
            all.push(Field::with("client", sub));
        }
        all
    }

    /// Why one category or another of somebody's record is seen.
    fn why(&mut self) -> Root {
        let id = self.one(&self.facts.clients_here());
        let all = if self.dice.chance(60) { OFTEN } else { &super::rules::CATEGORIES };
        let category = *self.dice.of(all);
        self.explain(id, category)
    }

    /// A record on which somebody has broken the glass of late, with the overrides there are on it.
    fn broken_glass(&mut self) -> Root {
        let late: Vec<_> = self.facts.overrides.iter().rev().take(3).map(|o| o.client_id).collect();
        let id = self.one(&late);
        let mut sub = self.client(0);
        sub.retain(|f| f.name != "overrides");
        sub.push(Field::with("overrides", self.about_the_client("override")));
        Root::Client(id, sub)
    }

    fn inbox(&mut self) -> Root {
        let item = self.item_of_inbox();
        let mut page = self.page("inbox", item, false);
        if !self.everything && self.dice.chance(25) {
            page.only = Some(("state", *self.dice.of(&["UNREAD", "OPEN", "DONE"])));
        }
        Root::Inbox(page)
    }

    /// Why a category is seen. What tells one reason from another is always asked for.
    fn explain(&mut self, client: Uuid, category: &'static str) -> Root {
        let mut grant: Vec<_> =
            ["basis", "scope", "documentId", "teamName", "personName", "since"].map(Field::plain).to_vec();
        grant.push(Field::with("organisation", vec![Field::plain("id"), Field::plain("name")]));
        grant.extend(self.some(&[], &["documentKind", "until", "restrictedBy"]));
        let mut sub = vec![Field::plain("category"), Field::with("grants", grant)];
        if self.chance(60) {
            let mut restriction = self.some(&["kind"], &["since", "personName", "peopleNamed"]);
            restriction.push(self.link("organisation"));
            sub.push(Field::with("restrictions", restriction));
        }
        let only = !self.everything && self.dice.chance(20);
        let only = only.then(|| self.dice.of(&self.facts.organisations).id);
        Root::Explain(client, category, only, sub)
    }

    /// One of these, or now and then an id that nobody has.
    fn one(&mut self, all: &[Uuid]) -> Uuid {
        if all.is_empty() || self.dice.chance(5) {
            return Uuid::from_u64_pair(self.dice.next(), self.dice.next());
        }
        *self.dice.of(all)
    }

    fn node(&mut self) -> Root {
        let f = self.facts;
        let ids = |n: usize| -> (&'static str, &'static str, Vec<Uuid>) {
            match n {
                0 => ("client", "Client", f.clients.iter().map(|x| x.id).collect()),
                1 => ("referral", "Referral", f.referrals.iter().map(|x| x.id).collect()),
                2 => ("case", "SharedCase", f.cases.iter().map(|x| x.id).collect()),
                3 | 4 => ("note", "Note", f.notes.iter().map(|x| x.id).collect()),
                5 => ("consent", "Consent", f.consents.iter().map(|x| x.id).collect()),
                6 => ("signpost", "Signpost", f.signposts.iter().map(|x| x.id).collect()),
                7 | 8 => ("override", "Override", f.overrides.iter().map(|x| x.id).collect()),
                10 => ("request", "OverrideRequest", f.requests.iter().map(|x| x.id).collect()),
                14 => ("basis", "LawfulBasis", f.lawful_bases.iter().map(|x| x.id).collect()),
                11 => ("proxy", "Proxy", f.proxies.iter().map(|x| x.id).collect()),
                12 => ("inbox", "InboxItem", f.items.iter().map(|x| x.id).collect()),
                9 => ("gateway", "LegalGateway", f.gateways.iter().map(|x| x.id).collect()),
                _ => ("disclosure", "OutwardDisclosure", f.outward.iter().map(|x| x.id).collect()),
            }
        };
        let (tag, name, all) = ids(self.dice.below(15));
        let id = self.one(&all);
        Root::Node(tag, name, id, self.item(tag))
    }

    fn item(&mut self, tag: &str) -> Vec<Field> {
        match tag {
            "client" => self.client(0),
            "referral" => self.referral(0),
            "case" => self.case(0),
            "note" => self.note(),
            "consent" => self.consent(),
            "proxy" => self.proxy(),
            "basis" => self.lawful_basis(),
            "override" | "gateway" | "disclosure" => self.about_the_client(tag),
            "request" => self.some(&["id"], REQUEST),
            "inbox" => self.item_of_inbox(),
            _ => self.signpost(),
        }
    }

    /// The beginning of a word or two of somebody's name, present or former.
    fn words(&mut self) -> String {
        let keys: Vec<_> = self.facts.entries.iter().filter(|e| e.category == "NAME").collect();
        let Some(entry) = (!keys.is_empty()).then(|| *self.dice.of(&keys)) else { return "walker".into() };
        let key = entry.search_key.clone().unwrap_or_default();
        let words: Vec<_> = key.split(' ').collect();
        let mut all = Vec::new();
        for _ in 0..=self.dice.below(2) {
            let word = *self.dice.of(&words);
            let length = 1 + self.dice.below(word.chars().count().max(1));
            all.push(word.chars().take(length).collect::<String>());
        }
        all.join(" ")
    }

    fn root(&mut self) -> Root {
        let f = self.facts;
        if self.oversees && self.dice.chance(55) {
            if self.dice.chance(25) {
                return self.inbox();
            }
            return self.why();
        }
        match self.dice.below(16) {
            0..=2 => {
                let id = self.one(&f.clients.iter().map(|x| x.id).collect::<Vec<_>>());
                Root::Client(id, self.client(0))
            }
            3 | 4 => {
                let id = self.one(&f.referrals.iter().map(|x| x.id).collect::<Vec<_>>());
                Root::Referral(id, self.referral(0))
            }
            5 | 6 => {
                let id = self.one(&f.cases.iter().map(|x| x.id).collect::<Vec<_>>());
                Root::Case(id, self.case(0))
            }
            7 => {
                let item = self.client(1);
                let page = self.page("clients", item, false);
                let words = self.dice.chance(50).then(|| self.words());
                let born = self.dice.chance(25).then(|| *self.dice.of(&["1990-02-03", "1985-01-01"]));
                Root::Clients(page, words, born)
            }
            8 => {
                let item = self.referral(1);
                let page = self.page("referrals", item, false);
                Root::Referrals(Field { only: self.state(), ..page })
            }
            9 => {
                let item = self.case(1);
                let page = self.page("sharedCases", item, false);
                Root::Cases(Field { only: self.status(), ..page })
            }
            10 => self.inbox(),
            11 | 12 => {
                if self.dice.chance(50) {
                    self.why()
                } else {
                    self.broken_glass()
                }
            }
            _ => self.node(),
        }
    }

    /// A question at random; one that asks for everything has one root, or it would be too complex.
    pub fn question(&mut self) -> Question {
        let n = if self.everything { 1 } else { 1 + self.dice.below(3) };
        Question((0..n).map(|_| self.root()).collect())
    }

    /// Questions for all there is: every document by its id, and every list.
    pub fn all_questions(&mut self) -> Vec<Question> {
        let f = self.facts;
        let mut all = Vec::new();
        for id in f.clients.iter().map(|x| x.id) {
            all.push(Root::Client(id, self.client(0)));
        }
        for id in f.referrals.iter().map(|x| x.id) {
            all.push(Root::Referral(id, self.referral(0)));
        }
        for id in f.cases.iter().map(|x| x.id) {
            all.push(Root::Case(id, self.case(0)));
        }
        for id in f.notes.iter().map(|x| x.id) {
            all.push(Root::Node("note", "Note", id, self.note()));
        }
        for id in f.consents.iter().map(|x| x.id) {
            all.push(Root::Node("consent", "Consent", id, self.consent()));
        }
        for id in f.proxies.iter().map(|x| x.id) {
            all.push(Root::Node("proxy", "Proxy", id, self.proxy()));
        }
        for id in f.lawful_bases.iter().map(|x| x.id) {
            all.push(Root::Node("basis", "LawfulBasis", id, self.lawful_basis()));
        }
        for id in f.signposts.iter().map(|x| x.id) {
            all.push(Root::Node("signpost", "Signpost", id, self.signpost()));
        }
        for id in f.overrides.iter().map(|x| x.id) {
            all.push(Root::Node("override", "Override", id, self.about_the_client("override")));
        }
        for id in f.gateways.iter().map(|x| x.id) {
            all.push(Root::Node("gateway", "LegalGateway", id, self.about_the_client("gateway")));
        }
        for id in f.requests.iter().map(|x| x.id) {
            all.push(Root::Node("request", "OverrideRequest", id, self.item("request")));
        }
        for id in f.items.iter().map(|x| x.id) {
            all.push(Root::Node("inbox", "InboxItem", id, self.item_of_inbox()));
        }
        all.push(self.inbox());
        for id in f.clients.iter().map(|x| x.id) {
            all.extend(OFTEN.iter().map(|category| self.explain(id, category)));
        }
        for id in f.outward.iter().map(|x| x.id) {
            all.push(Root::Node("disclosure", "OutwardDisclosure", id, self.about_the_client("disclosure")));
        }
        let item = self.client(DEEP);
        all.push(Root::Clients(self.page("clients", item, false), None, None));
        let item = self.referral(DEEP);
        all.push(Root::Referrals(self.page("referrals", item, false)));
        let item = self.case(DEEP);
        all.push(Root::Cases(self.page("sharedCases", item, false)));
        all.into_iter().map(|r| Question(vec![r])).collect()
    }
}
