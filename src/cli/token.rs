//! `alliance token`: tokens of the demonstration's personas, development profile only.

use super::start;
use crate::config::{Config, Profile};
use crate::domain::clock::{Clock, SystemClock, Timestamp};
use crate::domain::code::Coded;
use crate::domain::ids::TypedId;
use crate::http::authentication::{AUDIENCE, DEVELOPMENT_ISSUER, DEVELOPMENT_KEY, TokenClaims, sign};
use crate::persistence::convention;
use crate::service::demo::{PERSONAS, Persona, persona};
use clap::Args;
use std::process::ExitCode;

/// Which token.
#[derive(Args)]
pub struct TokenArgs {
    /// The persona.
    #[arg(required_unless_present = "list")]
    pub name: Option<String>,
    /// Print the personas, one a line.
    #[arg(long)]
    pub list: bool,
}

/// Prints the personas, one a line.
pub fn list() -> ExitCode {
    for p in PERSONAS {
        println!("{}", p.name);
    }
    ExitCode::SUCCESS
}

/// Prints one token and nothing else.
pub async fn run(config: &Config, args: &TokenArgs) -> Result<ExitCode, String> {
    if config.profile == Profile::Production {
        return Err("tokens are minted in the development profile only".into());
    }
    let name = args.name.as_deref().unwrap_or_default();
    let persona = persona(name).ok_or_else(|| format!("there is no persona {name}; see `alliance token --list`"))?;
    let database = start::database(config).await?;
    let key = convention::existing_secret(&database, DEVELOPMENT_KEY)
        .await
        .ok()
        .flatten()
        .ok_or("this database has no development key yet: run `alliance serve --demo` on it first")?;
    println!("{}", mint(&key, persona, SystemClock.now())?);
    Ok(ExitCode::SUCCESS)
}

/// A token of a persona, good for twelve hours.
pub fn mint(key: &[u8], persona: &Persona, now: Timestamp) -> Result<String, String> {
    let seconds = now.0 / 1_000_000;
    let claims = TokenClaims {
        iss: DEVELOPMENT_ISSUER.to_owned(),
        sub: persona.name.to_owned(),
        aud: AUDIENCE.to_owned(),
        exp: seconds + 12 * 3600,
        iat: seconds,
        org: persona.organisation.global(),
        roles: vec![persona.role.code().to_owned()],
    };
    sign(key, &claims)
}
