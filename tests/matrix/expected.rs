//! What the rules say of each cell, in their own words: nothing here is taken from the code that enforces them.

use super::stage::{Half, Phase, Shape, has_involvement};
use alliance::domain::category::Category::{self, *};
use alliance::domain::role::Role;

/// One viewer of one record: through which grant, in which role, under which restriction.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    shape: &'static str,
    role: Role,
    phase: Phase,
    half: Half,
}

/// Whom a basis is given to, and how far it reaches (C2).
const RECORD: &[&str] =
    &["HUB", "HUB_BROUGHT", "OFFER", "HOLDER", "TEAM", "CONSENT", "OVERRIDE", "LEGAL_GATEWAY", "SUBJECT"];
const CLIENT_WIDE: &[&str] = &["CONSENT", "OVERRIDE", "LEGAL_GATEWAY", "SUBJECT"];
const ON_THE_CASE: &[&str] = &["HOLDER", "TEAM"];
const ON_THE_REFERRAL: &[&str] = &["REFERRER", "HUB", "HUB_BROUGHT", "OFFER"];
const ONE_ITEM: &[&str] = &["PANEL"];
const THE_HUB: &[&str] = &["HUB", "HUB_BROUGHT"];

/// The table of C2: which categories a basis opens at most.
pub fn at_most(shape: &str) -> Vec<Category> {
    let all = [
        Name,
        Birth,
        Contact,
        AccessNeeds,
        LoneWorking,
        Household,
        Housing,
        Finance,
        Employment,
        Risk,
        SupportPlan,
        CaseNotes,
        Outcomes,
        Health,
        SubstanceUse,
        Offending,
        DomesticAbuse,
        Immigration,
        Equalities,
    ];
    let hub = [Name, Birth, Contact, AccessNeeds, LoneWorking, Household, Housing, Risk];
    match shape {
        // What they wrote themselves; the client themselves.
        "REFERRER" | "AUTHOR" | "AUTHOR_HUB" | "SUBJECT" => all.to_vec(),
        "HUB" => hub.to_vec(),
        "HUB_BROUGHT" => all.into_iter().filter(|c| !hub.contains(c) && *c != Equalities).collect(),
        "OFFER" => vec![Name, Contact, AccessNeeds, LoneWorking, Household, Housing],
        // Equalities are shown to nobody but who recorded them and the client, whatever a consent says (C1).
        _ => all.into_iter().filter(|c| *c != Equalities).collect(),
    }
}

/// What a role may use (the table of roles, and C2: who has no client content reaches nothing).
pub fn usable(role: Role, shape: &str) -> bool {
    match role {
        Role::Referrer => shape == "REFERRER",
        Role::SupportWorker | Role::TeamManager => !["HUB", "HUB_BROUGHT", "OVERSIGHT", "SUBJECT"].contains(&shape),
        // What the workers of the hub's host recorded is not the coordinator's, what the hub recorded is.
        Role::HubCoordinator => {
            ["REFERRER", "HUB", "HUB_BROUGHT", "AUTHOR_HUB", "PANEL", "OVERRIDE", "LEGAL_GATEWAY"].contains(&shape)
        }
        Role::SafeguardingLead => ["OVERSIGHT", "OVERRIDE", "LEGAL_GATEWAY", "PANEL"].contains(&shape),
        Role::InformationGovernance => shape == "OVERSIGHT",
        Role::Commissioner | Role::Administrator => false,
        Role::Client => shape == "SUBJECT",
    }
}

/// Whether a restriction leaves the grant anything (C5, C6).
fn left(phase: Phase, shape: &str) -> bool {
    match phase {
        Phase::None
        | Phase::SealedNamed
        | Phase::ProtectedNamed
        | Phase::ProtectedNotNamed
        | Phase::PreferenceNotNamed => true,
        // Excluded is somebody else.
        Phase::ObjectionElsewhere => true,
        // For those named alone; a review of one document must be able to look at it.
        Phase::SealedNotNamed => shape == "OVERSIGHT",
        Phase::ObjectionPerson => false,
        Phase::ObjectionOrganisation => {
            ["OVERRIDE", "LEGAL_GATEWAY", "AUTHOR", "AUTHOR_HUB", "REFERRER"].contains(&shape)
        }
    }
}

/// Who has access explained by what their agency holds, whether or not their role can use it (C12).
pub fn entitles(role: Role, shape: &str) -> bool {
    match role {
        Role::TeamManager => shape == "HOLDER",
        Role::SafeguardingLead | Role::InformationGovernance => ON_THE_CASE.contains(&shape),
        _ => false,
    }
}

