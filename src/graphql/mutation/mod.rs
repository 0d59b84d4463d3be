//! The mutation root, and the conventions of every mutation.
//!
//! Every mutation takes one `input` with `idempotencyKey` and `validateOnly`, and `version` where it changes something that
//! has one; it returns a payload with the changed object, read again under today's rights, and `userErrors`.

mod client;
mod consent;
mod criteria;
mod emergency;
mod inbox;
mod lawful_basis;
mod legal_gateway;
mod merge;
mod organisation;
mod outward_disclosure;
mod proxy;
mod referral;
mod restriction;
mod retention;
mod section;
mod shared_case;
mod signpost;
mod supervision;
mod triage;

use super::failure::{ApiError, UserError};
use crate::domain::ids::TypedId;
use crate::domain::mutation::Asked;
use crate::service::context::Failure;
use crate::service::unit::Done;
use async_graphql::{InputType, MergedObject, Value};
use std::future::Future;

/// Changing things. Each mutation takes one `input`; the same `idempotencyKey` with the same body has one effect;
/// `validateOnly` runs every check and changes nothing; what is wrong is told in `userErrors`.
#[derive(MergedObject, Default)]
pub struct Mutation(
    referral::ReferralMutations,
    triage::TriageMutations,
    client::ClientMutations,
    consent::ConsentMutations,
    restriction::RestrictionMutations,
    proxy::ProxyMutations,
    lawful_basis::LawfulBasisMutations,
    shared_case::CaseMutations,
    signpost::SignpostMutations,
    supervision::SupervisionMutations,
    emergency::OverrideMutations,
    inbox::InboxMutations,
    organisation::RegistryMutations,
    merge::BodyMutations,
    criteria::CriteriaMutations,
    legal_gateway::LegalGatewayMutations,
    retention::RetentionMutations,
    outward_disclosure::OutwardDisclosureMutations,
);

/// The conventions of every input.
pub(super) trait Conventions: InputType {
    /// The idempotency key.
    fn key(&self) -> Option<&String>;
    /// Whether it is only to be checked.
    fn validate_only(&self) -> bool;

    /// What every use case is asked with.
    fn asked(&self) -> Asked {
        let mut body = self.to_value();
        if let Value::Object(fields) = &mut body {
            fields.shift_remove("idempotencyKey");
        }
        Asked { idempotency_key: self.key().cloned(), validate_only: self.validate_only(), body: body.to_string() }
    }
}

/// Declares an input with the conventions' fields.
macro_rules! input {
    ($about:literal $name:ident { $($(#[doc = $doc:literal])+ $field:ident: $t:ty,)* }) => {
        #[doc = $about]
        #[derive(async_graphql::InputObject)]
        pub struct $name {
            $($(#[doc = $doc])+ $field: $t,)*
            /// Same key, same body: one effect, read again under today's rights. Same key, other body: an error.
            idempotency_key: Option<String>,
            /// Run every check, change nothing.
            #[graphql(default)]
            validate_only: bool,
        }

        impl $crate::graphql::mutation::Conventions for $name {
            fn key(&self) -> Option<&String> {
                self.idempotency_key.as_ref()
            }

            fn validate_only(&self) -> bool {
                self.validate_only
            }
        }
    };
}
use input;

/// Declares a payload.
macro_rules! payload {
    ($name:ident, $field:ident: $t:ty, $about:literal) => {
        #[doc = concat!("What became of it: ", $about, ", or what is wrong.")]
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            #[doc = concat!("The ", $about, ", read again under today's rights; `null` on errors, when only validated, or when the viewer no longer sees it.")]
            $field: Option<$t>,
            /// What is wrong; empty when it was done.
            user_errors: Vec<$crate::graphql::failure::UserError>,
        }

        impl $name {
            fn of((found, user_errors): (Option<$t>, Vec<$crate::graphql::failure::UserError>)) -> Self {
                Self { $field: found, user_errors }
            }
        }
    };
}
use payload;

/// The parts of a payload: what was changed, read again through the same path as any query, or what is wrong.
async fn outcome<I, T, F>(
    result: Result<Done<I>, Failure>,
    read: impl FnOnce(I) -> F,
) -> Result<(Option<T>, Vec<UserError>), ApiError>
where
    I: TypedId,
    F: Future<Output = Result<Option<T>, ApiError>>,
{
    match result {
        Ok(Done::Changed(id)) => Ok((read(id).await?, Vec::new())),
        Ok(Done::Checked) => Ok((None, Vec::new())),
        Err(Failure::User(errors)) => Ok((None, errors.into_iter().map(UserError::from).collect())),
        Err(other) => Err(other.into()),
    }
}
