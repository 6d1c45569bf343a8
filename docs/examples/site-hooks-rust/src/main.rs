//! A receiver of what a site's server is told, to begin with: docs/webhooks.md says what it has to do.
//!
//! ```sh
//! WEBHOOK_SECRET="$(cat webhook-secret)" cargo run
//! ```
//!
//! What you change is `act`.

use std::collections::HashSet;
use std::env;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde::Deserialize;
use standardwebhooks::{HEADER_WEBHOOK_ID, Webhook};
use tokio::net::TcpListener;

const BODY_BYTES_MAX: usize = 64 * 1024;

/// What is told, as far as it is of use here. The faucet tells more.
#[derive(Deserialize)]
#[serde(tag = "type")]
enum Message {
    #[serde(rename = "cleared")]
    Cleared { data: Cleared },
    #[serde(rename = "drip")]
    Drip { data: Drip },
    #[serde(rename = "budget.low")]
    BudgetLow { data: BudgetLow },
    /// A test, or a type that there will be.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Cleared {
    level: String,
    wallet: String,
}

#[derive(Deserialize)]
struct Drip {
    amount: String,
    wallet: String,
}

#[derive(Deserialize)]
struct BudgetLow {
    campaign: String,
    percent: u8,
}

/// Does what is to be done of a message, and gives a line for the log, if there is anything to be said.
fn act(message: &Message) -> Option<String> {
    match message {
        Message::Cleared { data: Cleared { level, wallet } } => Some(format!("cleared {level} {wallet}")),
        Message::Drip { data: Drip { amount, wallet } } => Some(format!("drip {amount} {wallet}")),
        Message::BudgetLow { data: BudgetLow { campaign, percent } } => {
            Some(format!("low {campaign} {percent}"))
        }
        Message::Other => None,
    }
}

/// What this server knows of the faucet, and what it has done.
pub struct Hooks {
    /// What messages are signed with.
    webhook: Webhook,
    /// The ids of what was done. Yours are on disk, beside what was done, and are kept for some days.
    done: Mutex<HashSet<String>>,
    /// Where the lines of the log go.
    log: Box<dyn Fn(String) + Send + Sync>,
}

impl Hooks {
    /// Takes messages that are signed with this secret.
    pub fn new(secret: &str, log: impl Fn(String) + Send + Sync + 'static) -> Result<Self, Box<dyn Error>> {
        if !secret.starts_with("whsec_") {
            return Err("WEBHOOK_SECRET is not set".into());
        }
        Ok(Self { webhook: Webhook::new(secret)?, done: Mutex::default(), log: Box::new(log) })
    }

    /// Takes a message: the status that is answered.
    fn take(&self, headers: &HeaderMap, body: &[u8]) -> StatusCode {
        // Also whether it was sent just now; and of two signatures, while the secret is changed, either will do.
        if let Err(error) = self.webhook.verify(body, headers) {
            eprintln!("not taken: {error}");
            return StatusCode::UNAUTHORIZED;
        }
        let Some(id) = headers.get(HEADER_WEBHOOK_ID).and_then(|id| id.to_str().ok()) else {
            return StatusCode::UNAUTHORIZED;
        };
        // One at a time: the same one may come twice at once.
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        if !done.contains(id) {
            match serde_json::from_slice(body) {
                Ok(message) => act(&message).into_iter().for_each(&self.log),
                Err(error) => {
                    // It comes again.
                    eprintln!("not understood: {error}");
                    return StatusCode::INTERNAL_SERVER_ERROR;
                }
            }
            done.insert(id.to_owned());
        }
        StatusCode::NO_CONTENT
    }
}

async fn hook(State(hooks): State<Arc<Hooks>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    hooks.take(&headers, &body)
}

/// Serves until it fails.
pub async fn serve(listener: TcpListener, hooks: Hooks) -> std::io::Result<()> {
    let routes = Router::new()
        .route("/hooks", post(hook))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(Arc::new(hooks));
    axum::serve(listener, routes).await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let hooks = Hooks::new(&env::var("WEBHOOK_SECRET").unwrap_or_default(), |line| println!("{line}"))?;
    let port: u16 = env::var("PORT").unwrap_or_else(|_| "3000".to_owned()).parse()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}/hooks", listener.local_addr()?);
    Ok(serve(listener, hooks).await?)
}
