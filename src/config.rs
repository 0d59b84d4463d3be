//! Settings: defaults, then a file, then the environment, then flags. Unknown keys are refused, and everything is validated
//! at start. All limits live here.

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What the service is run for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Demonstration and development: a local signing key, personas, GraphiQL.
    Development,
    /// Production: trusted issuers only.
    Production,
}

/// The settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address to listen on.
    pub listen: String,
    /// `sqlite://PATH?mode=rwc` or `postgres://…`.
    pub database_url: String,
    /// Development or production.
    pub profile: Profile,
    /// Origins of browser front ends that may call the API.
    pub cors_origins: Vec<String>,
    /// Log lines as JSON.
    pub log_json: bool,
    /// Who may issue tokens. In the development profile there is one more, whose key lives in the database.
    pub issuers: Vec<Issuer>,
    /// Limits.
    pub limits: Limits,
}

/// Signature algorithms; pinned here, never taken from a token's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignatureAlgorithm {
    /// HMAC with SHA-256; development only.
    HS256,
    /// RSA with SHA-256.
    RS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519.
    EdDSA,
}

/// A trusted issuer of tokens (C21).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// The `iss` claim.
    pub issuer: String,
    /// The `aud` claim its tokens for this service carry.
    pub audience: String,
    /// How it signs.
    pub algorithm: SignatureAlgorithm,
    /// File with its public key, PEM.
    pub public_key_file: PathBuf,
    /// Global ids of the organisations it may speak for.
    pub organisations: Vec<String>,
}

/// All limits.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Milliseconds until a request is answered UNAVAILABLE; what it began goes on to its end.
    pub deadline_ms: u64,
    /// Milliseconds a statement may run (PostgreSQL).
    pub statement_ms: u64,
    /// Depth of a document.
    pub depth: usize,
    /// Complexity of a document: its fields, multiplied by the sizes of pages.
    pub complexity: usize,
    /// Aliases in a document.
    pub aliases: usize,
    /// Tokens of a document.
    pub tokens: usize,
    /// Requests executed at once; more wait.
    pub concurrency: usize,
    /// Imports and exports of referrals that go on at once; more are told to come back.
    pub bulk: usize,
    /// Rows of a file of referrals.
    pub import_rows: u64,
    /// Milliseconds for which more of a file is waited for, and for which whoever sent it may leave what is told of it unread.
    pub import_read_ms: u64,
    /// Connections of the database pool.
    pub connections: u32,
    /// Documents kept parsed.
    pub cached_documents: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            database_url: "sqlite://alliance.db?mode=rwc".into(),
            profile: Profile::Development,
            cors_origins: Vec::new(),
            log_json: false,
            issuers: Vec::new(),
            limits: Limits {
                body_bytes: 256 * 1024,
                deadline_ms: 10_000,
                statement_ms: 8_000,
                depth: 20,
                complexity: 20_000,
                aliases: 30,
                tokens: 4_000,
                concurrency: 256,
                bulk: 4,
                import_rows: 100_000,
                import_read_ms: 30_000,
                connections: 8,
                cached_documents: 1_000,
            },
        }
    }
}

/// What flags set; what is left out comes from environment, file or default.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Flags {
    /// Address to listen on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// Database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
    /// Profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
}

/// Variables of the environment that are no settings: where the file is, and the log filter.
const NOT_SETTINGS: &[&str] = &["config", "log"];

impl Config {
    /// Reads and validates the settings.
    pub fn read(file: Option<&std::path::Path>, flags: &Flags) -> Result<Self, String> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = file {
            if !file.is_file() {
                return Err(format!("there is no settings file {}", file.display()));
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        let environment = Env::prefixed("ALLIANCE_").ignore(NOT_SETTINGS).split("__");
        let config: Self = figment
            .merge(environment)
            .merge(Serialized::defaults(flags))
            .extract()
            .map_err(|e| format!("the settings do not read: {e}"))?;
        config.validate()?;
        Ok(config)
    }

    fn validate(&self) -> Result<(), String> {
        let l = &self.limits;
        let known = self.database_url.starts_with("sqlite:")
            || self.database_url.starts_with("postgres:")
            || self.database_url.starts_with("postgresql:");
        if !known {
            return Err("database_url must begin with sqlite: or postgres:".into());
        }
        if self.listen.parse::<std::net::SocketAddr>().is_err() {
            return Err("listen must be an address and a port, such as 127.0.0.1:8080".into());
        }
        if l.depth < 15 {
            return Err("limits.depth under 15 breaks introspection".into());
        }
        let positive = [l.body_bytes, l.complexity, l.aliases, l.tokens, l.concurrency, l.cached_documents, l.bulk];
        if positive.contains(&0)
            || l.connections == 0
            || l.deadline_ms == 0
            || l.statement_ms == 0
            || l.import_rows == 0
            || l.import_read_ms == 0
        {
            return Err("every limit must be at least 1".into());
        }
        if self.profile == Profile::Production {
            if self.issuers.is_empty() {
                return Err("the production profile needs at least one issuer".into());
            }
            if self.issuers.iter().any(|i| i.algorithm == SignatureAlgorithm::HS256) {
                return Err("HS256 is for development: a production issuer signs with RS256, ES256 or EdDSA".into());
            }
        }
        for issuer in &self.issuers {
            if issuer.issuer.is_empty() || issuer.audience.is_empty() || issuer.organisations.is_empty() {
                return Err("an issuer needs a name, an audience and the organisations it may speak for".into());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_valid_and_flags_win() {
        let flags = Flags { listen: Some("127.0.0.1:9".into()), ..Flags::default() };
        assert_eq!(Config::read(None, &flags).unwrap().listen, "127.0.0.1:9");
    }

    #[test]
    fn nonsense_is_refused_in_words() {
        let with = |change: fn(&mut Config)| {
            let mut c = Config::default();
            change(&mut c);
            c.validate().unwrap_err()
        };
        assert!(with(|c| c.database_url = "mysql://x".into()).contains("sqlite"));
        assert!(with(|c| c.listen = "here".into()).contains("address"));
        assert!(with(|c| c.limits.depth = 5).contains("introspection"));
        assert!(with(|c| c.limits.aliases = 0).contains("at least 1"));
        assert!(with(|c| c.profile = Profile::Production).contains("issuer"));
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let figment = Figment::from(Serialized::defaults(Config::default())).merge(Toml::string("lissten = 'x'"));
        assert!(figment.extract::<Config>().unwrap_err().to_string().contains("lissten"));
    }
}
