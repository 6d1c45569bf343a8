//! What the browser does with the key: it signs with it (WebCrypto's Ed25519), and keeps it, encrypted, in its database.
//!
//! A browser that has no Ed25519 yet loads a script that lends it to its WebCrypto, from our own origin, and is asked again
//! (`frontend/curve`). All others never load it. All of that is `browser.mjs`; this is its face.

use dripline_shared::wallet::{Signature, Wallet};
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use zeroize::Zeroizing;

/// The secret half of a key.
pub(super) type Secret = Zeroizing<[u8; 32]>;

/// The name of the record in the browser's database.
const RECORD: &str = "player";

#[wasm_bindgen]
extern "C" {
    /// What signs with a secret.
    pub(super) type Signer;

    /// The secret's public half.
    #[wasm_bindgen(method, getter)]
    fn wallet(this: &Signer) -> Uint8Array;

    /// The wallet of the player's own that it plays for here.
    #[wasm_bindgen(method, getter)]
    fn own(this: &Signer) -> JsValue;

    /// The signature of a text.
    #[wasm_bindgen(method)]
    fn sign(this: &Signer, text: &[u8]) -> Promise;

    /// A request with its signature.
    #[wasm_bindgen(method)]
    fn consult(this: &Signer, request: &str, decimals: u8) -> Promise;
}

// Each takes its own copy of a secret before it returns, and clears that.
#[wasm_bindgen(module = "/src/keys/browser.mjs")]
extern "C" {
    #[wasm_bindgen(js_name = "signer")]
    fn signer_of(secret: &[u8]) -> Promise;

    #[wasm_bindgen(js_name = "kept")]
    fn kept_secret(record: &str) -> Promise;

    #[wasm_bindgen(js_name = "keep")]
    fn keep_secret(record: &str, secret: &[u8]) -> Promise;
}

/// What signs with a secret, the secret's public half, and for whom it plays here.
pub(super) async fn signer(secret: &Secret) -> Result<(Signer, Wallet, Wallet), JsValue> {
    let signer: Signer = JsFuture::from(signer_of(&secret[..])).await?.unchecked_into();
    let key = Wallet(signer.wallet().to_vec().try_into().map_err(|_| JsValue::NULL)?);
    let wallet = signer.own().as_string().and_then(|own| own.parse().ok()).unwrap_or(key);
    Ok((signer, key, wallet))
}

/// Signs a text; `None` where the browser does not. It begins at once.
pub(super) fn sign(with: &Signer, text: &str) -> impl Future<Output = Option<Signature>> + use<> {
    let asked = with.sign(text.as_bytes());
    async move {
        let signature: Uint8Array = JsFuture::from(asked).await.ok()?.unchecked_into();
        signature.to_vec().try_into().ok().map(Signature)
    }
}

/// Has a request about money signed, by the browser or by the wallet that it plays for; empty where the player thought better of it, `None`
/// where the program that asks did not come. Shows what can be done with wallets where there is no request. `decimals` are those of the
/// asset, where it is about one. It begins at once.
pub(super) fn consult(
    with: &Signer,
    request: &str,
    decimals: u8,
) -> impl Future<Output = Option<String>> + use<> {
    let asked = JsFuture::from(with.consult(request, decimals));
    async move { asked.await.ok()?.as_string() }
}

/// The secret that the browser keeps; `None` where it keeps none, an error where it cannot be read.
pub(super) async fn kept() -> Result<Option<Secret>, JsValue> {
    let kept = JsFuture::from(kept_secret(RECORD)).await?;
    if kept.is_undefined() {
        return Ok(None);
    }
    let kept: Uint8Array = kept.unchecked_into();
    let mut secret = Secret::default();
    if kept.length() != 32 {
        return Err(JsValue::NULL);
    }
    kept.copy_to(&mut secret[..]);
    // Nobody else needs it.
    kept.fill(0, 0, 32);
    Ok(Some(secret))
}

/// Has the browser keep a secret, and tells whether it does.
pub(super) async fn keep(secret: &Secret) -> bool {
    JsFuture::from(keep_secret(RECORD, &secret[..])).await.is_ok()
}
