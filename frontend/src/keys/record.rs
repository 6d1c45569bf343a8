//! The record in which the browser keeps the key: encrypted (AES-GCM) under a key that no script can read.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::curve::{Secret, subtle};
use crate::browser::{database, edge};

/// The name of the record in the database.
pub(super) const RECORD: &str = "player";
/// The bytes of AES-GCM's initialisation vector.
const VECTOR_LENGTH: usize = 12;

fn algorithm(vector: &[u8]) -> Result<Object, JsValue> {
    let algorithm = Object::new();
    Reflect::set(&algorithm, &"name".into(), &"AES-GCM".into())?;
    Reflect::set(&algorithm, &"iv".into(), &Uint8Array::from(vector))?;
    Ok(algorithm)
}

/// Encrypts the key under a new key of the browser's, and stores both.
pub(super) async fn keep(secret: &Secret) -> Result<(), JsValue> {
    let vector = edge::random::<VECTOR_LENGTH>().ok_or(JsValue::NULL)?;
    let subtle = subtle()?;
    let kind = Object::new();
    Reflect::set(&kind, &"name".into(), &"AES-GCM".into())?;
    Reflect::set(&kind, &"length".into(), &256.into())?;
    let uses = Array::of2(&"encrypt".into(), &"decrypt".into());
    // Not extractable: no script, this one included, can read the bytes of the wrapping key.
    let wrapping = JsFuture::from(subtle.generate_key_with_object(&kind, false, &uses)?).await?;
    let secret = Uint8Array::from(&secret[..]);
    let sealed = subtle.encrypt_with_object_and_buffer_source(
        &algorithm(&vector)?,
        wrapping.unchecked_ref(),
        &secret,
    )?;
    let sealed = JsFuture::from(sealed).await?;
    let record = Object::new();
    Reflect::set(&record, &"wrapping".into(), &wrapping)?;
    Reflect::set(&record, &"vector".into(), &Uint8Array::from(&vector[..]))?;
    Reflect::set(&record, &"sealed".into(), &sealed)?;
    database::put(RECORD, &record).await
}

/// Decrypts the key of a record.
pub(super) async fn unwrap(record: &JsValue) -> Result<Secret, JsValue> {
    let field = |name: &str| Reflect::get(record, &name.into());
    let vector = Uint8Array::new(&field("vector")?).to_vec();
    let opened = subtle()?.decrypt_with_object_and_buffer_source(
        &algorithm(&vector)?,
        field("wrapping")?.unchecked_ref(),
        field("sealed")?.unchecked_ref(),
    )?;
    let opened = Uint8Array::new(&JsFuture::from(opened).await?);
    let mut secret = Secret::default();
    if opened.length() != 32 {
        return Err(JsValue::NULL);
    }
    opened.copy_to(&mut secret[..]);
    // Nobody else needs it.
    opened.fill(0, 0, 32);
    Ok(secret)
}
