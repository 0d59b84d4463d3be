//! What somebody is to see or do.

use crate::coded;

coded! { InboxKind "What an item of the inbox is about." {
    MemberUncovered "MEMBER_UNCOVERED" "A team left a case that the viewer leads, because a withdrawal left it without consent (C4).",
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
            Self::MemberUncovered => false,
            Self::LegalGatewayAsked => true,
        }
    }
}