/// Who has holds on what their agency keeps, whether or not their role can read it (C24).
pub fn holds(role: Role, shape: &str) -> bool {
    role == Role::InformationGovernance && ["REFERRER", "AUTHOR", "AUTHOR_HUB"].contains(&shape)
}

impl Sight {
    pub fn new(shape: &'static Shape, role: Role, phase: Phase, half: Half) -> Self {
        Self { shape: shape.name, role, phase, half }
    }

    fn is(&self, shapes: &[&str]) -> bool {
        shapes.contains(&self.shape)
    }

    /// Whether the grant is worth anything to them now.
    pub fn works(&self) -> bool {
        usable(self.role, self.shape) && left(self.phase, self.shape)
    }

    /// Whether where the person is found is for others (C7).
    fn location_hidden(&self) -> bool {
        matches!(self.phase, Phase::ProtectedNotNamed | Phase::PreferenceNotNamed)
    }

    fn granted(&self, c: Category) -> bool {
        at_most(self.shape).contains(&c) && self.half.has(c)
    }

    /// Whether an item of a category that belongs to the record is shown.
    fn item(&self, c: Category) -> bool {
        self.granted(c) && !(self.location_hidden() && matches!(c, Contact | Employment))
    }

    /// Whether what the referral brought of a category is shown: what it told of money was marked as telling of a place (C7).
    fn brought(&self, c: Category) -> bool {
        self.item(c) && !(self.location_hidden() && c == Finance)
    }

    /// Whether a section of the record shows: as such, or as the viewer's own item.
    fn section(&self, c: Category) -> bool {
        let own = self.shape == "AUTHOR" || (self.shape == "AUTHOR_HUB" && c == Risk);
        // Of what the referral brought alone, the section is what it brought.
        let shown = if self.shape == "HUB_BROUGHT" { self.brought(c) } else { self.item(c) };
        (self.is(RECORD) || own) && shown
    }

    /// Whether a category of the record is open as such.
    fn open(&self, c: Category) -> bool {
        self.is(RECORD) && self.item(c)
    }

    /// A sender has no record, and who reviews a document has that document.
    fn sees_client(&self) -> bool {
        !self.is(&["REFERRER", "OVERSIGHT"])
    }

    fn sees_referral(&self) -> bool {
        self.is(ON_THE_REFERRAL) || self.is(ON_THE_CASE) || self.is(CLIENT_WIDE)
    }

    /// The lead agency keeps the case it led as its own.
    fn sees_case(&self) -> bool {
        self.is(ON_THE_CASE) || self.is(CLIENT_WIDE) || self.shape == "AUTHOR"
    }

    /// Whether a category is open within the referral, or within the case.
    fn open_in_referral(&self, c: Category) -> bool {
        self.sees_referral() && self.item(c)
    }

    fn open_in_case(&self, c: Category) -> bool {
        (self.is(ON_THE_CASE) || self.is(CLIENT_WIDE)) && self.item(c)
    }

    /// Of the six notes: what each tells of, who may see it, and whether it tells of a place.
    fn note(&self, name: &str) -> bool {
        let on_the_case = self.is(ON_THE_CASE) || self.is(CLIENT_WIDE) || self.shape == "AUTHOR";
        let notes = self.granted(CaseNotes);
        match name {
            "note" => on_the_case && notes,
            // The item that a panel is about.
            "healthNote" => (on_the_case || self.is(ONE_ITEM)) && notes && self.granted(Health),
            "placeNote" => on_the_case && notes && self.granted(Housing) && !self.location_hidden(),
            // For the agency that recorded them.
            "agencyNote" | "thirdPartyNote" => self.shape == "AUTHOR" && notes,
            // For its author and their supervisor, and nobody here is either.
            _ => false,
        }
    }

    fn any_note(&self) -> bool {
        ["note", "healthNote", "placeNote", "agencyNote", "thirdPartyNote"].iter().any(|n| self.note(n))
    }

    /// The lead, the hub and who recorded a consent see it, and so do those it names.
    fn sees_consent(&self) -> bool {
        !self.is(&["REFERRER", "PANEL", "OVERSIGHT", "AUTHOR_HUB"])
    }

    fn honours_consent(&self) -> bool {
        self.is(THE_HUB) || self.is(&["HOLDER", "AUTHOR"])
    }

    fn receives_consent(&self) -> bool {
        self.is(&["OFFER", "TEAM", "CONSENT"])
    }

    /// Who speaks for the person, and competence: who takes consent, who recorded it, in an emergency, and the person (C3, C24). No
    /// consent and no law opens it to whom they name.
    fn sees_proxy(&self) -> bool {
        self.is(THE_HUB) || self.is(ON_THE_CASE) || self.is(&["AUTHOR", "OVERRIDE", "SUBJECT"])
    }

