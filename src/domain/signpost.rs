//! Signposts: who was told, how, and what became of it.

use crate::coded;

coded! { Told "Who was told of the service." {
    Client "CLIENT" "The client.",
    Referrer "REFERRER" "The referrer.",
    Both "BOTH" "Both.",
} }

coded! { Channel "How they were told." {
    FaceToFace "FACE_TO_FACE" "In person.",
    Phone "PHONE" "By phone.",
    Email "EMAIL" "By email.",
    TextMessage "TEXT_MESSAGE" "By text message.",
    Letter "LETTER" "By letter.",
    ThroughReferrer "THROUGH_REFERRER" "Through the referrer.",
} }

coded! { FollowUp "What became of a signpost." {
    Contacted "CONTACTED" "The person contacted the service.",
    Engaged "ENGAGED" "The person is using it.",
    TurnedAway "TURNED_AWAY" "The service said no.",
    CouldNotReach "COULD_NOT_REACH" "The person or the service could not be reached.",
    Unknown "UNKNOWN" "It is not known.",
} }
