//! What passkeys do in the browser. The browser itself turns the server's JSON into what it needs, and back.

use dripline_shared::api::access::Me;
use dripline_shared::api::sign_in::{Ceremony, SignInRequest};
use dripline_shared::json::ToJson;
use gloo_net::http::Method;
use js_sys::{Function, JSON, Object, Promise, Reflect};
use serde_json::Value;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::api::{Api, meant};
use crate::json;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = PublicKeyCredential, js_name = parseCreationOptionsFromJSON, catch)]
    fn creation_options(json: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = PublicKeyCredential, js_name = parseRequestOptionsFromJSON, catch)]
    fn request_options(json: &JsValue) -> Result<JsValue, JsValue>;
}

/// Whether this browser knows passkeys, on this page.
pub(crate) fn are_known() -> bool {
    let credential = web_sys::window().map(|window| Reflect::get(&window, &"PublicKeyCredential".into()));
    let parse = match credential {
        Some(Ok(credential)) if !credential.is_undefined() => {
            Reflect::get(&credential, &"parseRequestOptionsFromJSON".into())
        }
        _ => return false,
    };
    parse.is_ok_and(|parse| parse.is_function())
}

/// Makes a passkey, as these options say. Gives what the server wants to know of it, or why there is none.
pub(crate) async fn make(options: &Value) -> Result<Value, String> {
    ask(options, "create", creation_options).await
}

/// Has the operator choose a passkey, as these options say. Gives its answer for the server, or why there is none.
async fn answer(options: &Value) -> Result<Value, String> {
    ask(options, "get", request_options).await
}

/// Has somebody sign in by a passkey. Gives who it is, or why it is nobody.
pub(crate) async fn sign_in() -> Result<Me, String> {
    let api = Api::default();
    let options = api.request(Method::POST, "sign-in/options", None).await;
    let Ceremony { ceremony, public_key } = meant(options)?;
    let credential = answer(&public_key).await?;
    let request = SignInRequest { ceremony, credential };
    meant(api.request(Method::POST, "sign-in", Some(request.to_json())).await)
}

async fn ask(
    options: &Value,
    what: &str,
    parse: fn(&JsValue) -> Result<JsValue, JsValue>,
) -> Result<Value, String> {
    let asked = async {
        let options = parse(&json::to_browser(options))?;
        let question = Object::new();
        Reflect::set(&question, &"publicKey".into(), &options)?;
        let window = web_sys::window().ok_or(JsValue::NULL)?;
        let container: JsValue = window.navigator().credentials().into();
        let ask: Function = Reflect::get(&container, &what.into())?.dyn_into()?;
        let promise: Promise = ask.call1(&container, &question)?.dyn_into()?;
        let credential = JsFuture::from(promise).await?;
        JSON::stringify(&credential).map(String::from)
    };
    let text = asked.await.map_err(|error| reason(&error))?;
    json::read(&text).ok_or_else(|| "The browser could not do that.".to_owned())
}

/// What a browser says of why it did not. It tells little, so that no page learns which passkeys there are.
fn reason(error: &JsValue) -> String {
    let told = |name: &str| Reflect::get(error, &name.into()).ok().and_then(|value| value.as_string());
    match told("name").as_deref() {
        Some("NotAllowedError" | "AbortError") => "No passkey was used.".to_owned(),
        Some("InvalidStateError") => "This device has a passkey for the faucet already.".to_owned(),
        Some("SecurityError") => "This address cannot have passkeys.".to_owned(),
        _ => told("message").unwrap_or_else(|| "The browser could not do that.".to_owned()),
    }
}
