//! `dripline access`: operators and their API keys. Whoever has the store can make the first one of each.

mod operators;

use clap::Subcommand;
use dripline_shared::api::access::{
    ApiKeyRequest, ApiKeyRotation, ApiKeySecret, ApiKeyView, KeyMode, KeyReminder, KeyStage, Permission, Role,
};
use dripline_shared::api::sign_in::InvitationRequest;
use dripline_shared::error::Code;
use dripline_shared::time::{DAY_MS, HOUR_MS};

use super::Failure;
use super::output::say;
use super::store::{Place, StoreSources};
use crate::access::ApiKeyRecord;
use crate::edge::Edge;
use crate::faucet::{make_api_key, revoke_api_key, rotate_api_key};
use crate::refusal::Refusal;
use crate::store::record::{Document, DocumentKind};

/// What can be done with access.
#[derive(Debug, Subcommand)]
pub(super) enum AccessCommand {
    /// Make an API key and print it, this once; a server may be running only where the store is in a database
    MakeKey {
        /// What it is for: viewer, editor, treasurer or owner
        #[arg(long, value_parser = role)]
        role: Role,
        /// What it is called
        #[arg(long)]
        name: String,
        /// What of the role it is restricted to, separated by commas
        #[arg(long, value_delimiter = ',', value_parser = permission)]
        scopes: Option<Vec<Permission>>,
        /// After how many days it expires; never where it is not said
        #[arg(long, value_name = "DAYS")]
        expires_days: Option<u32>,
        /// A network that it may be used from, such as 192.0.2.0/24; can be given several times
        #[arg(long = "range", value_name = "CIDR")]
        ranges: Vec<String>,
        /// A key for trying programs out, which changes nothing that players meet
        #[arg(long)]
        test: bool,
        #[command(flatten)]
        store: StoreSources,
    },
    /// Print all API keys with how they stand; reads only, and servers may be running
    List {
        /// Print one JSON document, for programs
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        store: StoreSources,
    },
    /// Give an API key a new secret and print it, this once; a server may be running only where the store is in a database
    Rotate {
        /// The key's id, as `list` prints it
        id: String,
        /// For how many hours the former secret still holds, at most 168
        #[arg(long, value_name = "HOURS", default_value_t = 24)]
        overlap_hours: u16,
        /// After how many days from now it expires; as before where it is not said
        #[arg(long, value_name = "DAYS")]
        expires_days: Option<u32>,
        #[command(flatten)]
        store: StoreSources,
    },
    /// Invite an operator and print the link, this once; a server may be running only where the store is in a database
    Invite {
        /// What the operator will be: viewer, editor, treasurer or owner
        #[arg(long, value_parser = role)]
        role: Role,
        /// Who is meant
        #[arg(long)]
        name: String,
        /// For how many hours the link can be used, at most 168
        #[arg(long, value_name = "HOURS", default_value_t = 24)]
        valid_hours: u16,
        #[command(flatten)]
        store: StoreSources,
    },
    /// Print all operators with what they sign in with; reads only, and servers may be running
    Operators {
        /// Print one JSON document, for programs
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        store: StoreSources,
    },
    /// Dismiss an operator: their sessions end at once; a server may be running only where the store is in a database
    Dismiss {
        /// The operator's id, as `operators` prints it
        id: String,
        #[command(flatten)]
        store: StoreSources,
    },
    /// Revoke an API key: it holds no more; a server may be running only where the store is in a database
    Revoke {
        /// The key's id, as `list` prints it
        id: String,
        #[command(flatten)]
        store: StoreSources,
    },
}

/// Does it.
pub(super) fn run(command: &AccessCommand) -> Result<(), Failure> {
    let edge = Edge::system();
    let in_days = |days: u32| edge.now().plus(u64::from(days).saturating_mul(DAY_MS));
    match command {
        AccessCommand::MakeKey { role, name, scopes, expires_days, ranges, test, store } => {
            let request = ApiKeyRequest {
                name: name.clone(),
                role: *role,
                scopes: scopes.clone(),
                mode: if *test { KeyMode::Test } else { KeyMode::Live },
                ranges: ranges.clone(),
                expires_at_ms: expires_days.map(in_days),
            };
            let place = store.place()?;
            let made = make_api_key(&place.data, place.database.as_ref(), request, &edge);
            show(&made.map_err(|error| Failure::impossible("cannot make a key", error))?.map_err(refused)?)
        }
        AccessCommand::List { json, store } => list(*json, &store.place()?, &edge),
        AccessCommand::Rotate { id, overlap_hours, expires_days, store } => {
            let place = store.place()?;
            let found = keys(&place)?.into_iter().find(|key| key.id == *id);
            let key = found.ok_or_else(|| refused(Code::ApiKeyUnknown.into()))?;
            let rotation = ApiKeyRotation {
                overlap_ms: Some(u64::from(*overlap_hours).saturating_mul(HOUR_MS)),
                expires_at_ms: expires_days.map(in_days),
            };
            let rotated = rotate_api_key(&place.data, place.database.as_ref(), &key, rotation, &edge);
            let rotated = rotated.map_err(|error| Failure::impossible("cannot rotate the key", error))?;
            show(&rotated.map_err(refused)?)
        }
        AccessCommand::Invite { role, name, valid_hours, store } => {
            let valid_ms = Some(u64::from(*valid_hours).saturating_mul(HOUR_MS));
            let request = InvitationRequest { name: name.clone(), role: *role, valid_ms };
            operators::invite(request, store, &edge)
        }
        AccessCommand::Operators { json, store } => operators::list(*json, &store.place()?),
        AccessCommand::Dismiss { id, store } => operators::dismiss(id, &store.place()?, &edge),
        AccessCommand::Revoke { id, store } => {
            let place = store.place()?;
            let revoked = revoke_api_key(&place.data, place.database.as_ref(), id, &edge);
            revoked.map_err(|error| Failure::impossible("cannot revoke the key", error))?.map_err(refused)?;
            say(format_args!("{id} is revoked"))
        }
    }
}

