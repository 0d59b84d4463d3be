//! `alliance serve` and `alliance seed`.

use super::{start, token};
use crate::config::{Config, Profile};
use crate::http::authentication::{Authenticator, DEVELOPMENT_ISSUER, DEVELOPMENT_KEY};
use crate::http::graphiql::PersonaCard;
use crate::http::server::{Server, router, serve};
use crate::persistence::convention;
use crate::service::context::{App, Failure};
use crate::service::{demo, jobs};
use clap::Args;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;

/// How to serve.
#[derive(Args)]
pub struct ServeArgs {
    /// Address to listen on. Environment: `ALLIANCE_LISTEN`. Default 127.0.0.1:8080.
    #[arg(long)]
    pub listen: Option<String>,
    /// Migrate, put demonstration data into an empty database, and print a token and an example query per persona.
    #[arg(long)]
    pub demo: bool,
}

/// Serves until interrupted.
pub async fn run(config: &Config, args: &ServeArgs) -> Result<ExitCode, String> {
    let app = if args.demo {
        let database = start::database(config).await?;
        start::apply_migrations(&database).await?;
        let app = start::start(database).await?;
        seed_into(&app).await?;
        app
    } else {
        start::app(config).await?
    };
    let development = config.profile == Profile::Development;
    let key = if development {
        let key = convention::secret(&app.database, DEVELOPMENT_KEY, &*app.random).await;
        Some(key.map_err(|f| start::told(&f))?)
    } else {
        None
    };
    let authenticator = Authenticator::new(&config.issuers, key.as_deref())?;
    let cards = match (&key, args.demo) {
        (Some(key), true) => Some(cards(key, &app)?),
        _ => None,
    };
    let server = Server::new(Arc::clone(&app), config, authenticator);
    let router = router(Arc::clone(&server), config, cards.clone());
    let listener =
        TcpListener::bind(&config.listen).await.map_err(|e| format!("cannot listen on {}: {e}", config.listen))?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    if let Some(cards) = cards {
        announce(address, &cards);
    } else {
        println!("listening on http://{address}/graphql");
    }
    let (stop_jobs, stopped) = tokio::sync::oneshot::channel::<()>();
    // Resolves when the other end is dropped: the service has stopped.
    let jobs = tokio::spawn(jobs::run(Arc::clone(&app), async { drop(stopped.await) }));
    let served = serve(listener, server, router, interrupted()).await.map_err(|e| e.to_string());
    drop(stop_jobs);
    jobs.await.map_err(|e| e.to_string())?;
    served?;
    Ok(ExitCode::SUCCESS)
}

/// Resolves at Ctrl-C or SIGTERM.
async fn interrupted() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => {
                let _ = interrupt.await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = interrupt.await;
    }
}

fn cards(key: &[u8], app: &App) -> Result<Vec<PersonaCard>, String> {
    demo::PERSONAS
        .iter()
        .map(|p| {
            Ok(PersonaCard {
                name: p.name.to_owned(),
                description: p.about.to_owned(),
                token: token::mint(key, p, app.clock.now())?,
                example: p.example.to_owned(),
            })
        })
        .collect()
}

fn announce(address: std::net::SocketAddr, cards: &[PersonaCard]) {
    println!("The Alliance API is at http://{address}/graphql, GraphiQL at http://{address}/graphiql");
    println!("All people in the demonstration data are invented.\n");
    for card in cards {
        println!("# {} - {}", card.name, card.description);
        println!("token: {}", card.token);
        println!("query: {}\n", card.example);
    }
    println!("A token again: alliance token NAME (with the same database)");
}

/// `alliance seed`.
pub async fn seed(config: &Config) -> Result<ExitCode, String> {
    if config.profile == Profile::Production {
        return Err("demonstration data is for the development profile".into());
    }
    let app = start::app(config).await?;
    let done = seed_into(&app).await?;
    println!("{}", if done { "seeded" } else { "nothing done: the database has organisations already" });
    Ok(ExitCode::SUCCESS)
}

async fn seed_into(app: &Arc<App>) -> Result<bool, String> {
    demo::seed(app, DEVELOPMENT_ISSUER).await.map_err(|failure| match failure {
        Failure::Fault(fault) => format!("seeding failed: {}", start::told(&fault)),
        Failure::User(errors) => {
            let told: Vec<_> = errors.iter().map(|e| format!("{}: {}", e.field.join("."), e.message)).collect();
            format!("seeding failed: {}", told.join("; "))
        }
        other => format!("seeding failed: {other:?}"),
    })
}
