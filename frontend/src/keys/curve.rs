//! Ed25519 as the browser computes it (WebCrypto): the public half of a secret, and signatures.
//!
//! A browser that has no Ed25519 yet loads a script that lends it to its WebCrypto, from our own origin, and is asked again
//! (`frontend/curve`). All others never load it.

use dripline_shared::wallet::{Signature, Wallet};
use js_sys::{Array, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};
use zeroize::Zeroizing;

use crate::browser::page;

/// The secret half of a key.
pub(super) type Secret = Zeroizing<[u8; 32]>;

/// The name of the algorithm.
const ALGORITHM: &str = "Ed25519";
/// What stands before the secret of an Ed25519 key in PKCS #8 (RFC 8410, section 7).
const PKCS8: [u8; 16] = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
/// The id of the element that says where the script is that lends a browser the algorithm.
const SCRIPT: &str = "curve";
/// What the browser may take for one step, in milliseconds: it needs a thousandth of that, but the script comes by the network.
const PATIENCE_MS: i32 = 20_000;

/// The browser's cryptography.
pub(super) fn subtle() -> Result<SubtleCrypto, JsValue> {
    Ok(page::window().crypto()?.subtle())
}

/// What signs with a secret, and the secret's public half.
pub(super) async fn signer(secret: &Secret) -> Result<(CryptoKey, Wallet), JsValue> {
    let mut is_lent = false;
    let key = loop {
        match settled(import(secret)?).await {
            Ok(key) => break key.unchecked_into(),
            Err(error) if is_lent => return Err(error),
            Err(_) => {
                settled(lend()?).await?;
                is_lent = true;
            }
        }
    };
    let told = settled(subtle()?.export_key("jwk", &key)?).await?;
    let public = Reflect::get(&told, &"x".into())?.as_string();
    let wallet = public.and_then(|text| from_base64url(&text)).ok_or(JsValue::NULL)?;
    Ok((key, Wallet(wallet)))
}

/// Hands a secret to WebCrypto. It can be read back, for a public half is told only so: whoever holds the key has the secret
/// anyway, and no script but this page's WebAssembly holds it.
fn import(secret: &Secret) -> Result<Promise, JsValue> {
    let bytes = Uint8Array::from(&pkcs8(secret)[..]);
    let uses = Array::of1(&"sign".into());
    let imported = subtle()?.import_key_with_str("pkcs8", &bytes, ALGORITHM, true, &uses);
    // The browser has its own copy by now.
    bytes.fill(0, 0, bytes.length());
    imported
}

/// Signs a text; `None` where the browser does not. It begins at once. Some browsers never sign twice alike: whatever must stay
/// the same is kept.
pub(super) fn sign(key: &CryptoKey, text: &str) -> impl Future<Output = Option<Signature>> + use<> {
    let asked =
        subtle().and_then(|subtle| subtle.sign_with_str_and_u8_array(ALGORITHM, key, text.as_bytes()));
    async move {
        let signed = settled(asked.ok()?).await.ok()?;
        Uint8Array::new(&signed).to_vec().try_into().ok().map(Signature)
    }
}

/// Has the browser load the script that lends it the algorithm.
fn lend() -> Result<Promise, JsValue> {
    let document = page::document();
    let place = document.get_element_by_id(SCRIPT).and_then(|element| element.get_attribute("content"));
    let script = document.create_element("script")?;
    script.set_attribute("type", "module")?;
    script.set_attribute("src", &place.ok_or(JsValue::NULL)?)?;
    document.document_element().ok_or(JsValue::NULL)?.append_child(&script)?;
    Ok(Promise::new(&mut |resolve, reject| {
        // An element takes any listener.
        let _load = script.add_event_listener_with_callback("load", &resolve);
        let _error = script.add_event_listener_with_callback("error", &reject);
    }))
}

/// Waits for what the browser does, but not for ever.
async fn settled(promise: Promise) -> Result<JsValue, JsValue> {
    let late = Promise::new(&mut |_, reject| {
        // A window always has timers.
        let _timer =
            page::window().set_timeout_with_callback_and_timeout_and_arguments_0(&reject, PATIENCE_MS);
    });
    JsFuture::from(Promise::race(&Array::of2(&promise, &late))).await
}

/// A secret in the form in which browsers take it.
fn pkcs8(secret: &Secret) -> Zeroizing<[u8; 48]> {
    let mut bytes = Zeroizing::new([0; 48]);
    for (to, from) in bytes.iter_mut().zip(PKCS8.iter().chain(secret.iter())) {
        *to = *from;
    }
    bytes
}

/// The 32 bytes of a text in base64url without padding (RFC 4648, section 5).
fn from_base64url(text: &str) -> Option<[u8; 32]> {
    let mut bytes = Vec::with_capacity(32);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_handed_over_in_the_form_of_rfc_8410() {
        // Section 10.3: `MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC`.
        let secret = *b"\xd4\xee\x72\xdb\xf9\x13\x58\x4a\xd5\xb6\xd8\xf1\xf7\x69\xf8\xad\
            \x3a\xfe\x7c\x28\xcb\xf1\xd4\xfb\xe0\x97\xa8\x8f\x44\x75\x58\x42";
        let bytes = pkcs8(&Zeroizing::new(secret));
        assert_eq!(bytes[..16], *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20");
        assert_eq!(bytes[16..], secret);
    }

    #[test]
    fn a_public_half_is_read_as_rfc_8037_writes_it() {
        // Appendix A: the secret and its public half.
        let secret = from_base64url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let public = from_base64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        let key = ed25519_dalek::SigningKey::from_bytes(&secret);
        assert_eq!(public, key.verifying_key().to_bytes());
    }

    #[test]
    fn what_is_no_public_half_is_refused() {
        for text in
            ["", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUR", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo"]
        {
            assert_eq!(from_base64url(text), None, "{text}");
        }
    }
}
