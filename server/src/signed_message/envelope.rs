//! Solana's envelopes of messages that are no transactions, and how a text is taken out of them. Pure.
//!
//! | form | bytes |
//! |---|---|
//! | text | the text |
//! | version 0, short | signing domain, 0, format, length, text |
//! | version 0, with signers | signing domain, 0, application domain (32), format, number of signers, signers (32 each), length, text |
//! | version 1 | signing domain, 1, number of signers, signers (32 each, rising), text |
//!
//! Version, format and number of signers have one byte, the length of the text two, the low one first. The short layout is that
//! of the crate `solana-offchain-message`, of the command line that is built with it, and of Ledger's app before it knew the other;
//! that with signers is what the proposal for off-chain messages says since then; version 1 is sRFC 3. Nothing in version 0 tells
//! the two layouts apart but what may stand where: see [`is_short`].

use dripline_shared::wallet::Wallet;

use super::NotSigned;

/// What every envelope begins with. No text in UTF-8 has the first byte, and no transaction begins with it.
const SIGNING_DOMAIN: &[u8; 16] = b"\xffsolana offchain";
/// The longest text of the formats that hardware can show: what fits one packet.
const LIMITED_MAX: usize = 1_232;
/// The longest text that the crate writes in one of these formats, in the short layout. Ledger goes up to [`LIMITED_MAX`].
const SHORT_LIMITED_MAX: usize = 1_212;
/// The same in the layout with signers.
const WITH_SIGNERS_LIMITED_MAX: usize = 1_179;

/// The form in which a wallet has signed a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The text itself.
    Text,
    /// In an envelope of version 0 in the short layout.
    V0Short,
    /// In an envelope of version 0 that names its signers.
    V0WithSigners,
    /// In an envelope of version 1.
    V1,
}

/// Takes the text out of `message`, which is to be signed by `wallet` alone, for nobody else than the page of this host.
pub(super) fn open<'a>(message: &'a [u8], wallet: Wallet, host: &str) -> Result<(Form, &'a str), NotSigned> {
    let Some(rest) = message.strip_prefix(SIGNING_DOMAIN) else {
        let begins_like_one = message.first() == SIGNING_DOMAIN.first();
        return if begins_like_one {
            Err(NotSigned::OtherSigningDomain)
        } else {
            Ok((Form::Text, utf8(message)?))
        };
    };
    let (version, mut rest) = take::<1>(rest)?;
    let (form, text) = match version {
        [0] if is_short(rest) => {
            let ([format], rest) = take::<1>(rest)?;
            let text = measured(rest)?;
            fits(*format, text, SHORT_LIMITED_MAX, is_printable)?;
            (Form::V0Short, text)
        }
        [0] => {
            let (domain, after) = take::<32>(rest)?;
            if *domain != [0; 32] && *domain != application_domain(host) {
                return Err(NotSigned::OtherDomain);
            }
            let ([format], after) = take::<1>(after)?;
            rest = signed_by(after, wallet)?;
            let text = measured(rest)?;
            fits(*format, text, WITH_SIGNERS_LIMITED_MAX, is_printable_or_line_feed)?;
            (Form::V0WithSigners, text)
        }
        [1] => (Form::V1, utf8(signed_by(rest, wallet)?)?),
        [other] => return Err(NotSigned::UnknownVersion(*other)),
    };
    Ok((form, text))
}

/// Every message that [`open`] takes this text out of: the text itself first.
pub(super) fn all(text: &str, wallet: Wallet, host: &str) -> Vec<Vec<u8>> {
    let begun = |version: u8| [&SIGNING_DOMAIN[..], &[version]].concat();
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes();
    let signers = [&[1][..], &wallet.0].concat();
    let mut messages = vec![text.as_bytes().to_vec()];
    for format in 0..=2 {
        messages.push([&begun(0)[..], &[format], &length, text.as_bytes()].concat());
        for domain in [[0; 32], application_domain(host)] {
            let head = [&begun(0)[..], &domain, &[format], &signers].concat();
            messages.push([&head[..], &length, text.as_bytes()].concat());
        }
    }
    messages.push([&begun(1)[..], &signers, text.as_bytes()].concat());
    messages.retain(|message| open(message, wallet, host).is_ok_and(|(_, inner)| inner == text));
    messages
}

/// Whether what comes after version 0 is in the short layout: a format, and a length that is not zero. In the other one an
/// application domain stands here, and those that are ours are zeros, or begin with a letter or digit, which is no format.
fn is_short(rest: &[u8]) -> bool {
    matches!(rest, [0..=2, low, high, ..] if (*low, *high) != (0, 0))
}

/// The application domain of a page, as Ledger's library fills it in where it is told a text: 32 bytes of that, or as many as
/// there are and then zeros.
fn application_domain(host: &str) -> [u8; 32] {
    let mut domain = [0; 32];
    domain.iter_mut().zip(host.bytes()).for_each(|(place, byte)| *place = byte);
    domain
}

/// So many bytes, and what comes after them.
fn take<const N: usize>(bytes: &[u8]) -> Result<(&[u8; N], &[u8]), NotSigned> {
    bytes.split_first_chunk().ok_or(NotSigned::CutShort)
}

/// What comes after the signers, which must be this wallet alone.
fn signed_by(bytes: &[u8], wallet: Wallet) -> Result<&[u8], NotSigned> {
    let ([count], rest) = take::<1>(bytes)?;
    if *count != 1 {
        return Err(NotSigned::SignerCount(*count));
    }
    let (signer, rest) = take::<32>(rest)?;
    if *signer == wallet.0 { Ok(rest) } else { Err(NotSigned::OtherSigner) }
}

/// The text after its length, which must be all that is left.
fn measured(bytes: &[u8]) -> Result<&str, NotSigned> {
    let (length, text) = take::<2>(bytes)?;
    if usize::from(u16::from_le_bytes(*length)) == text.len() {
        utf8(text)
    } else {
        Err(NotSigned::WrongLength)
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, NotSigned> {
    std::str::from_utf8(bytes).map_err(|_| NotSigned::NotUtf8)
}

/// Whether a format is the least that holds a text: 0 for what `is_ascii` says, 1 for any other text, and 2 for one that is too
/// long for these. Writers draw that line at `limited_max` or at [`LIMITED_MAX`]; between the two either is right.
///
/// A text that is printable without line feeds has format 0 everywhere. Ledger has it for line feeds as well, the library of
/// wallets does not: such a text has 0 or 1.
fn fits(format: u8, text: &str, limited_max: usize, is_ascii: fn(u8) -> bool) -> Result<(), NotSigned> {
    let is_right = match format {
        0 => text.len() <= LIMITED_MAX && text.bytes().all(is_ascii),
        1 => text.len() <= LIMITED_MAX && !text.bytes().all(is_printable),
        2 => text.len() > limited_max,
        _ => return Err(NotSigned::UnknownFormat(format)),
    };
    if is_right { Ok(()) } else { Err(NotSigned::WrongFormat(format)) }
}

/// What `isprint` is true of in C.
fn is_printable(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte)
}

fn is_printable_or_line_feed(byte: u8) -> bool {
    is_printable(byte) || byte == b'\n'
}
