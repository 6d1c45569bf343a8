//! Passkeys: what a browser is asked, and whether what it answers is right. What `WebAuthn` says of that is checked by a library,
//! which also draws the challenges and reads the system's clock; the server's own clock counts besides.
//!
//! Passkeys are found by whoever has them (discoverable credentials), whoever holds one shows that they do (user verification),
//! and nobody is asked who has made it (no attestation).

use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use dripline_shared::error::Code;
use dripline_shared::statement::is_origin;
use dripline_shared::time::Timestamp;
use serde::Serialize;
use serde_json::Value;
use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{CredProtect, RegistrationVerificationOptions, UserHandle};
use webauthn_rp::request::{AsciiDomain, PublicKeyCredentialDescriptor, RpId, TimedCeremony};
use webauthn_rp::response::auth::DiscoverableAuthentication;
use webauthn_rp::response::auth::error::AuthCeremonyErr;
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, Backup, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthenticationServerState, DiscoverableCredentialRequestOptions,
    PublicKeyCredentialCreationOptions, Registration, RegistrationServerState,
};

use super::ceremony::{CEREMONY_MS, Ceremony, Purpose};
use super::digits::{Digits, ID_BYTES, bytes};
use super::operator::PasskeyRecord;
use crate::refusal::Refusal;

/// What the browser shows as the name of the site, besides its domain.
const SITE_NAME: &str = "Dripline";

/// A public key as it is stored.
type KeyState = StaticState<CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>>;

/// A page that asks for passkeys: its origin and, of that, the domain that passkeys are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    origin: String,
    domain: RpId,
}

/// A question, and what the server has to know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// For the browser.
    pub public_key: Value,
    /// For the server.
    pub ceremony: Ceremony,
}

/// A passkey's answer to the question who signs in.
#[derive(Debug)]
pub struct Assertion(DiscoverableAuthentication<ID_BYTES>);

/// Why an answer signs nobody in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnswered {
    /// Why.
    pub refusal: Refusal,
    /// Whether it was signed by the passkey that it names.
    pub is_known: bool,
}

impl Site {
    /// The site of an origin; refused where passkeys do not work.
    pub fn of(origin: &str) -> Result<Self, Refusal> {
        let host = domain_of(origin).map_err(|expected| Refusal::new(Code::PasskeysNeedDomain, expected))?;
        let domain = AsciiDomain::try_from(host.to_owned())
            .map_err(|_| Refusal::new(Code::PasskeysNeedDomain, EXPECTED_DOMAIN))?;
        Ok(Self { origin: origin.to_owned(), domain: RpId::Domain(domain) })
    }

    /// The origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Asks who signs in.
    pub fn ask_who(&self, now: Timestamp) -> Result<Question, Code> {
        let options = DiscoverableCredentialRequestOptions::passkey(&self.domain);
        let (state, options) = options.start_ceremony().map_err(|_| Code::Internal)?;
        let challenge = state.sent_challenge().0;
        self.question(&options, challenge, state.encode().map_err(|_| Code::Internal)?, Purpose::SignIn, now)
    }

