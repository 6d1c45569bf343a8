//! What wallets of a player's own sign, and what they return.

use dripline_server::payout::evm::ownership;
use dripline_server::signed_message::{Form, check};
use dripline_shared::api::{BalanceMoveAnswer, BalanceMoveRequest};
use dripline_shared::statement::{Act, OwnershipStatement, Statement, WalletAct};
use serde_json::Value;

use super::{fenced, golden, json, lines, statement, text};

/// The bytes that these digits are.
fn unhex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// Digits in lines of 32 bytes.
fn hexadecimal(digits: &str) -> Vec<String> {
    digits.as_bytes().chunks(64).map(|line| String::from_utf8(line.to_vec()).unwrap()).collect()
}

/// The envelopes of the delegation: what stands before its text, part by part, and the signature over all.
fn envelopes(delegation: &Statement, messages: &Value) -> String {
    let forms: [(&str, &str, Form, &[usize]); 3] = [
        ("Version 0, short", "v0", Form::V0Short, &[16, 1, 1, 2]),
        ("Version 0, with signers", "v0_with_signers", Form::V0WithSigners, &[16, 1, 32, 1, 1, 32, 2]),
        ("Version 1", "v1", Form::V1, &[16, 1, 1, 32]),
    ];
    let mut found = vec![format!("The text has {} bytes.", delegation.to_string().len())];
    for (title, name, form, parts) in forms {
        let entry = &messages[name];
        let (bytes, signature) = (text(&entry["bytes"]), text(&entry["signature"]));
        let message = unhex(bytes);
        assert_eq!(check(delegation, &message, &signature.parse().unwrap()), Ok(form), "{name}");
        found.extend([String::new(), title.to_owned()]);
        let mut at = 0;
        for length in parts {
            found.extend(hexadecimal(&bytes[2 * at..2 * (at + length)]));
            at += length;
        }
        assert_eq!(message[at..], *delegation.to_string().as_bytes(), "{name}: then comes the text");
        found.extend(["and the text".to_owned(), format!("signature {signature}")]);
    }
    fenced("text", &found.join("\n"))
}

/// The sentence and the resources of a statement, which are all that differs from another one.
fn short(entry: &Value) -> String {
    let (statement, _) = statement(entry);
    let words = statement.to_string();
    let (_, resources) = words.split_once("Resources:\n").unwrap();
    fenced("text", &format!("{}\n\n{resources}", statement.act.sentence()))
}

pub(super) fn examples(statements: &Value) -> [(&'static str, String); 10] {
    let messages = golden("messages.json");
    let entry = &statements["delegate"];
    let (delegation, signature) = statement(entry);
    let Act::OfWallets(WalletAct::Delegate { delegate, .. }) = &delegation.act else {
        panic!("a delegation")
    };
    let countersignature = text(&entry["countersignature"]).parse().unwrap();
    let bare = delegation.to_string();
    assert_eq!(check(&delegation, bare.as_bytes(), &signature), Ok(Form::Text));
    assert_eq!(delegate.verify(bare.as_bytes(), &countersignature), Ok(()));
    let signatures = [
        format!("wallet    {}", delegation.wallet),
        format!("signature {signature}"),
        format!("key       {delegate}"),
        format!("signature {countersignature}"),
    ];
    let (words, signature_of_move) = statement(&statements["move_balance"]);
    let Act::OfWallets(WalletAct::MoveBalance { client_id, to }) = words.act else { panic!("a move") };
    let move_request = BalanceMoveRequest {
        wallet: words.wallet,
        to,
        client_id,
        issued_at_ms: words.issued_at,
        origin: words.origin.clone(),
        faucet: words.faucet,
        signature: signature_of_move,
    };
    assert_eq!(move_request.statement(), words);
    let move_answer = BalanceMoveAnswer { wallet: words.wallet, to, moved_at_ms: words.issued_at };
    let owner = &messages["ownership"];
    let words = lines(&owner["lines"]);
    let ownership = OwnershipStatement::parse(&words).unwrap();
    assert_eq!(ownership.to_string(), words);
    let proof = text(&owner["signature"]);
    let proof = proof.strip_prefix("0x").unwrap();
    assert_eq!(ownership::check(&ownership, &unhex(proof)), Ok(()));
    [
        ("delegation-statement", fenced("text", &bare)),
        ("delegation-signatures", fenced("text", &signatures.join("\n"))),
        ("envelopes", envelopes(&delegation, &messages["delegate"])),
        ("delegations-list", short(&statements["list_delegations"])),
        ("delegation-revocation", short(&statements["revoke_delegation"])),
        ("balance-move", short(&statements["move_balance"])),
        ("balance-move-request", json(&move_request)),
        ("balance-move-answer", json(&move_answer)),
        ("ownership-statement", fenced("text", &words)),
        ("ownership-signature", fenced("text", &hexadecimal(proof).join("\n"))),
    ]
}
