// How bytes are written on the wire.

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** Bytes in base58, as keys and signatures are written. */
export function toBase58(bytes) {
  let number = bytes.reduce((number, byte) => number * 256n + BigInt(byte), 0n);
  let text = "";
  for (; number > 0n; number /= 58n) {
    text = BASE58[number % 58n] + text;
  }
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return BASE58[0].repeat(zeros < 0 ? bytes.length : zeros) + text;
}

/** Bytes in base64 (RFC 4648, section 4). */
export const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

/** Bytes in base64url without padding (RFC 4648, section 5), as browsers write the public halves of keys. */
export const toBase64url = (bytes) => toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Bytes in hexadecimal. */
export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The text of a statement as bytes. */
export const toBytes = (text) => new TextEncoder().encode(text);

/** An amount of units in whole coins, exactly: 1500000 units with 6 decimals are `1.5 DRIP`. */
export function coins(units, { code, decimals }) {
  const digits = BigInt(units).toString().padStart(decimals + 1, "0");
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return `${digits.slice(0, digits.length - decimals)}${decimals > 0 && fraction ? `.${fraction}` : ""} ${code}`;
}
