// What is made of bytes by the browser's own cryptography.

import { fromBase58, toBytes, toHex } from "../modules/encoding.mjs";

/** How the fingerprint of a faucet begins: `docs/protocol.md`, section 5. */
const FAUCET_TAG = "dripline/fauce/1";

/** Bytes one after the other. */
function joined(parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

async function digest(name, parts) {
  return new Uint8Array(await crypto.subtle.digest(name, joined(parts)));
}

/** SHA-256 of these bytes one after the other. */
export const sha256 = (...parts) => digest("SHA-256", parts);

/** The fingerprint of the faucet whose first key for receipts has these bytes, in hexadecimal. */
export async function fingerprint(key) {
  return toHex((await digest("SHA-512", [toBytes(FAUCET_TAG), key])).subarray(0, 32));
}

/** Whether this browser can check signatures of ed25519 at all; pages that did not come safely may not. */
export async function canCheckSignatures() {
  try {
    await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["verify", "sign"]);
    return true;
  } catch {
    return false;
  }
}

/** Whether the holder of a key has signed a text. Key and signature are in base58; what is none of either signs nothing. */
export async function isSigned(text, key, signature) {
  const [keyBytes, signatureBytes] = [fromBase58(key, 32), fromBase58(signature, 64)];
  if (!keyBytes || !signatureBytes) {
    return false;
  }
  const imported = await crypto.subtle.importKey("raw", keyBytes, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, imported, signatureBytes, toBytes(text));
}
