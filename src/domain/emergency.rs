//! Breaking the glass (C16): the states of an override, and what its review decides (C18).

use super::referral::Ground;
use super::tell::Tell;
use crate::coded;

coded! { OverrideStatus "Where an override stands (C16)." {
    Waiting "WAITING" "It waits for a co-signature; nothing is open.",
    Open "OPEN" "It is open to whoever asked.",
    Over "OVER" "It has run out, or was given back, ended or never co-signed.",
} }

coded! { Verdict "What an independent review found (C16)." {
    Justified "JUSTIFIED" "It was justified.",
    NotJustified "NOT_JUSTIFIED" "It was not: it ends at once.",
} }

coded! { Receipt "What is said to a request, whatever comes of it (C16)." {
    Received "RECEIVED" "It was received. A single match reaches the inbox of whoever asked, anything else a safeguarding lead's.",
} }

coded! { Job "Background work, an actor of its own in the trace (C20)." {
    MatchOverrideRequests "MATCH_OVERRIDE_REQUESTS" "Matches requests for an override against records that whoever asked cannot see (C15, C16).",
    EscalateOverrides "ESCALATE_OVERRIDES" "Escalates overrides that nobody has reviewed within a working day (C16).",
    LapseOverrides "LAPSE_OVERRIDES" "Ends overrides that nobody has co-signed within a day.",
    TellNewLeads "TELL_NEW_LEADS" "Puts before a safeguarding lead what was put before the others when they were none yet (C16, C17).",
} }

/// The longest an override may be open, in hours.
pub const MOST_HOURS: i64 = 24;
/// How long an override waits for a co-signature, in hours.
pub const HOURS_TO_COSIGN: i64 = 24;
/// Requests a person may make on one day in London.
pub const REQUESTS_A_DAY: i64 = 3;
/// Working days within which an override is to be reviewed.
pub const WORKING_DAYS_TO_REVIEW: u32 = 1;
/// Days for which the client is not told where that is the default and nobody named a date.
pub const DAYS_WITHHELD: i64 = 365;

/// What is decided about telling the client when the review says nothing of it (C18).
pub const fn default_tell(ground: Ground) -> Tell {
    match ground {
        Ground::ChildAtRisk | Ground::PublicProtection => Tell::Withhold,
        Ground::SeriousHarmToSelf | Ground::SeriousHarmToOthers | Ground::AdultAtRisk => Tell::Tell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::code::Coded;

    #[test]
    fn only_child_and_public_protection_withhold_by_default() {
        for ground in Ground::ALL {
            let withheld = [Ground::ChildAtRisk, Ground::PublicProtection].contains(ground);
            assert_eq!(default_tell(*ground) == Tell::Withhold, withheld, "{ground:?}");
        }
    }
}
