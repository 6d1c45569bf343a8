//! Taking money out: requests, and the steps of those who pay.

use dripline_server::faucet::Progress;
use dripline_server::refusal::Refusal;
use dripline_shared::amount::Amount;
use dripline_shared::api::{AddressRequest, AddressView, AssetMoney, WithdrawalRequest, WithdrawalView};
use dripline_shared::wallet::Signature;

use super::{ORIGIN, Player, World};

impl World {
    /// The id of the faucet's first rail.
    fn rail(&self) -> String {
        self.runtime.block_on(self.faucet.rails()).unwrap().rails[0].id.clone()
    }

    /// A request to be paid at an address by that rail, well made and signed.
    pub(crate) fn address_request(&self, player: &Player, address: &str) -> AddressRequest {
        let mut request = AddressRequest {
            wallet: player.wallet,
            rail: self.rail(),
            address: address.to_owned(),
            client_id: self.client_id(),
            issued_at_ms: self.now(),
            origin: ORIGIN.to_owned(),
            faucet: self.faucet.catalog().faucet,
            site: None,
            signed_message: None,
            ownership: None,
            signature: Signature([0; 64]),
        };
        request.signature = Signature::of(&player.key, request.statement().to_string().as_bytes());
        request
    }

    /// Sets an address.
    pub(crate) fn try_set_address(&self, request: AddressRequest) -> Result<AddressView, Refusal> {
        self.runtime.block_on(self.faucet.set_address(request))
    }

    /// A request to withdraw to an address, well made and signed.
    pub(crate) fn withdrawal_request(
        &self,
        player: &Player,
        amount: Amount,
        address: &str,
    ) -> WithdrawalRequest {
        let request = WithdrawalRequest {
            wallet: player.wallet,
            rail: self.rail(),
            asset: self.catalog.asset.code.clone(),
            amount,
            address: address.to_owned(),
            fee_max: Amount::from_units(1_000_000),
            client_id: self.client_id(),
            issued_at_ms: self.now(),
            origin: ORIGIN.to_owned(),
            faucet: self.faucet.catalog().faucet,
            site: None,
            signed_message: None,
            signature: Signature([0; 64]),
        };
        self.signed_withdrawal(player, request)
    }

    /// The request with the signature that it needs.
    pub(crate) fn signed_withdrawal(&self, player: &Player, request: WithdrawalRequest) -> WithdrawalRequest {
        let text = request.statement(self.catalog.asset.decimals).to_string();
        WithdrawalRequest { signature: Signature::of(&player.key, text.as_bytes()), ..request }
    }

    /// Withdraws.
    pub(crate) fn try_withdraw(&self, request: WithdrawalRequest) -> Result<WithdrawalView, Refusal> {
        self.runtime.block_on(self.faucet.withdraw(request))
    }

    /// Sets an address and withdraws to it.
    pub(crate) fn withdraw(&self, player: &Player, amount: Amount, address: &str) -> WithdrawalView {
        self.try_set_address(self.address_request(player, address)).unwrap();
        self.try_withdraw(self.withdrawal_request(player, amount, address)).unwrap()
    }

    /// How a withdrawal stands.
    pub(crate) fn withdrawal(&self, withdrawal: &WithdrawalView) -> WithdrawalView {
        self.runtime.block_on(self.faucet.withdrawal(withdrawal.id)).unwrap()
    }

    /// Takes one step of every rail.
    pub(crate) fn pay_step(&self) -> Result<Vec<Progress>, Refusal> {
        self.runtime.block_on(async {
            let mut progress = Vec::new();
            for payer in self.faucet.payers() {
                progress.push(payer.step().await?);
            }
            Ok(progress)
        })
    }

    /// Takes steps until nothing goes on but by waiting.
    pub(crate) fn pay(&self) {
        while self.pay_step().unwrap().contains(&Progress::Some) {}
    }

    /// What a player has of the catalog's asset.
    pub(crate) fn money(&self, player: &Player) -> AssetMoney {
        self.wallet(player).money.get(&self.catalog.asset.code).copied().unwrap_or_default()
    }
}
