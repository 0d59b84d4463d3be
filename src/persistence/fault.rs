//! What goes wrong below the rules: the database does not answer, a row does not read.

/// An unexpected failure. It has no `Display` on purpose: its text is for the log and must never reach a client.
#[derive(Debug)]
pub struct Fault(String);

impl Fault {
    /// With words for the log: no personal data.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The words for the log.
    pub fn for_log(&self) -> &str {
        &self.0
    }
}

impl From<sea_orm::DbErr> for Fault {
    fn from(error: sea_orm::DbErr) -> Self {
        // The detail of a constraint violation quotes values; keep the kind and the first line only.
        let text = error.to_string();
        Self(text.lines().next().unwrap_or_default().split("DETAIL").next().unwrap_or_default().to_owned())
    }
}

impl From<sea_orm::sqlx::Error> for Fault {
    fn from(error: sea_orm::sqlx::Error) -> Self {
        sea_orm::DbErr::Query(sea_orm::RuntimeErr::SqlxError(std::sync::Arc::new(error))).into()
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self(format!("stored JSON does not read: line {} column {}", error.line(), error.column()))
    }
}
