//! What somebody is to see or do.

use crate::coded;

coded! { InboxKind "What an item of the inbox is about." {
    MemberUncovered "MEMBER_UNCOVERED" "A team left a case that the viewer leads, because a withdrawal left it without consent (C4).",
    OverrideToReview "OVERRIDE_TO_REVIEW" "Somebody broke the glass, or asks to; it is to be reviewed (C16).",
    OverrideToCosign "OVERRIDE_TO_COSIGN" "An override waits for the viewer's co-signature (C16).",
    OverrideEscalated "OVERRIDE_ESCALATED" "Nobody reviewed an override within a working day (C16).",
    OverrideOpened "OVERRIDE_OPENED" "An override that the viewer asked for is open (C16).",
    OverrideWaiting "OVERRIDE_WAITING" "An override that the viewer asked for waits for a co-signature (C16).",
    OverrideRequestUnmatched "OVERRIDE_REQUEST_UNMATCHED" "A request for an override led to no single record: somebody should ring back (C16).",
    ReferralAsked "REFERRAL_ASKED" "The hub asked something about a referral that the viewer sent; it waits for the answer.",
    ReferralAnswered "REFERRAL_ANSWERED" "What the viewer asked about a referral was answered.",
    DutyToRefer "DUTY_TO_REFER" "A public body's duty to refer came in: the hub passes it on the same day.",
    LegalGatewayAsked "LEGAL_GATEWAY_ASKED" "A legal gateway is asked for: a safeguarding lead is to decide about it (C17).",
} }

coded! { InboxState "Which items of the inbox to list." {
    Unread "UNREAD" "Not read yet.",
    Open "OPEN" "Not done yet.",
    Done "DONE" "Done.",
} }

impl InboxKind {
    /// Whether something is to be done; an item that only tells something is done when it is read.
    pub const fn is_task(self) -> bool {
        match self {
            Self::OverrideToReview
            | Self::OverrideToCosign
            | Self::OverrideEscalated
            | Self::ReferralAsked
            | Self::DutyToRefer
            | Self::LegalGatewayAsked => true,
            Self::MemberUncovered
            | Self::OverrideOpened
            | Self::OverrideWaiting
            | Self::OverrideRequestUnmatched
            | Self::ReferralAnswered => false,
        }
    }
}
