//! Errors as clients see them: coded, in plain English, without internals.

use crate::domain::failure::{UserError as Problem, UserErrorCode};
use crate::persistence::fault::Fault;
use crate::service::context::Failure;
use async_graphql::{Error, ErrorExtensions, SimpleObject};

/// Something wrong with what was asked. Nothing was changed.
#[derive(SimpleObject, Clone, Debug)]
pub struct UserError {
    /// What kind of thing.
    code: UserErrorCode,
    /// In plain English.
    message: String,
    /// The path of the input field it is about; empty when it is about the whole.
    field: Vec<String>,
}

impl From<Problem> for UserError {
    fn from(p: Problem) -> Self {
        Self { code: p.code, message: p.message, field: p.field }
    }
}

/// Why a field could not be resolved. It has no `Display`, so that nothing of it reaches a client by `?` alone.
#[derive(Debug)]
pub enum ApiError {
    /// The operation is not for the viewer's roles.
    Forbidden,
    /// The membership behind the token ended.
    Unauthenticated,
    /// An argument is out of bounds or does not read.
    BadRequest(&'static str),
    /// Something unexpected; the words are for the log.
    Internal(Fault),
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        Self::Internal(fault)
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Forbidden => Self::Forbidden,
            Failure::MembershipEnded => Self::Unauthenticated,
            Failure::Fault(fault) => Self::Internal(fault),
            // Expected failures are told in the payload; one that gets here is a defect of ours.
            Failure::User(_) => Self::Internal(Fault::new("an expected failure was not told in a payload")),
        }
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        let (code, message) = match error {
            ApiError::Forbidden => ("FORBIDDEN", "This operation is not for your role."),
            ApiError::Unauthenticated => ("UNAUTHENTICATED", "Sign in again."),
            ApiError::BadRequest(why) => ("BAD_REQUEST", why),
            ApiError::Internal(fault) => {
                tracing::error!(error = fault.for_log(), "a field could not be resolved");
                ("INTERNAL", "Something went wrong on our side. The request id is in the x-request-id header.")
            }
        };
        Self::new(message).extend_with(|_, e| e.set("code", code))
    }
}
