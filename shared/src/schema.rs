//! OpenAPI schemas of the types that are texts on the wire.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! text_schema {
    ($($type:ty: $description:literal, $pattern:literal;)*) => {
        $(
            impl PartialSchema for $type {
                fn schema() -> RefOr<Schema> {
                    ObjectBuilder::new()
                        .schema_type(SchemaType::new(Type::String))
                        .description(Some($description))
                        .pattern(Some($pattern))
                        .into()
                }
            }

            impl ToSchema for $type {}
        )*
    };
}

text_schema! {
    crate::amount::Amount: "A count of ledger units, 0 to 2^63 - 1, as decimal digits.", "^(0|[1-9][0-9]{0,18})$";
    crate::wallet::Wallet: "An ed25519 public key, base58.", "^[1-9A-HJ-NP-Za-km-z]{32,44}$";
    crate::wallet::Signature: "An ed25519 signature, base58.", "^[1-9A-HJ-NP-Za-km-z]{64,88}$";
    crate::payout::WithdrawalId: "A withdrawal's id: 16 bytes in hexadecimal.", "^[0-9a-f]{32}$";
    crate::payout::BatchId: "A batch's id: 16 bytes in hexadecimal.", "^[0-9a-f]{32}$";
    crate::read_key::ReadKey: "A read-only key: drip_ro_ and 32 bytes in hexadecimal.", "^drip_ro_[0-9a-f]{64}$";
    crate::round::RoundId: "A round's id: 16 bytes in hexadecimal.", "^[0-9a-f]{32}$";
    crate::round::ClientId: "An id chosen by the client: 16 bytes in hexadecimal.", "^[0-9a-f]{32}$";
    crate::round::Hash: "32 bytes of SHA-512 in hexadecimal.", "^[0-9a-f]{64}$";
    crate::log::NodeHash: "32 bytes of SHA-256 in hexadecimal.", "^[0-9a-f]{64}$";
    crate::round::Seed: "A segment's seed: 32 bytes in hexadecimal.", "^[0-9a-f]{64}$";
    crate::round::RoundSecret: "A closed round's secret: 32 bytes in hexadecimal.", "^[0-9a-f]{64}$";
    crate::round::RoundToken: "A round's bearer token: 32 bytes in hexadecimal.", "^[0-9a-f]{64}$";
}
