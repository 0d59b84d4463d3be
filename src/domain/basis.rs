//! The bases of access and the scopes of grants (C2).

use crate::coded;

coded! { Basis "Why somebody may see part of a client's record (C2)." {
    Referrer "REFERRER" "The organisation that sent the referral: its own referral as it wrote it, no client record.",
    Hub "HUB" "The referrals hub, from submission until 30 days after the referral leaves it.",
    Offer "OFFER" "The team a referral is offered to, until it answers.",
    Holder "HOLDER" "The team that leads an open case.",
    Team "TEAM" "A member team of a shared case: its sharing agreement as far as consent covers it.",
    Author "AUTHOR" "An organisation that recorded items: those items, and the name as it stood.",
    Consent "CONSENT" "An organisation that a consent for support names.",
    Panel "PANEL" "Attendees of a multi-agency panel, for one agenda item.",
    Override "OVERRIDE" "One person, after breaking the glass, for at most 24 hours.",
    LegalGateway "LEGAL_GATEWAY" "An organisation that a law or a court order names.",
    Oversight "OVERSIGHT" "A lead reviewing one document.",
    Subject "SUBJECT" "The client, on what was decided shareable.",
} }

impl Basis {
    /// The basis's own bit, as the ledger stores it.
    pub const fn bit(self) -> i64 {
        1 << (self as i64)
    }
}

/// Several bases as a bit mask.
pub const fn bases(list: &[Basis]) -> i64 {
    let mut mask = 0;
    let mut i = 0;
    while i < list.len() {
        mask |= list[i].bit();
        i += 1;
    }
    mask
}

coded! { Scope "How far a grant reaches." {
    Client "CLIENT" "Everything bound to the client.",
    Referral "REFERRAL" "One referral.",
    Case "CASE" "One shared case.",
    OwnItems "OWN_ITEMS" "What the organisation recorded itself.",
    Item "ITEM" "One item.",
} }
