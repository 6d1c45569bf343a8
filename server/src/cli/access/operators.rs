//! Operators from outside: inviting and dismissing them where the store is, whoever has lost what they signed in with.

use dripline_shared::api::sign_in::{InvitationRequest, OperatorView};

use super::refused;
use crate::access::OperatorRecord;
use crate::cli::Failure;
use crate::cli::output::say;
use crate::cli::store::{Place, StoreSources};
use crate::edge::Edge;
use crate::faucet::{dismiss_operator, invite_operator};
use crate::http::invitation_link;
use crate::store::record::{Document, DocumentKind};

/// The link itself is all that goes to standard output.
pub(super) fn invite(request: InvitationRequest, store: &StoreSources, edge: &Edge) -> Result<(), Failure> {
    let (config, place) = store.load()?;
    let invited = invite_operator(&place.data, place.database.as_ref(), request, edge);
    let invited = invited.map_err(|error| Failure::impossible("cannot invite", error))?.map_err(refused)?;
    let listen = config.admin.listen.unwrap_or(config.server.listen);
    let origins = config.admin_origins(listen.port());
    say(invitation_link(origins.first().map_or("", String::as_str), &invited.token))?;
    let until = invited.invitation.expires_at_ms;
    eprintln!(
        "the link is shown this once, and can be used once, until {until}: what is stored is a hash of it"
    );
    Ok(())
}

pub(super) fn list(json: bool, place: &Place) -> Result<(), Failure> {
    let cannot = |error| Failure::impossible(place.name(), error);
    let documents = place.reader()?.documents(DocumentKind::Operator, "", usize::MAX).map_err(cannot)?;
    let records = Document::read_all(documents);
    let mut records: Vec<OperatorRecord> =
        records.map_err(|_| Failure::Impossible("this build cannot read an operator".to_owned()))?;
    records.sort_by(|one, other| (one.made_at, &one.id).cmp(&(other.made_at, &other.id)));
    let views: Vec<OperatorView> = records.iter().map(OperatorRecord::view).collect();
    if json {
        let text = serde_json::to_string_pretty(&views);
        return say(text.map_err(|error| Failure::impossible("cannot write the list", error))?);
    }
    if views.is_empty() {
        say("there are no operators")?;
    }
    views.iter().try_for_each(|view| say(described(view)))
}

pub(super) fn dismiss(id: &str, place: &Place, edge: &Edge) -> Result<(), Failure> {
    let dismissed = dismiss_operator(&place.data, place.database.as_ref(), id, edge);
    dismissed.map_err(|error| Failure::impossible("cannot dismiss", error))?.map_err(refused)?;
    say(format_args!("{id} is dismissed"))
}

/// An operator in a line.
fn described(operator: &OperatorView) -> String {
    let mut parts = vec![format!("{} {} {:?}", operator.id, operator.role.as_str(), operator.name)];
    parts.push(
        operator.signed_in_at_ms.map_or("never signed in".to_owned(), |at| format!("signed in at {at}")),
    );
    parts.extend(operator.passkeys.iter().map(|passkey| {
        let synced = if passkey.is_synced { ", synced" } else { "" };
        format!("passkey {:?}{synced}", passkey.name)
    }));
    parts.join("; ")
}
