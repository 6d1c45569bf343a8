//! Who may do what under `/admin/v1`. Pure but for [`passkey`], which asks a library: [`role`] says what each role may do,
//! [`api_key`] what a key is and whether it holds, [`operator`], [`session`] and [`ceremony`] how people sign in. How all of them
//! come to be, and to an end, is decided in [`operate`](crate::operate), and `http` asks here alone.

pub mod api_key;
pub mod ceremony;
mod digits;
pub mod operator;
pub mod passkey;
pub mod role;
pub mod session;
pub mod token;

pub use api_key::{ApiKey, ApiKeyRecord, FormerSecret};
pub use ceremony::{AnsweredCeremony, Ceremony, CeremonyKey, Purpose};
pub(crate) use digits::{Digits, ID_BYTES, bytes};
pub use digits::{is_id, new_id};
pub use operator::{InvitationRecord, OperatorRecord, PasskeyRecord};
pub use passkey::Site;
pub use role::{may, permissions};
pub use session::SessionRecord;
pub use token::{Token, TokenUse};