    /// Asks for a new passkey of the operator with this id and name, which is none of those that they have.
    pub fn ask_for_new(
        &self,
        operator: &str,
        name: &str,
        had: &[PasskeyRecord],
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Question, Code> {
        let user = user(operator)?;
        let mut options =
            PublicKeyCredentialCreationOptions::first_passkey_with_blank_user_info(&self.domain, &user);
        // The holder has to be verified each time in any case, and not all authenticators know of such a policy.
        options.extensions.cred_protect = CredProtect::None;
        for passkey in had {
            let id = CredentialId::decode(decoded(&passkey.credential)?).map_err(|_| Code::Internal)?;
            let transports = AuthTransports::decode(passkey.transports).map_err(|_| Code::Internal)?;
            options.exclude_credentials.push(PublicKeyCredentialDescriptor { id, transports });
        }
        let (state, options) = options.start_ceremony().map_err(|_| Code::Internal)?;
        let challenge = state.sent_challenge().0;
        let state = state.encode().map_err(|_| Code::Internal)?;
        let mut question = self.question(&options, challenge, state, purpose, now)?;
        // The library takes names of one word.
        for (place, text) in [("/user/name", name), ("/user/displayName", name), ("/rp/name", SITE_NAME)] {
            *question.public_key.pointer_mut(place).ok_or(Code::Internal)? = text.into();
        }
        Ok(question)
    }

    /// The passkey that answers: with this id and name here.
    pub fn new_passkey(
        &self,
        ceremony: &Ceremony,
        credential: &Value,
        (id, name): (String, &str),
        now: Timestamp,
    ) -> Result<PasskeyRecord, Refusal> {
        let state: RegistrationServerState<ID_BYTES> =
            RegistrationServerState::decode(&decoded(&ceremony.state)?).map_err(|_| Code::Internal)?;
        let json = serde_json::to_vec(credential).map_err(|_| Code::Internal)?;
        let answer = Registration::from_json_relaxed(&json).map_err(|_| of_credential())?;
        let options = RegistrationVerificationOptions::<&str, &str> {
            allowed_origins: &[self.origin.as_str()],
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let registered = state.verify(&self.domain, &answer, &options).map_err(|error| {
            Refusal::new(Code::PasskeyRefused, format!("the passkey does not fit: {error}"))
        })?;
        let key = registered.static_state().encode().map_err(|_| Code::Internal)?;
        Ok(PasskeyRecord {
            id,
            name: name.to_owned(),
            credential: BASE64_URL_SAFE_NO_PAD.encode(registered.id().as_ref()),
            transports: registered.transports().encode().unwrap_or_default(),
            key: BASE64_URL_SAFE_NO_PAD.encode(key),
            state: state_text(registered.dynamic_state()),
            is_synced: matches!(registered.dynamic_state().backup, Backup::Exists),
            made_at: now,
            used_at: None,
        })
    }

    /// The passkey as it is after somebody has signed in by it; `operator` is whose it is.
    pub fn signed_in(
        &self,
        ceremony: &Ceremony,
        Assertion(answer): &Assertion,
        (operator, passkey): (&str, &PasskeyRecord),
        now: Timestamp,
    ) -> Result<PasskeyRecord, NotAnswered> {
        let broken = |()| NotAnswered { refusal: Code::Internal.into(), is_known: false };
        let state = decoded(&ceremony.state).map_err(|_| broken(()))?;
        let state =
            DiscoverableAuthenticationServerState::decode(state.as_slice()).map_err(|_| broken(()))?;
        let user = user(operator).map_err(|_| broken(()))?;
        let id = decoded(&passkey.credential).map_err(|_| broken(()))?;
        let id = CredentialId::<&[u8]>::decode(id.as_slice()).map_err(|_| broken(()))?;
        let (key, dynamic) = stored(passkey).map_err(|_| broken(()))?;
        let mut credential = AuthenticatedCredential::new(id, &user, key, dynamic).map_err(|_| broken(()))?;
        let options = AuthenticationVerificationOptions::<&str, &str> {
            allowed_origins: &[self.origin.as_str()],
            error_on_unsolicited_extensions: false,
            ..AuthenticationVerificationOptions::default()
        };
        state.verify(&self.domain, answer, &mut credential, &options).map_err(not_signed_in)?;
        let dynamic = credential.dynamic_state();
        Ok(PasskeyRecord {
            state: state_text(dynamic),
            is_synced: matches!(dynamic.backup, Backup::Exists),
            used_at: Some(now),
            ..passkey.clone()
        })
    }

    fn question(
        &self,
        options: &impl Serialize,
        challenge: u128,
        state: Vec<u8>,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Question, Code> {
        let ceremony = Ceremony {
            purpose,
            origin: self.origin.clone(),
            challenge: Digits(&challenge.to_le_bytes()).to_string(),
            expires_at: now.plus(CEREMONY_MS),
            state: BASE64_URL_SAFE_NO_PAD.encode(state),
        };
        Ok(Question { public_key: serde_json::to_value(options).map_err(|_| Code::Internal)?, ceremony })
    }
}

impl Assertion {
    /// What `toJSON()` gave.
    pub fn read(credential: &Value) -> Result<Self, Refusal> {
        let json = serde_json::to_vec(credential).map_err(|_| Code::Internal)?;
        DiscoverableAuthentication::from_json_relaxed(&json).map(Self).map_err(|_| of_credential())
    }

    /// The id of the operator whose passkey it says to be.
    pub fn operator(&self) -> String {
        Digits(self.0.response().user_handle().as_ref()).to_string()
    }

    /// The credential that it says to be of, base64url.
    pub fn credential(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0.raw_id().as_ref())
    }
}

/// What is expected of the host of an origin.
const EXPECTED_DOMAIN: &str =
    "passkeys work where the address has a name, such as https://play.example, or on localhost";
/// What is expected of its scheme.
const EXPECTED_TLS: &str = "passkeys work by https, and by http on localhost alone";

/// Whether passkeys work for pages of this origin; what is expected where they do not.
pub fn domain_of(origin: &str) -> Result<&str, &'static str> {
    let authority = origin.split_once("://").filter(|_| is_origin(origin)).ok_or(EXPECTED_DOMAIN)?.1;
    let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok());
    let is_label = |label: &str| {
        let is_inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty() && label.bytes().all(is_inside)
    };
    // Browsers take a name whose last part is a number for an address.
    let is_address =
        host.rsplit('.').next().is_none_or(|last| last.starts_with(|first: char| first.is_ascii_digit()));
    if !is_port || is_address || host.parse::<IpAddr>().is_ok() || !host.split('.').all(is_label) {
        return Err(EXPECTED_DOMAIN);
    }
    let is_local = host == "localhost" || host.ends_with(".localhost");
    if origin.starts_with("https://") || is_local { Ok(host) } else { Err(EXPECTED_TLS) }
}

