//! The domain's coded enums as GraphQL enums: names, values and descriptions come from the domain, written once.

use crate::domain::code::Coded;
use async_graphql::parser::types::Field;
use async_graphql::registry::{Deprecation, MetaEnumValue, MetaType, MetaTypeId, Registry};
use async_graphql::{
    ContextSelectionSet, InputType, InputValueError, InputValueResult, Name, OutputType, Positioned, ServerResult,
    Value,
};
use std::borrow::Cow;

fn type_info<T: Coded>() -> MetaType {
    MetaType::Enum {
        name: T::NAME.to_owned(),
        description: Some(T::ABOUT.to_owned()),
        enum_values: T::ALL
            .iter()
            .map(|v| {
                let value = MetaEnumValue {
                    name: v.code().to_owned(),
                    description: Some(v.about().to_owned()),
                    deprecation: Deprecation::NoDeprecated,
                    visible: None,
                    inaccessible: false,
                    tags: Vec::new(),
                    directive_invocations: Vec::new(),
                };
                (v.code().to_owned(), value)
            })
            .collect(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: Some(std::any::type_name::<T>()),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

fn parse<T: Coded + InputType>(value: Option<Value>) -> InputValueResult<T> {
    match value.unwrap_or_default() {
        Value::Enum(name) => T::from_code(&name),
        Value::String(name) => T::from_code(&name),
        other => return Err(InputValueError::expected_type(other)),
    }
    .ok_or_else(|| InputValueError::custom(format!("is not a value of {}", T::NAME)))
}

macro_rules! graphql_enums {
    ($($t:ty),+ $(,)?) => {
        $(
            impl InputType for $t {
                type RawValueType = Self;

                fn type_name() -> Cow<'static, str> {
                    Cow::Borrowed(<$t as Coded>::NAME)
                }

                fn create_type_info(registry: &mut Registry) -> String {
                    registry.create_input_type::<$t, _>(MetaTypeId::Enum, |_| type_info::<$t>())
                }

                fn parse(value: Option<Value>) -> InputValueResult<Self> {
                    parse(value)
                }

                fn to_value(&self) -> Value {
                    Value::Enum(Name::new(self.code()))
                }

                fn as_raw_value(&self) -> Option<&Self::RawValueType> {
                    Some(self)
                }
            }

            impl OutputType for $t {
                fn type_name() -> Cow<'static, str> {
                    Cow::Borrowed(<$t as Coded>::NAME)
                }

                fn create_type_info(registry: &mut Registry) -> String {
                    registry.create_output_type::<$t, _>(MetaTypeId::Enum, |_| type_info::<$t>())
                }

                async fn resolve(
                    &self,
                    _: &ContextSelectionSet<'_>,
                    _: &Positioned<Field>,
                ) -> ServerResult<Value> {
                    Ok(Value::Enum(Name::new(self.code())))
                }
            }
        )+
    };
}

graphql_enums!(
    crate::domain::basis::Basis,
    crate::domain::basis::Scope,
    crate::domain::category::Category,
    crate::domain::consent::GivenBy,
    crate::domain::consent::GivenHow,
    crate::domain::consent::Purpose,
    crate::domain::criteria::Availability,
    crate::domain::criteria::Circumstance,
    crate::domain::criteria::District,
    crate::domain::criteria::HouseholdKind,
    crate::domain::criteria::Need,
    crate::domain::document::DocumentKind,
    crate::domain::eligibility::Criterion,
    crate::domain::eligibility::CriterionVerdict,
    crate::domain::eligibility::Fit,
    crate::domain::emergency::OverrideStatus,
    crate::domain::emergency::Receipt,
    crate::domain::emergency::Verdict,
    crate::domain::failure::UserErrorCode,
    crate::domain::inbox::InboxKind,
    crate::domain::inbox::InboxState,
    crate::domain::lawful_basis::LawfulBasisKind,
    crate::domain::lawful_basis::SpecialCondition,
    crate::domain::legal_gateway::LegalGatewayDecision,
    crate::domain::legal_gateway::LegalGatewayKind,
    crate::domain::legal_gateway::LegalGatewayState,
    crate::domain::organisation::LikenessDecision,
    crate::domain::organisation::OrganisationStatus,
    crate::domain::organisation::ServiceStatus,
    crate::domain::organisation_name::LikeReason,
    crate::domain::organisation_name::OrganisationKind,
    crate::domain::outward_disclosure::OutwardDisclosureBasis,
    crate::domain::proxy::ProxyKind,
    crate::domain::referral::DeclineReason,
    crate::domain::referral::Ground,
    crate::domain::referral::Outcome,
    crate::domain::likeness::Likeness,
    crate::domain::referral::Progress,
    crate::domain::referral::ReferralActor,
    crate::domain::routing::Nearness,
    crate::domain::referral::TriageOrder,
    crate::domain::referral::ReferralState,
    crate::domain::referral::Urgency,
    crate::domain::restriction::RestrictionKind,
    crate::domain::role::Role,
    crate::domain::section::AgeBand,
    crate::domain::section::Tenure,
    crate::domain::shared_case::CaseStage,
    crate::domain::shared_case::CaseStatus,
    crate::domain::shared_case::ClosureKind,
    crate::domain::shared_case::ClosureReason,
    crate::domain::shared_case::NoteVisibility,
    crate::domain::signpost::Channel,
    crate::domain::signpost::FollowUp,
    crate::domain::signpost::Told,
    crate::domain::tell::Tell,
    crate::policy::disclosure::RedactionReason,
);
