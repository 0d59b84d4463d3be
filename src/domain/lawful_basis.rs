//! On which lawful basis an organisation processes what it has of a client (C3): UK GDPR and the Data Protection Act 2018.

use super::category::{Categories, Category};
use crate::coded;

coded! { LawfulBasisKind "A lawful basis of processing: Article 6(1) of the UK GDPR (C3)." {
    Consent "CONSENT" "Consent to the processing, point (a). It opens nothing: what may be shared is said by a consent to sharing.",
    Contract "CONTRACT" "A contract with the person, point (b).",
    LegalObligation "LEGAL_OBLIGATION" "A legal obligation, point (c).",
    VitalInterests "VITAL_INTERESTS" "Somebody's vital interests, point (d).",
    PublicTask "PUBLIC_TASK" "A task in the public interest or of official authority, point (e).",
    RecognisedLegitimateInterests "RECOGNISED_LEGITIMATE_INTERESTS"
        "A recognised legitimate interest, point (ea): safeguarding, emergencies, crime (Data (Use and Access) Act 2025).",
    LegitimateInterests "LEGITIMATE_INTERESTS" "Legitimate interests, weighed against the person's, point (f).",
} }

coded! { SpecialCondition "A condition for special categories of data: Article 9(2) of the UK GDPR (C3)." {
    ExplicitConsent "EXPLICIT_CONSENT" "Explicit consent, point (a).",
    SocialProtection "SOCIAL_PROTECTION" "Employment, social security and social protection law, point (b).",
    VitalInterests "VITAL_INTERESTS" "Vital interests of somebody who cannot consent, point (c).",
    NotForProfitBody "NOT_FOR_PROFIT_BODY" "A not-for-profit body's own members and contacts, point (d).",
    MadePublic "MADE_PUBLIC" "Made public by the person, point (e).",
    LegalClaims "LEGAL_CLAIMS" "Legal claims and courts, point (f).",
    SubstantialPublicInterest "SUBSTANTIAL_PUBLIC_INTEREST" "Substantial public interest, point (g).",
    HealthOrSocialCare "HEALTH_OR_SOCIAL_CARE" "Health or social care, point (h).",
    PublicHealth "PUBLIC_HEALTH" "Public health, point (i).",
    ArchivingResearchStatistics "ARCHIVING_RESEARCH_STATISTICS" "Archiving, research and statistics, point (j).",
} }

impl SpecialCondition {
    /// Whether it holds only with a condition of Schedule 1 to the Data Protection Act 2018 (its section 10).
    pub const fn needs_schedule_1(self) -> bool {
        match self {
            Self::SocialProtection
            | Self::SubstantialPublicInterest
            | Self::HealthOrSocialCare
            | Self::PublicHealth
            | Self::ArchivingResearchStatistics => true,
            Self::ExplicitConsent
            | Self::VitalInterests
            | Self::NotForProfitBody
            | Self::MadePublic
            | Self::LegalClaims => false,
        }
    }
}

/// Criminal offences: no special category in the law's sense, and not without a condition of Schedule 1 (Article 10).
pub const OF_OFFENCES: Categories = Categories::of(&[Category::Offending]);

/// The categories that are not processed without a condition of Article 9(2).
pub const NEED_CONDITION: Categories = Categories::SPECIAL.minus(OF_OFFENCES);
