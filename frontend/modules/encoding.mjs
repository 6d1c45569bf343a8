// How bytes and amounts are written, and read back: what the ledger's page and the program for wallets have in common.

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

/** The bytes that a text in base58 stands for, if there are exactly `length` of them, else nothing. */
export function fromBase58(text, length) {
  let number = 0n;
  for (const letter of text) {
    const digit = BASE58.indexOf(letter);
    if (digit < 0) {
      return undefined;
    }
    number = number * 58n + BigInt(digit);
  }
  // Each leading one stands for a leading zero byte.
  const zeros = /^1*/.exec(text)[0].length;
  const digits = number === 0n ? "" : number.toString(16);
  const bytes = fromHex("00".repeat(zeros) + (digits.length % 2 ? "0" : "") + digits);
  return bytes.length === length ? bytes : undefined;
}

/** Bytes in base64 (RFC 4648, section 4). */
export const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

/** Bytes in base64url without padding (RFC 4648, section 5), as browsers write the public halves of keys. */
export const toBase64url = (bytes) => toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Bytes as lower-case hexadecimal. */
export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The bytes that hexadecimal digits stand for. */
export const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (digits) => parseInt(digits, 16));

/** The bytes of a text in UTF-8. */
export const toBytes = (text) => new TextEncoder().encode(text);

/**
 * The digits of an amount in whole coins, exactly: those before the point, and those behind it without needless zeros. The units are
 * a large integer, and not negative.
 */
export function digits(units, decimals) {
  const all = units.toString().padStart(decimals + 1, "0");
  const point = all.length - decimals;
  return [all.slice(0, point), all.slice(point).replace(/0+$/, "")];
}

/** An amount of units in whole coins, as statements have it: 1500000 units with 6 decimals are `1.5 DRIP`. */
export function coins(units, { code, decimals }) {
  const [whole, fraction] = digits(BigInt(units), decimals);
  return `${whole}${fraction && "."}${fraction} ${code}`;
}
