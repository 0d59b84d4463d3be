//! Scalars with their specification.

use crate::domain::clock::{Timestamp, parse_date};
use crate::domain::section::postcode;
use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

/// A moment, RFC 3339. Given with any offset, returned in UTC.
#[derive(Clone, Copy, Debug)]
pub struct DateTime(pub Timestamp);

/// A moment, RFC 3339. Given with any offset, returned in UTC.
#[Scalar(name = "DateTime", specified_by_url = "https://scalars.graphql.org/andimarek/date-time")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Timestamp::parse(text)
                .map(Self)
                .ok_or_else(|| InputValueError::custom("is not a moment in RFC 3339, such as 2026-04-01T09:30:00Z")),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.rfc3339())
    }
}

/// A calendar date that exists, `YYYY-MM-DD`.
#[derive(Clone, Debug)]
pub struct Date(pub String);

/// A calendar date that exists, `YYYY-MM-DD`.
#[Scalar(name = "Date", specified_by_url = "https://scalars.graphql.org/andimarek/local-date")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) if parse_date(&text).is_some() => Ok(Self(text)),
            Value::String(_) => Err(InputValueError::custom("is not a date that exists, written YYYY-MM-DD")),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A UK postcode. Given in any case and spacing, returned in its usual form, `OX1 1BX`.
#[derive(Clone, Debug)]
pub struct Postcode(pub String);

/// A UK postcode. Given in any case and spacing, returned in its usual form, `OX1 1BX`.
#[Scalar(
    name = "Postcode",
    specified_by_url = "https://www.gov.uk/government/publications/bulk-data-transfer-for-sponsors-xml-schema"
)]
impl ScalarType for Postcode {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => {
                postcode(text).map(Self).ok_or_else(|| InputValueError::custom("is not a UK postcode"))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}
