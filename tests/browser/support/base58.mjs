// Base58, as Solana writes keys and signatures, by Solana's own library.

import { getBase58Decoder, getBase58Encoder } from "@solana/kit";

/** Bytes as text. */
export const toBase58 = (bytes) => getBase58Decoder().decode(Uint8Array.from(bytes));

/** Text as bytes. */
export const fromBase58 = (text) => Buffer.from(getBase58Encoder().encode(text));
