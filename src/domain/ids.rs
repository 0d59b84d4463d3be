//! Typed identifiers, and the opaque, type-tagged global ids of the API.

use uuid::Uuid;

/// A typed identifier.
pub trait TypedId: Copy {
    /// The tag that a global id starts with.
    const TAG: &'static str;
    /// The bare identifier.
    fn uuid(self) -> Uuid;
    /// The typed identifier.
    fn from_uuid(uuid: Uuid) -> Self;

    /// The global id: `tag_` and 32 hexadecimal digits. To be kept as it is, not taken apart.
    fn global(self) -> String {
        let mut buffer = [0u8; 32];
        let hex = self.uuid().simple().encode_lower(&mut buffer).to_owned();
        let mut text = String::with_capacity(Self::TAG.len() + 33);
        text.push_str(Self::TAG);
        text.push('_');
        text.push_str(&hex);
        text
    }

    /// Reads a global id of this type; anything else is `None`, which callers treat exactly like an unknown id (C13).
    fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix(Self::TAG)?.strip_prefix('_')?;
        if hex.len() != 32 || hex.bytes().any(|b| b.is_ascii_uppercase()) {
            return None;
        }
        Uuid::try_parse(hex).ok().map(Self::from_uuid)
    }
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident $tag:literal;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub struct $name(pub Uuid);

            impl TypedId for $name {
                const TAG: &'static str = $tag;
                fn uuid(self) -> Uuid { self.0 }
                fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }
            }
        )+

        /// Every tag of a global id.
        pub const TAGS: &[&str] = &[$($tag),+];
    };
}

typed_ids! {
    /// A client: random, so that it does not tell since when somebody is known.
    ClientId "client";
    /// A dated entry in a section of a client's record.
    EntryId "entry";
    /// A referral.
    ReferralId "referral";
    /// One text of a referral's narrative.
    NarrativeId "narrative";
    /// An offer of a referral to a team.
    OfferId "offer";
    /// A shared case.
    CaseId "case";
    /// A member team of a shared case.
    CaseMemberId "member";
    /// A note of a shared case.
    NoteId "note";
    /// A consent.
    ConsentId "consent";
    /// Who speaks for a client: a parent, an attorney, a deputy.
    ProxyId "proxy";
    /// On which lawful basis an organisation processes what it has of a client.
    LawfulBasisId "basis";
    /// A signpost.
    SignpostId "signpost";
    /// A legal gateway.
    LegalGatewayId "gateway";
    /// A legal hold on what an organisation keeps of a client.
    LegalHoldId "hold";
    /// A disclosure to somebody outside the system.
    OutwardDisclosureId "disclosure";
    /// An organisation.
    OrganisationId "organisation";
    /// A likely duplicate of two organisations.
    LikenessId "likeness";
    /// That one organisation was merged into another.
    MergeId "merge";
    /// Whom to reach at an organisation.
    ContactId "contact";
    /// A team of an organisation.
    TeamId "team";
    /// A service that an organisation offers.
    ServiceId "service";
    /// A person who works for organisations.
    PersonId "person";
    /// A person's membership of an organisation.
    MembershipId "membership";
    /// A restriction on a client's record.
    RestrictionId "restriction";
    /// That somebody supervises a worker.
    SupervisionId "supervision";
    /// An item of somebody's inbox.
    InboxItemId "inbox";
    /// An override: one person breaking the glass on one record.
    OverrideId "override";
    /// A request for an override on a record that whoever asks cannot see.
    OverrideRequestId "request";
    /// A row of the access ledger.
    GrantId "grant";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_global_id_reads_back_and_only_as_its_own_type() {
        let id = ClientId(Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef));
        assert_eq!(id.global(), "client_0123456789abcdef0123456789abcdef");
        assert_eq!(ClientId::parse(&id.global()), Some(id));
        assert_eq!(ReferralId::parse(&id.global()), None);
        for bad in [
            "",
            "client_",
            "client_0123",
            "0123456789abcdef0123456789abcdef",
            "client_0123456789ABCDEF0123456789abcdef",
        ] {
            assert_eq!(ClientId::parse(bad), None, "{bad}");
        }
    }
}
