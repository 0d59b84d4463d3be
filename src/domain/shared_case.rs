//! Shared cases: stages, closures, visibility of notes.

use super::category::{Categories, Category};
use crate::coded;

coded! { CaseStage "Where the support stands." {
    DoingFor "DOING_FOR" "The worker does things for the person.",
    DoingWith "DOING_WITH" "They do things together.",
    SustainingIndependence "SUSTAINING_INDEPENDENCE" "The person does, the worker stands by.",
} }

coded! { ClosureKind "How a case ended." {
    Planned "PLANNED" "As planned with the person.",
    Unplanned "UNPLANNED" "Otherwise.",
} }

coded! { ClosureReason "Why a case ended." {
    NeedsMet "NEEDS_MET" "The needs are met.",
    MovedAway "MOVED_AWAY" "The person moved out of the area.",
    Disengaged "DISENGAGED" "The person no longer engages.",
    ClientChoice "CLIENT_CHOICE" "The person chose to end.",
    TransferredToOtherSupport "TRANSFERRED_TO_OTHER_SUPPORT" "Another service took over.",
    Prison "PRISON" "The person went to prison.",
    Hospital "HOSPITAL" "The person went into long-term care.",
    Died "DIED" "The person died.",
} }

impl ClosureReason {
    /// The categories that the reason implies (C11): that somebody went to prison, or into long-term care.
    pub const fn implies(self) -> Categories {
        match self {
            Self::Prison => Categories::of(&[Category::Offending]),
            Self::Hospital => Categories::of(&[Category::Health]),
            _ => Categories::NONE,
        }
    }
}

coded! { NoteVisibility "Who of those with the categories may see a note." {
    Team "TEAM" "The teams on the case.",
    Agency "AGENCY" "The organisation that recorded it.",
    ThirdParty "THIRD_PARTY" "Third-party confidential: stays with the organisation that recorded it (C9).",
    Reflective "REFLECTIVE" "A reflective log: its author, and the author's supervisor in the same organisation (C10).",
} }

coded! { CaseStatus "Whether a case is open." {
    Open "OPEN" "Support is going on.",
    Closed "CLOSED" "Support ended. The door stays open: re-entry starts a new case linked to this one.",
} }
