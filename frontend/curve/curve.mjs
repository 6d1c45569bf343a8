// Lends Ed25519 to the WebCrypto of a browser that does not have it: as much of it as the player's page uses. Only such a
// browser loads this.

import { getPublicKeyAsync, signAsync } from "./noble-ed25519.mjs";

const NAME = "Ed25519";
/** How many bytes stand before the secret in PKCS #8 (RFC 8410). */
const HEADER = 16;
const { subtle } = crypto;
const own = { importKey: subtle.importKey, exportKey: subtle.exportKey, sign: subtle.sign };
/** The secret of each key. */
const secrets = new WeakMap();

subtle.importKey = async (format, bytes, algorithm, extractable, usages) => {
  if (algorithm !== NAME || format !== "pkcs8") {
    return own.importKey.call(subtle, format, bytes, algorithm, extractable, usages);
  }
  const key = Object.freeze({ type: "private", extractable, algorithm: { name: NAME }, usages: [...usages] });
  secrets.set(key, bytes.slice(HEADER));
  return key;
};

subtle.exportKey = async (format, key) => {
  const secret = secrets.get(key);
  if (!secret) {
    return own.exportKey.call(subtle, format, key);
  }
  if (!key.extractable || format !== "jwk") {
    throw new DOMException("the key is not to be read", "InvalidAccessError");
  }
  // As RFC 8037 has it, but for the secret half: whoever asks here has that one.
  return { kty: "OKP", crv: NAME, x: base64url(await getPublicKeyAsync(secret)) };
};

subtle.sign = async (algorithm, key, bytes) => {
  const secret = secrets.get(key);
  if (!secret) {
    return own.sign.call(subtle, algorithm, key, bytes);
  }
  // A copy: the memory that it lies in may move before it is signed.
  const signature = await signAsync(Uint8Array.from(bytes), secret);
  return signature.buffer.slice(signature.byteOffset, signature.byteOffset + signature.byteLength);
};

function base64url(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