    /// On which lawful basis an organisation processes what it has is its own (C3).
    fn sees_lawful_basis(&self) -> bool {
        self.shape == "AUTHOR"
    }

    /// An override: who asked for it, and the leads who look at it (C2, C16).
    fn sees_override(&self) -> bool {
        self.is(&["OVERRIDE", "OVERSIGHT"])
    }

    /// The answer to what was asked, which tells of FINANCE.
    fn answered(&self) -> bool {
        self.open_in_referral(Finance) && !self.location_hidden()
    }

    /// Who the record is about, by an entry that a hub sees: of the record, or of what its referral brought.
    fn identifies(&self, c: Category) -> bool {
        if self.shape == "HUB" { self.open(c) } else { self.brought(c) }
    }

    /// An item of their inbox about an override: while a grant reaches the client, or the override.
    fn sees_item(&self) -> bool {
        self.is(CLIENT_WIDE) || self.shape == "OVERSIGHT"
    }

    /// A request that matched nobody is on nobody's record: the leads whom it was sent to see it, whatever they hold (C16).
    fn is_sent_requests(&self) -> bool {
        matches!(self.role, Role::SafeguardingLead | Role::InformationGovernance)
    }

    /// Whether all categories of the two documents about HOUSING are open.
    fn housing_document(&self) -> bool {
        has_involvement(self.shape, self.half) && self.granted(Housing)
    }

    /// A gateway: the lead, whose agency asked for it, its leads, the agency it names, and who has the whole record for other
    /// reasons (C17). A consent opens no other document, and the client reads of it in the access history (C18).
    fn sees_gateway(&self) -> bool {
        self.is(&["HOLDER", "AUTHOR", "OVERSIGHT", "LEGAL_GATEWAY", "OVERRIDE"]) && self.housing_document()
    }

    /// What was told outside is an item of the record; this one tells where the person is (C7, C17).
    fn sees_disclosure(&self) -> bool {
        self.is(&["HOLDER", "AUTHOR", "CONSENT", "LEGAL_GATEWAY", "OVERRIDE"])
            && self.housing_document()
            && !self.location_hidden()
    }

    /// Both speak of DOMESTIC_ABUSE (C11): told to whom that is open, to who recorded it, and of a gateway to whom it names and to
    /// who reviews it.
    fn knows_of_gateway(&self) -> bool {
        self.is(&["AUTHOR", "OVERSIGHT", "LEGAL_GATEWAY"]) || self.granted(DomesticAbuse)
    }

    fn knows_of_disclosure(&self) -> bool {
        self.shape == "AUTHOR" || self.granted(DomesticAbuse)
    }

    /// Whether the client is told is for safeguarding leads, the lead and who recorded it (C18).
    fn told_of_telling(&self) -> bool {
        self.role == Role::SafeguardingLead || self.is(&["AUTHOR", "HOLDER"])
    }

    /// Whether a restriction is told to them: to whom it names, and an objection to the hub and the lead.
    fn told_of_restriction(&self) -> bool {
        match self.phase {
            Phase::SealedNamed | Phase::ProtectedNamed => self.sees_client(),
            Phase::ObjectionElsewhere => self.is(THE_HUB) || self.shape == "HOLDER",
            _ => false,
        }
    }

    /// Managers of the lead team, and leads of an agency that leads or is on the case (C12): on a sealed record those named, of an
    /// excluded agency nobody, and never an excluded person.
    fn entitled(&self) -> bool {
        let excluded =
            matches!(self.phase, Phase::SealedNotNamed | Phase::ObjectionOrganisation | Phase::ObjectionPerson);
        entitles(self.role, self.shape) && !excluded
    }

    fn restricted(&self) -> bool {
        self.phase != Phase::None
    }

    /// Whether an object that is asked for by its id is there for them.
    pub fn is_there(&self, place: &str) -> bool {
        match place {
            "explanation" => return self.entitled(),
            "overrideRequest" => return self.is_sent_requests(),
            "legalHold" => return holds(self.role, self.shape) && left(self.phase, self.shape),
            _ => {}
        }
        self.works()
            && match place {
                "client" => self.sees_client(),
                "referral" => self.sees_referral(),
                "draft" => self.is(CLIENT_WIDE),
                "asked" => self.is(CLIENT_WIDE) || self.is(&["REFERRER", "HUB", "OFFER"]),
                "case" => self.sees_case(),
                // The case before is reached by what reaches the client, and by the agency that led it.
                "previous" => self.is(CLIENT_WIDE) || self.shape == "AUTHOR",
                "consent" => self.sees_consent(),
                "proxy" => self.sees_proxy(),
                "lawfulBasis" => self.sees_lawful_basis(),
                "signpostOnReferral" => self.sees_referral() || self.shape == "AUTHOR",
                "signpostOnCase" => self.sees_case(),
                "restriction" => self.told_of_restriction(),
                "override" => self.sees_override(),
                "inboxItem" => self.sees_item(),
                "gateway" => self.sees_gateway(),
                "disclosure" => self.sees_disclosure(),
                note => self.note(note),
            }
    }

