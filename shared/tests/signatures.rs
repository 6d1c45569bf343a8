//! What counts as a signature: Google's Wycheproof vectors, and cases made for what they cannot tell, because lax and
//! strict verifiers agree on them: points of small and of mixed order, and every encoding that is not the canonical one.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use dripline_shared::round::{ClientId, Hash, RoundId};
use dripline_shared::statement::{Act, Statement};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet, WalletError};
use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha512};
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

const MESSAGE: &[u8] = b"a drop of water";

/// The order of the base point, little-endian: 2^252 + 27742317777372353535851937790883648493.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The field's prime, little-endian: 2^255 − 19.
const PRIME: [u8; 32] = {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xed;
    bytes[31] = 0x7f;
    bytes
};

fn signing_key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

fn scalar(label: &str, number: u32) -> Scalar {
    let digest = Sha512::new().chain_update(label).chain_update(number.to_le_bytes()).finalize();
    Scalar::from_bytes_mod_order_wide(&digest.into())
}

/// The challenge `k = SHA-512(R ‖ A ‖ message)` of RFC 8032.
fn challenge(nonce_point: &[u8; 32], wallet: &Wallet, message: &[u8]) -> Scalar {
    let digest =
        Sha512::new().chain_update(nonce_point).chain_update(wallet.0).chain_update(message).finalize();
    Scalar::from_bytes_mod_order_wide(&digest.into())
}

fn signature(nonce_point: &[u8; 32], response: &[u8; 32]) -> Signature {
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(nonce_point);
    bytes[32..].copy_from_slice(response);
    Signature(bytes)
}

fn encoding(point: &EdwardsPoint) -> [u8; 32] {
    point.compress().to_bytes()
}

/// `left + right`, both little-endian; `None` where 256 bits do not hold it.
fn sum(left: &[u8; 32], right: &[u8; 32]) -> Option<[u8; 32]> {
    let mut carry = 0;
    let mut bytes = [0; 32];
    for (byte, (one, other)) in bytes.iter_mut().zip(left.iter().zip(right)) {
        let digit = u16::from(*one) + u16::from(*other) + carry;
        *byte = u8::try_from(digit & 0xff).expect("masked");
        carry = digit >> 8;
    }
    (carry == 0).then_some(bytes)
}

/// Every encoding of a point that is not its canonical one: a coordinate at or above the prime, or a sign of zero.
fn encodings_that_are_not_canonical() -> Vec<[u8; 32]> {
    let mut found = Vec::new();
    for above in 0..19_u8 {
        let mut bytes = PRIME;
        bytes[0] += above;
        found.push(bytes);
        bytes[31] |= 0x80;
        found.push(bytes);
    }
    // Zero has no sign: these are (0, 1) and (0, −1) with one.
    let mut one = [0; 32];
    (one[0], one[31]) = (1, 0x80);
    let mut minus_one = PRIME;
    (minus_one[0], minus_one[31]) = (0xec, 0xff);
    found.extend([one, minus_one]);
    found
}

#[test]
fn every_wycheproof_vector_comes_out_right() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let mut tried = 0;
    for group in &set.test_groups {
        let wallet = Wallet(group.key.pk[..].try_into().unwrap());
        for test in &group.tests {
            // A signature of another length is refused before it is one.
            let verdict = <[u8; 64]>::try_from(&test.sig[..])
                .map_err(|_| WalletError::NotBase58)
                .and_then(|bytes| wallet.verify(&test.msg, &Signature(bytes)));
            assert_eq!(
                verdict.is_ok(),
                test.result == TestResult::Valid,
                "case {}: {}",
                test.tc_id,
                test.comment
            );
            tried += 1;
        }
    }
    assert!(tried >= 150, "only {tried} vectors");
}

