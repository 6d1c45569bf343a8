//! `dripline play`: a bot plays one level through the public API, in real time: a smoke test of any deployment.
//!
//! It does what a player's page does and nothing else: opens a round with a signed statement, sends each segment when
//! it can have been played, claims the reward, and checks what the server said against what the server had promised.

mod client;
mod key;
mod round;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use dripline_shared::api::{CatalogView, LevelView, OpenAnswer, OpenRequest};
use dripline_shared::catalog::DEFAULT_CAMPAIGN;
use dripline_shared::error::Code;
use dripline_shared::game::Skill;
use dripline_shared::round::ClientId;
use dripline_shared::wallet::{Signature, Wallet};
use ed25519_dalek::SigningKey;

use self::client::Client;
use self::round::Play;
use super::Failure;
use crate::edge::Edge;

/// What `dripline play` is told.
#[derive(Debug, Args)]
pub(super) struct PlayArguments {
    /// The server, such as <https://play.example>
    #[arg(long, value_name = "URL")]
    server: String,
    /// The level's id
    #[arg(long, value_name = "ID")]
    level: String,
    /// A file with the player's key, as the page saves it; made where it is missing. A new key where none is named
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// How well the bot plays
    #[arg(long, value_enum, default_value = "fair")]
    skill: BotSkill,
}

/// How well the bot plays.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum BotSkill {
    /// Any input, at any time
    Random,
    /// As a person who has understood the game
    Fair,
    /// As the best people do
    Strong,
}

impl From<BotSkill> for Skill {
    fn from(skill: BotSkill) -> Self {
        match skill {
            BotSkill::Random => Self::Random,
            BotSkill::Fair => Self::Fair,
            BotSkill::Strong => Self::Strong,
        }
    }
}

/// Plays one round.
pub(super) fn run(arguments: &PlayArguments) -> Result<(), Failure> {
    let edge = Edge::system();
    let client = Client::new(&arguments.server)?;
    let key = match &arguments.key {
        Some(file) => key::load(file, &edge)?,
        None => key::new(&edge),
    };
    let catalog: CatalogView = client.get("/api/v1/catalog", None)?;
    let level = find(&catalog, &arguments.level)?;
    println!("{}: {}, pays {}", level.id, level.goal, catalog.asset.format(level.pays));
    let opened = open(&client, &catalog, level, &key, &edge)?;
    println!("round {} of {}", opened.round, Wallet::of(&key));
    for reason in &opened.limits {
        println!("note: {}", reason.message);
    }
    let play = Play { client: &client, catalog: &catalog, opened: &opened, key: &key };
    play.run(arguments.skill.into(), &edge)
}

fn find<'a>(catalog: &'a CatalogView, id: &str) -> Result<&'a LevelView, Failure> {
    catalog.levels.iter().find(|level| level.id == id).ok_or_else(|| {
        let ids: Vec<&str> = catalog.levels.iter().map(|level| level.id.as_str()).collect();
        Failure::Argument(format!("the server has no level {id}; it has {}", ids.join(", ")))
    })
}

/// Opens a round; gives up one of this key that was left open before.
fn open(
    client: &Client,
    catalog: &CatalogView,
    level: &LevelView,
    key: &SigningKey,
    edge: &Edge,
) -> Result<OpenAnswer, Failure> {
    let mut request = OpenRequest {
        wallet: Wallet::of(key),
        level: level.id.clone(),
        campaign: DEFAULT_CAMPAIGN.to_owned(),
        site: None,
        client_id: ClientId(edge.random()),
        issued_at_ms: catalog.server_time_ms,
        origin: client.origin().to_owned(),
        faucet: catalog.faucet,
        rules_version: level.level.play.facts().rules_version,
        abandon: None,
        voucher: None,
        signature: Signature([0; 64]),
    };
    request.signature = Signature::of(key, request.statement().to_string().as_bytes());
    match client.post("/api/v1/rounds", None, Some(&request)) {
        Err(Failure::Refused(problem)) if problem.code == Code::RoundOpen && problem.open_round.is_some() => {
            println!("a round of this key was left open: it is abandoned");
            request.abandon = problem.open_round;
            request.client_id = ClientId(edge.random());
            request.signature = Signature::of(key, request.statement().to_string().as_bytes());
            client.post("/api/v1/rounds", None, Some(&request))
        }
        answer => answer,
    }
}