    /// The organisations that speak: the lead of EMPLOYMENT, the sender of OFFENDING, who offers the service of HEALTH, the member of
    /// SUPPORT_PLAN (C11).
    fn names_lead(&self, open: bool) -> bool {
        open || self.shape == "AUTHOR"
    }
}

/// Whether a field shows, given that the object it belongs to is there; nothing where the rules were not asked yet. `via` is the
/// field that led to a part of an object.
pub fn expected(s: &Sight, place: &str, via: &str, key: &str, category: Option<Category>) -> Option<bool> {
    let at = |c: Category| category == Some(c);
    Some(match key {
        // What comes with the object.
        "Client.id"
        | "Client.viewerAccess"
        | "ClientAccess.canRecord"
        | "ClientAccess.canRecordConsent"
        | "ClientAccess.canRecordProxy"
        | "ClientAccess.canRecordLawfulBasis"
        | "ClientAccess.canSeal"
        | "ClientAccess.canRecordObjection"
        | "ClientAccess.canProtectContact"
        | "ClientAccess.canAskLegalGateway"
        | "ClientAccess.canRecordOutwardDisclosure" => true,
        "ClientAccess.openCategories" => Category::ALL_OF_THEM.iter().any(|c| s.open(*c)),

        // Sections: where their category is open (C1, C2), and location is not hidden (C7).
        "Client.name"
        | "Client.birth"
        | "Client.contact"
        | "Client.accessNeeds"
        | "Client.loneWorking"
        | "Client.household"
        | "Client.housing"
        | "Client.finance"
        | "Client.employment"
        | "Client.risk"
        | "Client.supportPlan"
        | "Client.outcomes"
        | "Client.health"
        | "Client.substanceUse"
        | "Client.offending"
        | "Client.domesticAbuse"
        | "Client.immigration"
        | "Client.equalities" => s.section(category?),
        "NameSection.given"
        | "NameSection.family"
        | "NameSection.preferred"
        | "NameSection.pronouns"
        | "NameSection.ageBand"
        | "BirthSection.date"
        | "ContactSection.addressLines"
        | "ContactSection.postcode"
        | "ContactSection.phone"
        | "ContactSection.email"
        | "ContactSection.safeWays"
        | "HouseholdSection.members"
        | "HouseholdMember.name"
        | "HouseholdMember.relationship"
        | "HouseholdMember.ageBand"
        | "HousingSection.tenure"
        | "HousingSection.landlord"
        | "HousingSection.arrearsPence"
        | "HousingSection.noticeExpiresOn"
        | "HousingSection.text"
        | "TextSection.text" => true,
        // The member's own record: one agency here sees it (C9).
        "HouseholdMember.client" => s.shape == "CONSENT",
        _ if key.contains("Section.") => match key.split('.').nth(1)? {
            "entryId" | "recordedAt" | "recordedFor" | "version" | "revealsLocation" | "thirdParty" => true,
            _ => return None,
        },
        // Who recorded a section, a note or leads the case; who sent what (C11).
        "OrganisationLink.id" | "OrganisationLink.name" => return link(s, place, via),

        "Client.consents" => s.sees_consent(),
        "Client.proxies" | "Client.competence" => s.sees_proxy(),
        "Client.lawfulBases" => s.sees_lawful_basis(),
        "Client.referrals" => s.sees_referral(),
        "Client.sharedCases" => s.sees_case(),
        "Client.restrictions" => s.told_of_restriction(),
        "Client.legalGateways" => s.sees_gateway(),
        "Client.overrides" => s.sees_override(),
        "Client.outwardDisclosures" => s.sees_disclosure(),
        "Client.redactions" => Category::SECTIONS_OF_A_RECORD.iter().any(|c| !s.open(*c)),
        "Client.redactions[]" => Category::SECTIONS_OF_A_RECORD.contains(&category?) && !s.open(category?),
        "Referral.redactions" => Category::SECTIONS_OF_A_RECORD.iter().any(|c| !s.open_in_referral(*c)),
        "Referral.redactions[]" => {
            Category::SECTIONS_OF_A_RECORD.contains(&category?) && !s.open_in_referral(category?)
        }
        "SharedCase.redactions" => Category::ALL_OF_THEM.iter().any(|c| !s.open_in_case(*c)),
        "SharedCase.redactions[]" => !at(Involvement) && !s.open_in_case(category?),
        "Redaction.category" | "Redaction.reason" | "Redaction.remedy" => true,

        // A referral: progress for everybody who sees it, the outcome in words not for a sender where it was a duplicate (C23).
        "Referral.id"
        | "Referral.version"
        | "Referral.progress"
        | "Referral.state"
        | "Referral.sender"
        | "Referral.draftedAt"
        | "Referral.submittedAt"
        | "Referral.criteriaChangedSince"
        | "Referral.acceptedAt"
        | "Referral.closedAt"
        | "Referral.outcome"
        | "Referral.onwardReferral"
        | "Referral.viewerAccess" => true,
        _ if key.starts_with("ReferralAccess.can") => [
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
            "canSignpost",
        ]
        .iter()
        .any(|f| key.ends_with(&format!(".{f}")))
        .then_some(true)?,
        // The words of a duplicate are for the hub alone (C23); a risk of eviction is HOUSING, and its sender wrote it.
        "Referral.outcomeText" => s.is(THE_HUB),
        "Referral.urgency" => s.shape == "REFERRER" || s.open_in_referral(Housing),
        "Referral.client" => s.sees_client(),
        "Referral.sharedCase" => s.sees_case(),
        "Referral.narratives" | "Referral.asWritten" => Category::SECTIONS_OF_A_RECORD.iter().any(|c| s.brought(*c)),
        "Referral.narratives[]" | "Referral.asWritten[]" => {
            Category::SECTIONS_OF_A_RECORD.contains(&category?) && s.brought(category?)
        }
        // Of a mark that was set since who sent it is told nothing.
        "ReferralNarrative.revealsLocation" | "ReferralNarrative.version" => s.shape != "REFERRER",
        "ReferralNarrative.narrativeId"
        | "ReferralNarrative.category"
        | "ReferralNarrative.text"
        | "ReferralEntry.category"
        | "ReferralEntry.lines" => true,
        // How triage goes: for the hub and who sent it; in whose hand it is for the hub alone.
        "Referral.triageClock" if place == "asked" => s.is(&["HUB", "REFERRER"]),
        "Referral.triageClock" | "Referral.history" | "Referral.senderReference" => {
            s.is(THE_HUB) || s.shape == "REFERRER"
        }
        // One clock stands still, the other has stopped.
        "TriageClock.dueAt" | "TriageClock.stoppedAt" => place == "referral",
        "TriageClock.pausedSince" | "TriageClock.workingDaysLeft" => place == "asked",
        "Referral.assignedTo" | "ReferralStep.recordedFor" => s.is(THE_HUB),
        "ReferralStep.detail" => s.is(THE_HUB),
        // A duty to refer: for the hub, who sent it, and who leads; where somebody wishes to live is for the few while contact is.
        "Referral.dutyToRefer" => s.is(THE_HUB) || ["REFERRER", "HOLDER"].contains(&s.shape),
        "DutyToRefer.reason" => !s.location_hidden() && (s.shape == "REFERRER" || s.open_in_referral(Housing)),
        "DutyToRefer.authority" | "DutyToRefer.evidence" => !s.location_hidden(),
        // What others wrote later is not for an organisation that the client excludes (C6).
        "DutyToRefer.reference" | "DutyToRefer.endReason" => {
            !s.location_hidden() && s.phase != Phase::ObjectionOrganisation
        }
        _ if key.starts_with("DutyToRefer.") => true,
        "ReferralAssignee.personId" | "ReferralAssignee.name" => true,
        _ if key.starts_with("ReferralStep.") || key.starts_with("TriageClock.") => true,
        // Why it closed, by what its sender wrote.
        "Referral.wouldHaveTold" => s.shape == "REFERRER",
        // Where it could go: for the hub to decide.
        "Referral.suggestedServices" => s.is(THE_HUB),
        _ if key.starts_with("SuggestedService.") => true,
        // Records like it, by what the hub sees of who it is about.
        "Referral.likeRecords" => s.is(THE_HUB) && s.identifies(Name),
        "LikeRecord.birth" => s.identifies(Birth),
        "LikeRecord.client" | "LikeRecord.name" | "LikeRecord.hasRecentCase" => true,
        // A question with its answer, or, to the hub and to who sent it, without. What was answered is for the few while contact is.
        "Referral.questions" if s.is(THE_HUB) || s.shape == "REFERRER" => has_involvement(s.shape, s.half),
        "Referral.questions" => has_involvement(s.shape, s.half) && s.answered(),
        "ReferralQuestion.answer" => s.answered(),
        _ if key.starts_with("ReferralQuestion.") || key.starts_with("ReferralAnswer.") => true,
        // Offers: for the hub and the team itself. Of a draft the intake notices, and this one is none.
        "Referral.offers" => s.is(THE_HUB) || s.shape == "OFFER",
        "ReferralOffer.id"
        | "ReferralOffer.organisation"
        | "ReferralOffer.teamName"
        | "ReferralOffer.workerName"
        | "ReferralOffer.offeredAt"
        | "ReferralOffer.answeredAt"
        | "ReferralOffer.declineReason"
        | "ReferralOffer.declineText" => true,
        "Referral.intakeNotices" => place == "draft",
        "IntakeNotice.teamId"
        | "IntakeNotice.teamName"
        | "IntakeNotice.organisationName"
        | "IntakeNotice.categories"
        | "IntakeNotice.message" => true,
        "Referral.signposts" => true,

        "SharedCase.id"
        | "SharedCase.version"
        | "SharedCase.status"
        | "SharedCase.stage"
        | "SharedCase.openedAt"
        | "SharedCase.lead"
        | "SharedCase.viewerAccess"
        | "CaseAccess.canRecordNotes"
        | "CaseAccess.canAddMembers"
        | "CaseAccess.canSignpost"
        | "CaseAccess.canClose"
        | "CaseAccess.canReenter"
        | "SharedCase.client"
        | "SharedCase.members"
        | "SharedCase.signposts" => true,
        // One is open, the one before it closed.
        "SharedCase.closedAt" | "SharedCase.closureKind" | "SharedCase.closureReason" => place == "previous",
        "SharedCase.referral" => s.sees_referral(),
        "SharedCase.previousCase" => s.is(CLIENT_WIDE) || s.shape == "AUTHOR",
        "SharedCase.notes" => s.any_note(),
        "CaseLead.organisation" => true,
        "CaseLead.teamName" | "CaseLead.workerName" => s.names_lead(s.open_in_case(Employment)),
        "CaseMember.id"
        | "CaseMember.organisation"
        | "CaseMember.joinedAt"
        | "CaseMember.leftAt"
        | "CaseMember.version" => true,
        "CaseMember.teamName" | "CaseMember.role" => s.open_in_case(SupportPlan),
        // What a member may see is for the lead, and the member itself.
        "CaseMember.agreed" => s.shape == "HOLDER",

        "Note.id"
        | "Note.version"
        | "Note.categories"
        | "Note.visibility"
        | "Note.text"
        | "Note.recordedAt"
        | "Note.recordedFor"
        | "Note.viewerAccess"
        | "NoteAccess.canCorrect" => true,

        "Consent.id"
        | "Consent.purposes"
        | "Consent.categories"
        | "Consent.allPartners"
        | "Consent.givenBy"
        | "Consent.givenHow"
        | "Consent.givenAt"
        | "Consent.expiresAt"
        | "Consent.recordedAt"
        | "Consent.viewerAccess"
        | "ConsentAccess.canWithdraw" => true,
        // Who it was by name is for those who must honour it.
        "Consent.proxyId" | "Consent.proxyName" | "Consent.decidedBy" | "Consent.decisionReason" => {
            s.honours_consent()
        }
        "Proxy.id"
        | "Proxy.version"
        | "Proxy.kind"
        | "Proxy.name"
        | "Proxy.from"
        | "Proxy.until"
        | "Proxy.endedAt"
        | "Proxy.neverActs"
        | "Proxy.recordedAt"
        | "Proxy.viewerAccess"
        | "ProxyAccess.canEnd"
        | "ProxyAccess.canExclude"
        | "Competence.assessedOn"
        | "Competence.recordedAt" => true,
        "LawfulBasis.id"
        | "LawfulBasis.version"
        | "LawfulBasis.basis"
        | "LawfulBasis.specialCondition"
        | "LawfulBasis.scheduleCondition"
        | "LawfulBasis.categories"
        | "LawfulBasis.reason"
        | "LawfulBasis.from"
        | "LawfulBasis.until"
        | "LawfulBasis.endedAt"
        | "LawfulBasis.endReason"
        | "LawfulBasis.recordedAt"
        | "LawfulBasis.viewerAccess"
        | "LawfulBasisAccess.canEnd" => true,
        "Proxy.endReason" | "Proxy.neverActsReason" | "Competence.assessedBy" | "Competence.how" => {
            s.honours_consent()
        }
        "Consent.recipients" => s.honours_consent() || s.receives_consent(),
        "ConsentRecipient.organisation" | "ConsentRecipient.categories" => true,
        "ConsentRecipient.withdrawn" => s.honours_consent(),

        "Signpost.id"
        | "Signpost.version"
        | "Signpost.organisation"
        | "Signpost.told"
        | "Signpost.channel"
        | "Signpost.recordedAt"
        | "Signpost.viewerAccess"
        | "SignpostAccess.canFollowUp" => true,
        "Signpost.serviceName" | "Signpost.serviceId" | "Signpost.reason" => {
            return link(s, place, "Signpost.organisation");
        }
        "Signpost.followUp" | "Signpost.followedUpAt" => s.shape != "REFERRER",

        "Restriction.id"
        | "Restriction.version"
        | "Restriction.kind"
        | "Restriction.follows"
        | "Restriction.recordedAt"
        | "Restriction.viewerAccess"
        | "RestrictionAccess.canName"
        | "RestrictionAccess.canUnname"
        | "RestrictionAccess.canLift"
        | "RestrictionPerson.id"
        | "RestrictionPerson.name" => true,
        "RestrictionPerson.offAskedAt" => s.phase != Phase::ObjectionElsewhere,
        "Restriction.organisation" | "Restriction.person" => s.phase == Phase::ObjectionElsewhere,
        // It counts while who asked is named on it.
        "Restriction.liftAskedAt" => s.phase != Phase::ObjectionElsewhere,
        "Restriction.people" => s.phase != Phase::ObjectionElsewhere,
        "Restriction.reason" => s.shape != "OFFER",

        "Override.id"
        | "Override.version"
        | "Override.status"
        | "Override.categories"
        | "Override.ground"
        | "Override.reason"
        | "Override.hours"
        | "Override.askedAt"
        | "Override.askedFor"
        | "Override.openedAt"
        | "Override.until"
        | "Override.endedAt"
        | "Override.cosignedAt"
        | "Override.reviewDueAt"
        | "Override.escalatedAt"
        | "Override.reviewedAt"
        | "Override.verdict"
        | "Override.reviewReason"
        | "Override.viewerAccess"
        | "OverrideAccess.canCosign"
        | "OverrideAccess.canReview"
        | "OverrideAccess.canEnd" => true,
        // What was told of what it alone opened: with it, for who asked while it lasts and for who reviews it.
        "Override.outwardDisclosures" => {
            s.is(&["OVERRIDE", "OVERSIGHT"]) && s.housing_document() && !s.location_hidden()
        }
        "Override.client" | "InboxItem.client" | "LegalGateway.client" | "OutwardDisclosure.client" => {
            s.sees_client()
        }
        "Override.askedByName" => return link(s, place, "Override.askedFor"),

        "OverrideRequest.id"
        | "OverrideRequest.givenName"
        | "OverrideRequest.familyName"
        | "OverrideRequest.dateOfBirth"
        | "OverrideRequest.categories"
        | "OverrideRequest.ground"
        | "OverrideRequest.reason"
        | "OverrideRequest.askedAt"
        | "OverrideRequest.askedByName"
        | "OverrideRequest.askedForName" => true,

        "InboxItem.id" | "InboxItem.kind" | "InboxItem.postedAt" | "InboxItem.dueAt" | "InboxItem.readAt"
        | "InboxItem.doneAt" => true,
        "InboxItem.subject" => s.sees_override(),

        "LegalGateway.id"
        | "LegalGateway.version"
        | "LegalGateway.recipient"
        | "LegalGateway.categories"
        | "LegalGateway.from"
        | "LegalGateway.until"
        | "LegalGateway.state"
        | "LegalGateway.recordedAt"
        | "LegalGateway.recordedFor"
        | "LegalGateway.decidedAt"
        | "LegalGateway.endedAt"
        | "LegalGateway.viewerAccess"
        | "LegalGatewayAccess.canDecide"
        | "LegalGatewayAccess.canEnd" => true,
        "LegalGateway.kind"
        | "LegalGateway.reference"
        | "LegalGateway.reason"
        | "LegalGateway.decisionReason"
        | "LegalGateway.endReason" => s.knows_of_gateway(),
        "LegalGateway.tell" | "LegalGateway.withholdUntil" => s.told_of_telling(),
        "LegalGateway.withholdReason" => s.told_of_telling() && s.knows_of_gateway(),

        "LegalHold.id"
        | "LegalHold.version"
        | "LegalHold.clientId"
        | "LegalHold.reference"
        | "LegalHold.reason"
        | "LegalHold.placedAt"
        | "LegalHold.liftedAt"
        | "LegalHold.liftReason" => true,

        "OutwardDisclosure.id"
        | "OutwardDisclosure.categories"
        | "OutwardDisclosure.disclosedAt"
        | "OutwardDisclosure.recordedAt"
        | "OutwardDisclosure.recordedFor" => true,
        "OutwardDisclosure.recipient"
        | "OutwardDisclosure.basis"
        | "OutwardDisclosure.reference"
        | "OutwardDisclosure.summary" => s.knows_of_disclosure(),
        "OutwardDisclosure.tell" | "OutwardDisclosure.withholdUntil" => s.told_of_telling(),
        "OutwardDisclosure.withholdReason" => s.told_of_telling() && s.knows_of_disclosure(),

        "AccessExplanation.category"
        | "AccessExplanation.grants"
        | "ExplainedGrant.organisation"
        | "ExplainedGrant.teamName"
        | "ExplainedGrant.personName"
        | "ExplainedGrant.basis"
        | "ExplainedGrant.scope"
        | "ExplainedGrant.documentKind"
        | "ExplainedGrant.documentId"
        | "ExplainedGrant.since"
        | "ExplainedGrant.until" => true,
        "ExplainedGrant.restrictedBy" => s.phase == Phase::SealedNamed,
        "AccessExplanation.restrictions" => s.restricted(),
        "ExplainedRestriction.kind" | "ExplainedRestriction.since" | "ExplainedRestriction.peopleNamed" => true,
        "ExplainedRestriction.organisation" | "ExplainedRestriction.personName" => {
            s.phase == Phase::ObjectionElsewhere
        }
        _ => return None,
    })
}

