//! The first owner: whoever has started a server and reads what it says.

use super::announce;
use crate::faucet::Faucet;
use crate::http::invitation_link;

/// Where nobody has access yet, tells whoever has started the server how to get it. The link is said, and not logged: logs are kept
/// and read by others.
pub(super) async fn invite(faucet: &Faucet, origins: &[String]) {
    match faucet.invite_first().await {
        Ok(Some(invited)) => {
            let link = invitation_link(origins.first().map_or("", String::as_str), &invited.token);
            announce(format_args!(
                "nobody operates this faucet yet: become its owner, within a day, at {link}"
            ));
        }
        Ok(None) => {}
        Err(refusal) => {
            tracing::warn!(code = refusal.code().as_str(), "cannot invite the first owner");
        }
    }
}
