//! Standing: whether the operators let a wallet play and be paid.

use dripline_shared::api::Reason;
use dripline_shared::api::operate::players::Standing;
use dripline_shared::error::Code;

/// Whether a wallet may open rounds, claim and withdraw at all. One that is held may; what it withdraws waits.
pub fn admitted(standing: Standing) -> Result<(), Reason> {
    match standing {
        Standing::Clear | Standing::Held => Ok(()),
        Standing::Banned => {
            let message = "the operator has excluded this wallet; what it has stays its own";
            Err(super::reason(Code::WalletBanned, "wallet", message))
        }
    }
}