/// Whether the organisation behind a link may be named, by where the link stands (C11).
fn link(s: &Sight, place: &str, via: &str) -> Option<bool> {
    Some(match via {
        // The sender is named to itself, and to the hub, which reads who sent what it triages: what the referral brought as well.
        "Referral.sender" => s.open_in_referral(Offending) || s.is(THE_HUB) || s.shape == "REFERRER",
        _ if via.ends_with("Section.recordedFor") => s.shape == "HUB_BROUGHT" || s.names_lead(s.open(Employment)),
        "CaseLead.organisation" | "Note.recordedFor" => s.names_lead(s.open_in_case(Employment)),
        "CaseMember.organisation" => s.open_in_case(SupportPlan),
        // Who was told of a service, or told somebody, knows it.
        "Signpost.organisation" if place == "signpostOnReferral" => {
            s.open_in_referral(Health) || s.is(&["REFERRER", "AUTHOR"])
        }
        "Signpost.organisation" => s.open_in_case(Health) || s.shape == "AUTHOR",
        // The asker's agency speaks of DOMESTIC_ABUSE, and knows itself; the lead's of EMPLOYMENT.
        "Override.askedFor" => s.shape == "OVERRIDE" || s.granted(DomesticAbuse),
        "LegalGateway.recipient" => s.knows_of_gateway(),
        "LegalGateway.recordedFor" | "OutwardDisclosure.recordedFor" => s.names_lead(s.granted(Employment)),
        // These imply nothing, or some of them do not.
        "ReferralOffer.organisation"
        | "ReferralStep.recordedFor"
        | "DutyToRefer.authority"
        | "ConsentRecipient.organisation"
        | "ExplainedGrant.organisation"
        | "ExplainedRestriction.organisation"
        | "Restriction.organisation" => true,
        _ => return None,
    })
}

/// The categories as the rules list them.
trait Listed {
    const ALL_OF_THEM: &'static [Category];
    const SECTIONS_OF_A_RECORD: &'static [Category];
}

impl Listed for Category {
    /// But INVOLVEMENT, which any grant opens.
    const ALL_OF_THEM: &'static [Category] = &[
        Name,
        Birth,
        Contact,
        AccessNeeds,
        LoneWorking,
        Household,
        Housing,
        Finance,
        Employment,
        Risk,
        SupportPlan,
        CaseNotes,
        Outcomes,
        Health,
        SubstanceUse,
        Offending,
        DomesticAbuse,
        Immigration,
        Equalities,
    ];
    const SECTIONS_OF_A_RECORD: &'static [Category] = &[
        Name,
        Birth,
        Contact,
        AccessNeeds,
        LoneWorking,
        Household,
        Housing,
        Finance,
        Employment,
        Risk,
        SupportPlan,
        Outcomes,
        Health,
        SubstanceUse,
        Offending,
        DomesticAbuse,
        Immigration,
        Equalities,
    ];
}
