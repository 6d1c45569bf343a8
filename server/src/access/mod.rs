//! Who may do what under `/admin/v1`. Pure: [`role`] says what each role may do, [`api_key`] what a key is and whether it
//! holds. How keys come to be, and to an end, is decided in [`operate`](crate::operate), and `http` asks here alone.

pub mod api_key;
pub mod role;

pub use api_key::{ApiKey, ApiKeyRecord, FormerSecret};
pub use role::{may, permissions};
