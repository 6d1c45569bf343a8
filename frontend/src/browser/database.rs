//! The browser's database for what `localStorage` cannot hold: keys that never leave the browser's own hands.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbOpenDbRequest, IdbRequest, IdbTransactionMode};

const DATABASE: &str = "dripline";
const DATABASE_VERSION: u32 = 1;
const STORE: &str = "keys";

/// Waits for a request of the database.
async fn settled(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let mut settle = |resolve: Function, reject: Function| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    };
    JsFuture::from(Promise::new(&mut settle)).await?;
    request.result()
}

async fn open() -> Result<IdbDatabase, JsValue> {
    let factory =
        web_sys::window().and_then(|window| window.indexed_db().ok().flatten()).ok_or(JsValue::NULL)?;
    let request = factory.open_with_u32(DATABASE, DATABASE_VERSION)?;
    let opening: IdbOpenDbRequest = request.clone();
    let upgrade = Closure::once(move || {
        if let Ok(database) = opening.result() {
            // Fails only where the store exists, and then there is nothing to do.
            let _store = database.unchecked_into::<IdbDatabase>().create_object_store(STORE);
        }
    });
    request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
    settled(&request).await.map(JsCast::unchecked_into)
}

/// Reads the value of a name; undefined where there is none.
pub(crate) async fn get(name: &str) -> Result<JsValue, JsValue> {
    let database = open().await?;
    let store = database.transaction_with_str(STORE)?.object_store(STORE)?;
    let value = settled(&store.get(&JsValue::from_str(name))?).await;
    database.close();
    value
}

/// Writes the value of a name, and returns once the browser says that it is written.
pub(crate) async fn put(name: &str, value: &JsValue) -> Result<(), JsValue> {
    let database = open().await?;
    let transaction = database.transaction_with_str_and_mode(STORE, IdbTransactionMode::Readwrite)?;
    let request = transaction.object_store(STORE)?.put_with_key(value, &JsValue::from_str(name))?;
    let mut settle = |resolve: Function, reject: Function| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
        transaction.set_onerror(Some(&reject));
    };
    let written = JsFuture::from(Promise::new(&mut settle)).await.map(drop);
    drop(request);
    database.close();
    written
}