/// The key itself is all that goes to standard output, for whoever puts it into a file.
fn show(made: &ApiKeySecret) -> Result<(), Failure> {
    say(&made.secret)?;
    eprintln!("the key {} is shown this once: what is stored is a hash of it", made.key.id);
    Ok(())
}

fn list(json: bool, place: &Place, edge: &Edge) -> Result<(), Failure> {
    let now = edge.now();
    let views: Vec<ApiKeyView> = keys(place)?.iter().map(|key| key.view(now)).collect();
    if json {
        let text = serde_json::to_string_pretty(&views);
        return say(text.map_err(|error| Failure::impossible("cannot write the list", error))?);
    }
    if views.is_empty() {
        say("there are no API keys")?;
    }
    views.iter().try_for_each(|view| say(described(view)))
}

/// A key in a line.
fn described(key: &ApiKeyView) -> String {
    let mode = match key.mode {
        KeyMode::Live => "live",
        KeyMode::Test => "test",
    };
    let mut parts = vec![format!("{} {mode} {} {:?}", key.id, key.role.as_str(), key.name)];
    parts.push(match (key.stage, key.revoked_at_ms, key.expires_at_ms) {
        (KeyStage::Revoked, Some(at), _) => format!("revoked at {at}"),
        (KeyStage::Expired, _, Some(at)) => format!("expired at {at}"),
        (_, _, Some(at)) => format!("holds until {at}"),
        _ => "holds".to_owned(),
    });
    if let Some(scopes) = &key.scopes {
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        parts.push(format!("may {}", scopes.join(" ")));
    }
    if !key.ranges.is_empty() {
        parts.push(format!("from {}", key.ranges.join(" ")));
    }
    parts.push(key.used_at_ms.map_or("never used".to_owned(), |at| format!("used at {at}")));
    parts.extend(key.reminders.iter().map(|reminder| {
        match reminder {
            KeyReminder::Rotate => "to be rotated: its secret is old",
            KeyReminder::ExpiresSoon => "expires soon",
            KeyReminder::FormerSecretHolds => "its former secret still holds",
        }
        .to_owned()
    }));
    parts.join("; ")
}

/// All keys, the oldest first.
fn keys(place: &Place) -> Result<Vec<ApiKeyRecord>, Failure> {
    let cannot = |error| Failure::impossible(place.name(), error);
    let documents = place.reader()?.documents(DocumentKind::ApiKey, "", usize::MAX).map_err(cannot)?;
    let records = Document::read_all(documents);
    let mut records: Vec<ApiKeyRecord> =
        records.map_err(|_| Failure::Impossible("this build cannot read a key".to_owned()))?;
    records.sort_by(ApiKeyRecord::by_age);
    Ok(records)
}

/// What was asked for is not to be had.
#[expect(clippy::needless_pass_by_value, reason = "given to map_err")]
fn refused(refusal: Refusal) -> Failure {
    let of_reason = |reason: &dripline_shared::api::Reason| match &reason.subject {
        Some(subject) => format!("{subject}: {}", reason.message),
        None => reason.message.clone(),
    };
    let reasons: Vec<String> = refusal.reasons.iter().map(of_reason).collect();
    let told = reasons.join("\n");
    if refusal.code() == Code::InvalidRequest { Failure::Argument(told) } else { Failure::Impossible(told) }
}

fn role(text: &str) -> Result<Role, String> {
    let found = Role::ALL.into_iter().find(|role| role.as_str() == text);
    found.ok_or_else(|| format!("expected one of {}", Role::ALL.map(Role::as_str).join(", ")))
}

fn permission(text: &str) -> Result<Permission, String> {
    let found = Permission::ALL.into_iter().find(|permission| permission.as_str() == text);
    found.ok_or_else(|| format!("expected some of {}", Permission::ALL.map(Permission::as_str).join(", ")))
}
