//! What can be wrong with a request, in words a portal can show.

use super::text::TextProblem;
use crate::coded;

coded! { UserErrorCode "What is wrong with what was asked. Nothing was changed." {
    Invalid "INVALID" "A value is malformed, empty, too long or impossible; `field` says which.",
    NotFound "NOT_FOUND" "There is no such thing for this viewer: unknown and hidden read the same.",
    NotAllowed "NOT_ALLOWED" "What is seen may not be changed by this viewer.",
    Conflict "CONFLICT" "It was changed by somebody else since the version given was read. Read again and decide again.",
    IdempotencyKeyReused "IDEMPOTENCY_KEY_REUSED" "The same idempotency key came with another body.",
    IllegalTransition "ILLEGAL_TRANSITION" "The state does not allow this step.",
    ConsentRequired "CONSENT_REQUIRED" "Needs the client's consent or a coded ground.",
    ConsentWithoutRecipients "CONSENT_WITHOUT_RECIPIENTS" "A consent names at least one recipient, or all partners.",
    ConsentTooLong "CONSENT_TOO_LONG" "A consent lasts at most two years.",
    SpecialCategoryNotNamed "SPECIAL_CATEGORY_NOT_NAMED" "Special category data needs a consent that names the category.",
    ProxyCannotAct "PROXY_CANNOT_ACT" "The proxy is ended, excluded, or has no authority at that time (C3, C24).",
    DeadEnd "DEAD_END" "Closing needs a signpost, an onward referral or a recorded refusal of signposting.",
    NotCovered "NOT_COVERED" "No live consent covers this agency on this case.",
    SharingWiderThanConsent "SHARING_WIDER_THAN_CONSENT" "A sharing agreement may not go beyond what consent covers.",
    LiftNeedsTwoOthers "LIFT_NEEDS_TWO_OTHERS" "Protected contact is lifted by two people together, neither of whom set it (C7).",
    AlreadyRestricted "ALREADY_RESTRICTED" "A restriction of this kind is there already.",
    FollowsAnother "FOLLOWS_ANOTHER" "The restriction follows from another one, and is changed with it (C7).",
    NotForOneself "NOT_FOR_ONESELF" "Somebody else must do this.",
    OverrideTooLong "OVERRIDE_TOO_LONG" "An override is open for at most 24 hours (C16).",
    OverrideTriesSpent "OVERRIDE_TRIES_SPENT" "A person makes at most three requests for an override a day (C16).",
    SelfReview "SELF_REVIEW" "Who asked for an override or co-signed it does not review it, under any membership (C16, C21).",
    CosignedByAsker "COSIGNED_BY_ASKER" "Nobody co-signs an override of their own, under any membership (C16, C21).",
    CosignedByColleague "COSIGNED_BY_COLLEAGUE" "Nobody co-signs an override of a colleague (C16).",
    LegalGatewayTooLong "LEGAL_GATEWAY_TOO_LONG" "A legal gateway lasts at most two years.",
    NoReviewer "NO_REVIEWER" "The organisation has nobody else who could review it.",
    AlreadyExists "ALREADY_EXISTS" "Something public of that name exists already.",
} }

/// One thing wrong with what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError {
    /// What kind of thing.
    pub code: UserErrorCode,
    /// In plain English.
    pub message: String,
    /// The path of the input field it is about, empty when it is about the whole.
    pub field: Vec<String>,
}

impl UserError {
    /// About the whole input.
    pub fn new(code: UserErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: Vec::new() }
    }

    /// About one input field, written `consent.expiresAt`.
    pub fn at(code: UserErrorCode, path: &str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: path.split('.').map(str::to_owned).collect() }
    }

    /// An id that is unknown to the viewer, or hidden from them.
    pub fn not_found(path: &str) -> Self {
        Self::at(UserErrorCode::NotFound, path, "There is no such thing.")
    }

    /// A text that does not pass [`super::text::check`].
    pub fn text(path: &str, limit: usize, problem: TextProblem) -> Self {
        let message = match problem {
            TextProblem::Empty => "Must not be empty.".to_owned(),
            TextProblem::TooLong => format!("Must not be longer than {limit} characters."),
            TextProblem::Control => "Must not contain control characters.".to_owned(),
        };
        Self::at(UserErrorCode::Invalid, path, message)
    }
}

/// Gathers what is wrong with an input, so that a person hears of everything at once.
#[derive(Default, Debug)]
pub struct Problems(Vec<UserError>);

impl Problems {
    /// Adds one.
    pub fn add(&mut self, error: UserError) {
        self.0.push(error);
    }

    /// Checks a text against its limit; on a problem notes it and yields an empty text.
    pub fn text(&mut self, path: &str, text: &str, limit: usize) -> String {
        super::text::check(text, limit).unwrap_or_else(|problem| {
            self.add(UserError::text(path, limit, problem));
            String::new()
        })
    }

    /// The same for a text that may be left out.
    pub fn optional(&mut self, path: &str, text: Option<&str>, limit: usize) -> Option<String> {
        text.map(|t| self.text(path, t, limit))
    }

    /// Passes, or yields everything that was noted.
    pub fn done(self) -> Result<(), Vec<UserError>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}
