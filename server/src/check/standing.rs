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

/// Whether what a wallet has may become another one's: nobody has anything against it. Else the other one would stand as it does.
pub fn clear(standing: Standing) -> Result<(), Reason> {
    admitted(standing)?;
    if standing == Standing::Clear {
        return Ok(());
    }
    let message = "the operator looks at this wallet; what it has can move once it is released";
    Err(super::reason(Code::WalletHeld, "wallet", message))
}
