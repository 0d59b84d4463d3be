//! Restrictions (C5-C7): they win over any basis, except as said.

use crate::coded;

coded! { RestrictionKind "A restriction on a client's record (C5-C7)." {
    Sealed "SEALED" "The record exists for the people named on it alone (C5).",
    Objection "OBJECTION" "The client excludes an organisation or a person (C6).",
    ProtectedContact "PROTECTED_CONTACT" "Contact and whatever reveals location is for the named few; two others lift it (C7).",
    ContactPreference "CONTACT_PREFERENCE" "Contact goes through the lead worker, as anybody may choose; to others it reads like protection (C7).",
} }
