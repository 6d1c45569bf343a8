//! An authenticator made of software: what a browser and a passkey do together, and what they do when somebody tampers with them.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Somebody is there.
const PRESENT: u8 = 0x01;
/// They have shown that they are who they are.
const VERIFIED: u8 = 0x04;
/// There is a key after the rest.
const ATTESTED: u8 = 0x40;
/// What an ECDSA key of P-256 starts with as a `SubjectPublicKeyInfo`, before its point.
const SPKI: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3,
    1, 7, 3, 0x42, 0,
];

/// A passkey.
#[derive(Clone)]
pub(super) struct Authenticator {
    key: SigningKey,
    pub(super) credential: Vec<u8>,
    user: Vec<u8>,
    /// How often it has signed; it starts again at 0 where passkeys are synced.
    pub(super) counter: u32,
    /// Where the page that it is asked from says to be.
    pub(super) origin: String,
    /// The domain that it signs for, in place of the one that it is asked for.
    pub(super) domain: Option<String>,
    /// Whether whoever holds it shows that they do.
    pub(super) verifies: bool,
    /// Whether the page is shown inside another one.
    pub(super) is_framed: bool,
}

impl Authenticator {
    pub(super) fn new(seed: u32, origin: &str) -> Self {
        let seed = seed.to_be_bytes();
        Self {
            key: SigningKey::from_slice(&seed.repeat(8)).unwrap(),
            credential: seed.repeat(4),
            user: Vec::new(),
            counter: 0,
            origin: origin.to_owned(),
            domain: None,
            verifies: true,
            is_framed: false,
        }
    }

    /// What `navigator.credentials.create()` gives, by `toJSON()`.
    pub(super) fn create(&mut self, options: &Value) -> Value {
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
        assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
        self.user = decoded(&options["user"]["id"]);
        let point = self.key.verifying_key().to_encoded_point(false);
        let (x, y) = (point.x().unwrap(), point.y().unwrap());
        let mut data = self.data(options["rp"]["id"].as_str().unwrap(), ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.credential.len()).unwrap().to_be_bytes());
        data.extend(&self.credential);
        // {1: 2, 3: -7, -1: 1, -2: x, -3: y}, as CBOR.
        data.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20]);
        data.extend(x);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(y);
        // {"fmt": "none", "attStmt": {}, "authData": data}
        let mut attestation = vec![0xa3, 0x63];
        attestation.extend(b"fmt");
        attestation.push(0x64);
        attestation.extend(b"none");
        attestation.push(0x67);
        attestation.extend(b"attStmt");
        attestation.extend([0xa0, 0x68]);
        attestation.extend(b"authData");
        attestation.extend([0x58, u8::try_from(data.len()).unwrap()]);
        attestation.extend(&data);
        let id = BASE64.encode(&self.credential);
        json!({
            "id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": BASE64.encode(self.client_data("webauthn.create", options)),
                "attestationObject": BASE64.encode(attestation),
                "authenticatorData": BASE64.encode(data),
                "publicKey": BASE64.encode([SPKI, point.as_bytes()].concat()),
                "publicKeyAlgorithm": -7,
                "transports": ["internal", "hybrid"],
            }
        })
    }

    /// What `navigator.credentials.get()` gives, by `toJSON()`.
    pub(super) fn get(&mut self, options: &Value) -> Value {
        assert_eq!(options["userVerification"], "required");
        let data = self.data(options["rpId"].as_str().unwrap(), 0);
        let client_data = self.client_data("webauthn.get", options);
        let signed = [data.as_slice(), &Sha256::digest(&client_data)].concat();
        let signature: Signature = self.key.sign(&signed);
        let id = BASE64.encode(&self.credential);
        json!({
            "id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": BASE64.encode(client_data),
                "authenticatorData": BASE64.encode(data),
                "signature": BASE64.encode(signature.to_der().as_bytes()),
                "userHandle": BASE64.encode(&self.user),
            }
        })
    }

    fn data(&mut self, domain: &str, flags: u8) -> Vec<u8> {
        let domain = self.domain.as_deref().unwrap_or(domain);
        let verified = if self.verifies { VERIFIED } else { 0 };
        let mut data = Sha256::digest(domain.as_bytes()).to_vec();
        data.push(flags | PRESENT | verified);
        data.extend(self.counter.to_be_bytes());
        if self.counter > 0 {
            self.counter += 1;
        }
        data
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let (challenge, origin) = (options["challenge"].as_str().unwrap(), &self.origin);
        format!(
            "{{\"type\":\"{kind}\",\"challenge\":\"{challenge}\",\"origin\":\"{origin}\",\"crossOrigin\":{}}}",
            self.is_framed
        )
        .into_bytes()
    }
}

fn decoded(text: &Value) -> Vec<u8> {
    BASE64.decode(text.as_str().unwrap()).unwrap()
}
