//! The server of a site that lets nobody in who has not cleared its level, to begin with: docs/verification.md says what it has to do.
//!
//! ```sh
//! DRIPLINE_URL=https://faucet.example DRIPLINE_SECRET="$(cat site-secret)" ORIGIN=https://shop.example LEVEL=catch-1 cargo run
//! ```
//!
//! It takes comments: `POST /comments` with `{"token": "…", "text": "…"}`. What you change is `keep`.

use std::env;
use std::error::Error;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const TRIES: u32 = 3;
const WAIT: Duration = Duration::from_millis(300);

/// What this server knows of the faucet and of itself.
pub struct Site {
    /// Where the faucet is.
    pub dripline_url: String,
    /// The site's secret.
    pub secret: String,
    /// The origin of this site's own pages.
    pub origin: String,
    /// The level that they show. Where any will do, take out what compares it.
    pub level: String,
}

/// What is sent here.
#[derive(Deserialize)]
struct Comment {
    token: String,
    text: String,
}

/// What was played, as far as it is of use here. The faucet tells more.
#[derive(Deserialize, Serialize)]
struct Verified {
    wallet: String,
    level: String,
    stars: u8,
    origin: String,
}

#[derive(Deserialize)]
struct Reason {
    code: String,
}

#[derive(Deserialize)]
struct Answer {
    success: bool,
    reasons: Vec<Reason>,
    verified: Option<Verified>,
}

/// Keeps a comment of somebody who has cleared the level.
fn keep(text: &str, verified: &Verified) -> Value {
    json!({ "text": text, "by": verified.wallet, "level": verified.level, "stars": verified.stars })
}

/// What was played, or nothing where the token is not good. Fails where the faucet does not answer.
fn verify(site: &Site, token: &str, idempotency_key: &str) -> Result<Option<Verified>, Box<dyn Error>> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(5)))
        .build()
        .into();
    // The same key for each try: should the answer to the first one be lost, the second one gets it.
    let body =
        json!({ "secret": site.secret, "token": token, "idempotency_key": idempotency_key }).to_string();
    let ask = || -> Result<Option<Verified>, Box<dyn Error>> {
        let url = format!("{}/api/v1/siteverify", site.dripline_url);
        let mut response = agent.post(url).header("content-type", "application/json").send(&body)?;
        match response.status().as_u16() {
            200 => {}
            // Whatever else is wrong with a request stays wrong: a token that is too long, for example.
            400 | 413 | 422 => return Ok(None),
            status => return Err(format!("the faucet answers {status}").into()),
        }
        let answer: Answer = serde_json::from_str(&response.body_mut().read_to_string()?)?;
        if !answer.success {
            let codes: Vec<String> = answer.reasons.into_iter().map(|reason| reason.code).collect();
            eprintln!("not verified: {}", codes.join(", "));
            return Ok(None);
        }
        Ok(answer.verified)
    };
    let mut answer = ask();
    for _ in 1..TRIES {
        if answer.is_ok() {
            break;
        }
        thread::sleep(WAIT);
        answer = ask();
    }
    answer
}

async fn comment(State(site): State<Arc<Site>>, Json(comment): Json<Comment>) -> (StatusCode, Json<Value>) {
    let (of, token) = (Arc::clone(&site), comment.token);
    let Ok(chance) = getrandom::u64() else {
        return (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({ "error": "something went wrong" })));
    };
    let key = format!("{chance:016x}");
    let asked =
        tokio::task::spawn_blocking(move || verify(&of, &token, &key).map_err(|error| error.to_string()));
    match asked.await {
        Ok(Ok(Some(verified))) if verified.origin == site.origin && verified.level == site.level => {
            (StatusCode::CREATED, Json(keep(&comment.text, &verified)))
        }
        Ok(Ok(_)) => (StatusCode::FORBIDDEN, Json(json!({ "error": "clear the level first" }))),
        // Nobody gets in because the faucet is away.
        Ok(Err(error)) => {
            eprintln!("{error}");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "error": "try again" })))
        }
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({ "error": "something went wrong" }))),
    }
}

/// Serves until it fails.
pub async fn serve(listener: TcpListener, site: Site) -> std::io::Result<()> {
    let routes = Router::new().route("/comments", post(comment)).with_state(Arc::new(site));
    axum::serve(listener, routes).await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let variable = |name: &str, otherwise: &str| env::var(name).unwrap_or_else(|_| otherwise.to_owned());
    let site = Site {
        dripline_url: variable("DRIPLINE_URL", "http://127.0.0.1:8080"),
        secret: env::var("DRIPLINE_SECRET").map_err(|_| "DRIPLINE_SECRET is not set")?,
        origin: variable("ORIGIN", "https://shop.example"),
        level: variable("LEVEL", "catch-1"),
    };
    let port: u16 = variable("PORT", "3000").parse()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(serve(listener, site).await?)
}
