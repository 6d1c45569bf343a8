//! Statements of owners of addresses on EVM chains: one text for one statement.

use dripline_shared::round::{ClientId, Hash};
use dripline_shared::statement::{OwnershipStatement, Statement};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;
use proptest::prelude::*;

use crate::statement::{flipped, ids, other_site};
use crate::support::{altered, config, moments};

fn ownerships() -> impl Strategy<Value = OwnershipStatement> {
    let origin = "https?://[a-z0-9.-]{1,30}(:[0-9]{1,5})?";
    let texts = (origin, "0x[0-9a-fA-F]{40}", ids(), proptest::option::of(ids()));
    let ids = (any::<u64>(), any::<[u8; 16]>(), any::<[u8; 32]>(), any::<[u8; 32]>());
    (texts, ids, moments(), moments()).prop_map(
        |((origin, address, rail, site), (chain_id, client_id, faucet, wallet), issued_at, expires_at)| {
            OwnershipStatement {
                origin,
                address,
                chain_id,
                client_id: ClientId(client_id),
                issued_at,
                expires_at,
                faucet: Hash(faucet),
                wallet: Wallet(wallet),
                rail,
                site,
            }
        },
    )
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_owners_statement_reads_back_from_its_text_and_is_nothing_that_a_wallet_signs(statement in ownerships()) {
        let text = statement.to_string();
        prop_assert!(Statement::parse(&text).is_err());
        prop_assert_eq!(OwnershipStatement::parse(&text), Ok(statement));
    }

    #[test]
    fn changing_any_one_field_of_an_owners_statement_changes_the_text(statement in ownerships()) {
        let text = statement.to_string();
        let same = || statement.clone();
        let others = [
            OwnershipStatement { origin: format!("{}0", statement.origin), ..same() },
            OwnershipStatement { origin: statement.origin.replacen("http", "httpx", 1), ..same() },
            OwnershipStatement { address: format!("{}0", statement.address), ..same() },
            OwnershipStatement { chain_id: statement.chain_id ^ 1, ..same() },
            OwnershipStatement { client_id: ClientId(flipped(statement.client_id.0)), ..same() },
            OwnershipStatement { issued_at: Timestamp(statement.issued_at.0 ^ 1), ..same() },
            OwnershipStatement { expires_at: Timestamp(statement.expires_at.0 ^ 1), ..same() },
            OwnershipStatement { faucet: Hash(flipped(statement.faucet.0)), ..same() },
            OwnershipStatement { wallet: Wallet(flipped(statement.wallet.0)), ..same() },
            OwnershipStatement { rail: format!("{}-", statement.rail), ..same() },
            OwnershipStatement { site: Some(other_site(statement.site.as_deref())), ..same() },
        ];
        for other in others {
            prop_assert_ne!(other.to_string(), &text[..]);
        }
    }

    #[test]
    fn an_altered_owners_statement_is_another_or_none(
        statement in ownerships(),
        place in any::<prop::sample::Index>(),
        letter in "[ -~\n\u{e9}]",
    ) {
        let text = statement.to_string();
        for altered in altered(&text, place.index(text.len()), &letter) {
            if altered != text && let Ok(read) = OwnershipStatement::parse(&altered) {
                prop_assert_ne!(&read, &statement);
                prop_assert_eq!(read.to_string(), altered);
            }
        }
    }

    #[test]
    fn reading_any_text_as_an_owners_statement_never_panics(text in "\\PC*|[ -~\n]{0,400}") {
        let _any = OwnershipStatement::parse(&text);
    }
}