/// An answer that is not what a browser gives.
fn of_credential() -> Refusal {
    let message = "expected what toJSON() of a PublicKeyCredential gives".to_owned();
    let subject = Some("credential".to_owned());
    Refusal::from(dripline_shared::api::Reason {
        code: Code::InvalidRequest,
        message,
        subject,
        until_ms: None,
    })
}

fn not_signed_in(error: AuthCeremonyErr) -> NotAnswered {
    match error {
        AuthCeremonyErr::SignatureCounter => {
            let message = "the signature counter of the passkey has gone back: it may have been copied";
            NotAnswered { refusal: Refusal::new(Code::SignInRefused, message), is_known: true }
        }
        error => {
            let message = format!("that signs nobody in: {error}");
            NotAnswered { refusal: Refusal::new(Code::SignInRefused, message), is_known: false }
        }
    }
}

fn user(operator: &str) -> Result<UserHandle<ID_BYTES>, Code> {
    UserHandle::decode(bytes(operator).ok_or(Code::Internal)?).map_err(|error| match error {})
}

fn stored(passkey: &PasskeyRecord) -> Result<(KeyState, DynamicState), Code> {
    let key = KeyState::decode(&decoded(&passkey.key)?).map_err(|_| Code::Internal)?;
    let state: [u8; 7] = decoded(&passkey.state)?.try_into().map_err(|_| Code::Internal)?;
    Ok((key, DynamicState::decode(state).map_err(|_| Code::Internal)?))
}

fn state_text(state: DynamicState) -> String {
    match state.encode() {
        Ok(bytes) => BASE64_URL_SAFE_NO_PAD.encode(bytes),
        Err(error) => match error {},
    }
}

fn decoded(text: &str) -> Result<Vec<u8>, Code> {
    BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| Code::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_work_where_the_address_has_a_name_and_is_encrypted_or_local() {
        for (origin, expected) in [
            ("https://play.example", Ok("play.example")),
            ("https://play.example:8443", Ok("play.example")),
            ("http://localhost:8080", Ok("localhost")),
            ("http://console.localhost:8080", Ok("console.localhost")),
            ("https://console", Ok("console")),
            ("http://play.example", Err(EXPECTED_TLS)),
            ("http://127.0.0.1:8080", Err(EXPECTED_DOMAIN)),
            ("https://192.0.2.7", Err(EXPECTED_DOMAIN)),
            ("https://127.1", Err(EXPECTED_DOMAIN)),
            ("https://0x7f000001", Err(EXPECTED_DOMAIN)),
            ("https://[2001:db8::1]:8443", Err(EXPECTED_DOMAIN)),
            ("https://play.example:port", Err(EXPECTED_DOMAIN)),
            ("https://Play.example", Err(EXPECTED_DOMAIN)),
            ("https://play..example", Err(EXPECTED_DOMAIN)),
            ("play.example", Err(EXPECTED_DOMAIN)),
            ("null", Err(EXPECTED_DOMAIN)),
        ] {
            assert_eq!(domain_of(origin), expected, "{origin}");
            let code = Site::of(origin).err().map(|refusal| refusal.code());
            assert_eq!(code, expected.err().map(|_| Code::PasskeysNeedDomain), "{origin}");
        }
    }

    #[test]
    fn a_question_has_what_a_browser_takes() {
        let site = Site::of("https://play.example").unwrap();
        let now = Timestamp(1_800_000_000_000);
        let purpose = Purpose::Passkey { operator: "0001020304050607".to_owned() };
        let question = site.ask_for_new("0001020304050607", "Ada Lovelace", &[], purpose, now).unwrap();
        let options = &question.public_key;
        assert_eq!(options["rp"]["id"], "play.example");
        assert_eq!(options["user"]["displayName"], "Ada Lovelace");
        assert_eq!(options["user"]["id"], "AAECAwQFBgc");
        assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
        assert_eq!(options["attestation"], "none");
        assert_eq!(
            options["extensions"],
            serde_json::json!({}),
            "nothing that an authenticator may not know"
        );
        let challenge: Vec<u8> =
            BASE64_URL_SAFE_NO_PAD.decode(options["challenge"].as_str().unwrap()).unwrap();
        assert_eq!(Digits(&challenge).to_string(), question.ceremony.challenge);
        assert_ne!(site.ask_who(now).unwrap().ceremony.challenge, question.ceremony.challenge);
    }
}
