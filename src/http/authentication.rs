//! Bearer tokens to viewers (C21).
//!
//! The algorithm is pinned by the issuer's settings, never taken from the token. `exp`, `aud`, `iss` and `sub` are required,
//! `nbf` is honoured. A viewer is kept for at most a second; every client-bound statement tests its membership itself, so
//! that an ended one opens nothing meanwhile.

use crate::config::{Issuer, SignatureAlgorithm};
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::ids::{OrganisationId, TypedId};
use crate::domain::role::{Role, Roles};
use crate::persistence::fault::Fault;
use crate::policy::viewer::Viewer;
use crate::service::context::App;
use crate::service::session::{self, Claims};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The issuer of the development profile.
pub const DEVELOPMENT_ISSUER: &str = "alliance-development";
/// The audience of tokens for this service in the development profile.
pub const AUDIENCE: &str = "alliance";
/// The setting that keeps the development key with the database.
pub const DEVELOPMENT_KEY: &str = "development_signing_key";

/// What a token of the development profile says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TokenClaims {
    /// Issuer.
    pub iss: String,
    /// Subject.
    pub sub: String,
    /// Audience.
    pub aud: String,
    /// Expiry, seconds since 1970.
    pub exp: i64,
    /// Issued at.
    #[serde(default)]
    pub iat: i64,
    /// Global id of the organisation the person acts for.
    pub org: String,
    /// Codes of the roles they act in.
    pub roles: Vec<String>,
}

/// What is read of a token. Its audience, one or a list, is tested by the validation.
#[derive(Deserialize)]
struct Said {
    iss: String,
    sub: String,
    exp: i64,
    org: String,
    roles: Vec<String>,
}

struct Trusted {
    issuer: String,
    audience: String,
    algorithm: Algorithm,
    key: DecodingKey,
    /// The organisations it may speak for; all in the development profile.
    organisations: Option<Vec<OrganisationId>>,
}

#[derive(Clone)]
struct Kept {
    claims: Claims,
    viewer: Arc<Viewer>,
    read_at: Timestamp,
}

/// Verifies tokens.
pub struct Authenticator {
    trusted: Vec<Trusted>,
    kept: Cache<Arc<str>, Kept>,
}

/// How long a viewer is kept, in microseconds.
const KEPT_FOR: i64 = 1_000_000;

fn algorithm(a: SignatureAlgorithm) -> Algorithm {
    match a {
        SignatureAlgorithm::HS256 => Algorithm::HS256,
        SignatureAlgorithm::RS256 => Algorithm::RS256,
        SignatureAlgorithm::ES256 => Algorithm::ES256,
        SignatureAlgorithm::EdDSA => Algorithm::EdDSA,
    }
}

fn decoding_key(issuer: &Issuer) -> Result<DecodingKey, String> {
    let pem = std::fs::read(&issuer.public_key_file)
        .map_err(|e| format!("the key file of issuer {} cannot be read: {e}", issuer.issuer))?;
    match issuer.algorithm {
        SignatureAlgorithm::HS256 => Ok(DecodingKey::from_secret(&pem)),
        SignatureAlgorithm::RS256 => DecodingKey::from_rsa_pem(&pem).map_err(|e| e.to_string()),
        SignatureAlgorithm::ES256 => DecodingKey::from_ec_pem(&pem).map_err(|e| e.to_string()),
        SignatureAlgorithm::EdDSA => DecodingKey::from_ed_pem(&pem).map_err(|e| e.to_string()),
    }
    .map_err(|e| format!("the key of issuer {} does not read: {e}", issuer.issuer))
}

impl Authenticator {
    /// Trusts the configured issuers, and in the development profile whoever holds the database's own key.
    pub fn new(issuers: &[Issuer], development_key: Option<&[u8]>) -> Result<Self, String> {
        let mut trusted = Vec::new();
        for issuer in issuers {
            let organisations = issuer
                .organisations
                .iter()
                .map(|o| {
                    OrganisationId::parse(o).ok_or_else(|| {
                        format!("{o} is not the global id of an organisation (issuer {})", issuer.issuer)
                    })
                })
                .collect::<Result<Vec<_>, _>>()?;
            trusted.push(Trusted {
                issuer: issuer.issuer.clone(),
                audience: issuer.audience.clone(),
                algorithm: algorithm(issuer.algorithm),
                key: decoding_key(issuer)?,
                organisations: Some(organisations),
            });
        }
        if let Some(key) = development_key {
            trusted.push(Trusted {
                issuer: DEVELOPMENT_ISSUER.into(),
                audience: AUDIENCE.into(),
                algorithm: Algorithm::HS256,
                key: DecodingKey::from_secret(key),
                organisations: None,
            });
        }
        Ok(Self { trusted, kept: Cache::new(10_000) })
    }

    /// The viewer behind an `Authorization` header; nothing for whatever is wrong with it.
    pub async fn viewer(&self, app: &App, header: Option<&str>) -> Result<Option<Arc<Viewer>>, Fault> {
        let Some(token) = header.and_then(bearer) else { return Ok(None) };
        let now = app.clock.now();
        if let Some(kept) = self.kept.get(token) {
            if kept.claims.expires_at <= now {
                return Ok(None);
            }
            if now.0 - kept.read_at.0 < KEPT_FOR {
                return Ok(Some(kept.viewer));
            }
        }
        let Some(claims) = self.verify(token, now) else { return Ok(None) };
        let Some(viewer) = session::viewer(app, &claims).await?.map(Arc::new) else { return Ok(None) };
        self.kept.insert(token.into(), Kept { claims, viewer: Arc::clone(&viewer), read_at: now });
        Ok(Some(viewer))
    }

    fn verify(&self, token: &str, now: Timestamp) -> Option<Claims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        self.trusted.iter().filter(|t| t.algorithm == header.alg).find_map(|t| {
            let mut validation = Validation::new(t.algorithm);
            validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
            validation.set_issuer(&[&t.issuer]);
            validation.set_audience(&[&t.audience]);
            validation.validate_nbf = true;
            validation.leeway = 0;
            let said = jsonwebtoken::decode::<Said>(token, &t.key, &validation).ok()?.claims;
            let expires_at = Timestamp(said.exp.checked_mul(1_000_000)?);
            let organisation = OrganisationId::parse(&said.org)?;
            let may_speak = t.organisations.as_ref().is_none_or(|list| list.contains(&organisation));
            let roles: Roles = said.roles.iter().filter_map(|r| Role::from_code(r)).collect();
            (may_speak && expires_at > now).then_some(Claims {
                issuer: said.iss,
                subject: said.sub,
                organisation,
                roles,
                expires_at,
            })
        })
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= 8_192).then_some(token)
}

/// Signs a token with the development key.
pub fn sign(key: &[u8], claims: &TokenClaims) -> Result<String, String> {
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(key))
        .map_err(|e| e.to_string())
}
