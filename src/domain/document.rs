//! The documents that access grants come from, as an explanation names them.

use super::code::Coded;
use super::ids::{
    CaseId, CaseMemberId, ClientId, ConsentId, LegalGatewayId, OfferId, OverrideId, ReferralId, TypedId,
};
use crate::coded;
use uuid::Uuid;

coded! { DocumentKind "What kind of document an access grant comes from." {
    Referral "REFERRAL" "A referral.",
    Offer "OFFER" "An offer of a referral to a team.",
    Case "CASE" "A shared case.",
    CaseMember "CASE_MEMBER" "A team's membership of a shared case.",
    Consent "CONSENT" "A consent.",
    Client "CLIENT" "The record itself: what was recorded on it.",
    Override "OVERRIDE" "An override.",
    LegalGateway "LEGAL_GATEWAY" "A legal gateway.",
    Other "OTHER" "Another document, which has no global id.",
} }

impl DocumentKind {
    /// The kind behind the name that the ledger keeps.
    pub fn of(source_kind: &str) -> Self {
        Self::from_code(&source_kind.to_uppercase()).unwrap_or(Self::Other)
    }

    /// The document's global id, where its kind has one.
    pub fn global(self, id: Uuid) -> Option<String> {
        Some(match self {
            Self::Referral => ReferralId(id).global(),
            Self::Offer => OfferId(id).global(),
            Self::Case => CaseId(id).global(),
            Self::CaseMember => CaseMemberId(id).global(),
            Self::Consent => ConsentId(id).global(),
            Self::Client => ClientId(id).global(),
            Self::Override => OverrideId(id).global(),
            Self::LegalGateway => LegalGatewayId(id).global(),
            Self::Other => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_ledger_names_is_a_document_with_an_id() {
        for source in ["referral", "offer", "case", "case_member", "consent", "client", "override", "legal_gateway"] {
            let kind = DocumentKind::of(source);
            assert_eq!(kind.code(), source.to_uppercase());
            assert!(kind.global(Uuid::nil()).is_some_and(|id| id.ends_with("_00000000000000000000000000000000")));
        }
        assert_eq!(DocumentKind::of("what nobody knows"), DocumentKind::Other);
        assert_eq!(DocumentKind::Other.global(Uuid::nil()), None);
    }
}
