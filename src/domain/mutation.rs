//! What every mutation is asked with, whatever it does.

/// The conventions of every mutation's input.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Same key, same body: one effect. Same key, other body: an error.
    pub idempotency_key: Option<String>,
    /// Run every check, change nothing.
    pub validate_only: bool,
    /// The whole input in a canonical form, to tell a replay from another body. Hashed with a secret, never stored.
    pub body: String,
}