#[test]
fn a_signature_holds_for_its_key_and_its_message_and_no_bit_of_the_three_can_change() {
    let key = signing_key(1);
    let wallet = Wallet::of(&key);
    let made = Signature::of(&key, MESSAGE);
    assert_eq!(wallet.verify(MESSAGE, &made), Ok(()));
    for bit in 0..512 {
        let mut altered = made;
        altered.0[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(
            wallet.verify(MESSAGE, &altered),
            Err(WalletError::BadSignature),
            "bit {bit} of the signature"
        );
    }
    for bit in 0..256 {
        let mut altered = wallet;
        altered.0[bit / 8] ^= 1 << (bit % 8);
        assert!(altered.verify(MESSAGE, &made).is_err(), "bit {bit} of the key");
    }
    for bit in 0..MESSAGE.len() * 8 {
        let mut altered = MESSAGE.to_vec();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(wallet.verify(&altered, &made).is_err(), "bit {bit} of the message");
    }
    assert!(wallet.verify(&MESSAGE[1..], &made).is_err());
    assert!(wallet.verify(b"", &made).is_err());
}

#[test]
fn keys_of_small_order_are_weak_and_sign_nothing() {
    for point in EIGHT_TORSION {
        let wallet = Wallet(encoding(&point));
        assert_eq!(wallet.key().unwrap_err(), WalletError::Weak);
        // For such a key a lax verifier takes R = r·B with S = r for any message whose challenge kills the point.
        for number in 0..16 {
            let nonce = scalar("nonce", number);
            let made = signature(&encoding(&EdwardsPoint::mul_base(&nonce)), nonce.as_bytes());
            assert_eq!(wallet.verify(MESSAGE, &made), Err(WalletError::Weak));
        }
        assert_eq!(wallet.verify(MESSAGE, &signature(&encoding(&point), &[0; 32])), Err(WalletError::Weak));
    }
}

#[test]
fn a_nonce_of_small_order_is_refused() {
    let secret = scalar("secret", 0);
    let wallet = Wallet(encoding(&EdwardsPoint::mul_base(&secret)));
    for point in EIGHT_TORSION {
        let nonce_point = encoding(&point);
        let response = challenge(&nonce_point, &wallet, MESSAGE) * secret;
        let made = signature(&nonce_point, response.as_bytes());
        assert_eq!(wallet.verify(MESSAGE, &made), Err(WalletError::BadSignature));
    }
}

/// The equation without the cofactor: `S·B = R + k·A`, exactly. A verifier that multiplies by eight accepts all of these.
#[test]
fn keys_and_nonces_of_mixed_order_verify_only_where_the_exact_equation_holds() {
    let (mut held, mut failed) = (0, 0);
    for number in 0..8 {
        let (secret, nonce) = (scalar("secret", number), scalar("nonce", number));
        for key_torsion in EIGHT_TORSION {
            let wallet = Wallet(encoding(&(EdwardsPoint::mul_base(&secret) + key_torsion)));
            for nonce_torsion in EIGHT_TORSION {
                let nonce_point = encoding(&(EdwardsPoint::mul_base(&nonce) + nonce_torsion));
                let factor = challenge(&nonce_point, &wallet, MESSAGE);
                let made = signature(&nonce_point, (nonce + factor * secret).as_bytes());
                // What is left of the equation once its prime-order part has cancelled out.
                let holds = encoding(&(nonce_torsion + factor * key_torsion)) == encoding(&EIGHT_TORSION[0]);
                assert_eq!(wallet.verify(MESSAGE, &made).is_ok(), holds);
                (held, failed) = if holds { (held + 1, failed) } else { (held, failed + 1) };
            }
        }
    }
    assert!(held > 20 && failed > 200, "{held} held, {failed} failed");
}

#[test]
fn a_wallet_has_one_name() {
    for bytes in encodings_that_are_not_canonical() {
        let error = Wallet(bytes).key().unwrap_err();
        assert!(matches!(error, WalletError::NotAKey | WalletError::Weak), "{bytes:02x?}: {error}");
    }
    // Of these, the ones that decode to a point of large order are other names of a key that could sign.
    let other_names = encodings_that_are_not_canonical().into_iter().filter(|bytes| {
        let point = curve25519_dalek::edwards::CompressedEdwardsY(*bytes).decompress();
        point.is_some_and(|point| !point.is_small_order() && encoding(&point) != *bytes)
    });
    let mut found = 0;
    for bytes in other_names {
        assert_eq!(Wallet(bytes).key().unwrap_err(), WalletError::NotAKey);
        found += 1;
    }
    assert!(found > 0, "there are such encodings");
}

#[test]
fn bytes_that_are_no_point_are_no_key() {
    let mut refused = 0;
    for number in 0..100_u8 {
        let bytes: [u8; 64] = Sha512::digest([number]).into();
        let wallet = Wallet(bytes[..32].try_into().unwrap());
        let point = curve25519_dalek::edwards::CompressedEdwardsY(wallet.0).decompress();
        assert_eq!(wallet.key().is_ok(), point.is_some());
        refused += u32::from(point.is_none());
    }
    assert!((30..70).contains(&refused), "about half of all byte strings are no point: {refused}");
}

#[test]
fn a_nonce_in_another_encoding_is_refused() {
    let secret = scalar("secret", 1);
    let wallet = Wallet(encoding(&EdwardsPoint::mul_base(&secret)));
    for nonce_point in encodings_that_are_not_canonical() {
        // For the encodings of the neutral element this S fulfils the equation.
        let response = challenge(&nonce_point, &wallet, MESSAGE) * secret;
        let made = signature(&nonce_point, response.as_bytes());
        assert_eq!(wallet.verify(MESSAGE, &made), Err(WalletError::BadSignature), "{nonce_point:02x?}");
    }
}

#[test]
fn a_signature_with_the_order_added_to_its_s_is_another_signature_and_refused() {
    for number in 1..20 {
        let key = signing_key(number);
        let wallet = Wallet::of(&key);
        let made = Signature::of(&key, MESSAGE);
        let nonce_point: [u8; 32] = made.0[..32].try_into().unwrap();
        let mut response: [u8; 32] = made.0[32..].try_into().unwrap();
        let mut tried = 0;
        while let Some(larger) = sum(&response, &ORDER) {
            response = larger;
            let altered = signature(&nonce_point, &response);
            assert_eq!(wallet.verify(MESSAGE, &altered), Err(WalletError::BadSignature));
            tried += 1;
        }
        assert!(tried >= 14, "every multiple that fits was tried: {tried}");
    }
}

#[test]
fn the_order_itself_and_the_largest_number_are_no_s() {
    let key = signing_key(2);
    let wallet = Wallet::of(&key);
    let made = Signature::of(&key, MESSAGE);
    let nonce_point: [u8; 32] = made.0[..32].try_into().unwrap();
    for response in [ORDER, [0xff; 32], [0; 32]] {
        assert_eq!(
            wallet.verify(MESSAGE, &signature(&nonce_point, &response)),
            Err(WalletError::BadSignature)
        );
    }
}

fn claim(wallet: Wallet, round: u8) -> Statement {
    Statement {
        origin: "https://faucet.example".to_owned(),
        wallet,
        issued_at: Timestamp(1_700_000_000_000),
        expires_at: Timestamp(1_700_086_400_000),
        faucet: Hash([9; 32]),
        act: Act::Claim { round: RoundId([round; 16]), level: Hash([3; 32]), transcript: Hash([4; 32]) },
    }
}

#[test]
fn a_signature_cannot_be_moved_to_another_statement() {
    let (key, other_key) = (signing_key(3), signing_key(4));
    let (wallet, other) = (Wallet::of(&key), Wallet::of(&other_key));
    let signed = claim(wallet, 1);
    let made = Signature::of(&key, signed.to_string().as_bytes());
    assert_eq!(wallet.verify(signed.to_string().as_bytes(), &made), Ok(()));

    let open = Act::Open {
        client_id: ClientId([1; 16]),
        level: "catch-1".to_owned(),
        campaign: "default".to_owned(),
        site: None,
        rules_version: 1,
        abandon: None,
    };
    let claims = |level, transcript| Act::Claim {
        round: RoundId([1; 16]),
        level: Hash(level),
        transcript: Hash(transcript),
    };
    let elsewhere = [
        claim(wallet, 2),
        claim(other, 1),
        Statement { origin: "https://other.example".to_owned(), ..signed.clone() },
        Statement { origin: "http://faucet.example".to_owned(), ..signed.clone() },
        Statement { faucet: Hash([8; 32]), ..signed.clone() },
        Statement { issued_at: Timestamp(1_700_000_000_001), ..signed.clone() },
        Statement { expires_at: Timestamp(1_700_086_400_001), ..signed.clone() },
        Statement { act: claims([2; 32], [4; 32]), ..signed.clone() },
        Statement { act: claims([3; 32], [5; 32]), ..signed.clone() },
        Statement { act: open, ..signed },
    ];
    for statement in elsewhere {
        let text = statement.to_string();
        for claimant in [wallet, other] {
            assert_eq!(claimant.verify(text.as_bytes(), &made), Err(WalletError::BadSignature), "{text}");
        }
    }
}
