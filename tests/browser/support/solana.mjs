// A Solana node of a test's own, and the treasury that a faucet pays from there.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { env } from "node:process";
import { address, createKeyPairSignerFromPrivateKeyBytes, createSolanaRpc, getBase58Encoder } from "@solana/kit";

/** Starts one. `settings` are a rail of the configuration, but for the assets. */
export async function startSolana() {
  const program = env.DRIPLINE_SOLANA_NODE;
  if (!program) {
    throw new Error("DRIPLINE_SOLANA_NODE names no node; `cargo xtask solana-node` builds one and says where");
  }
  const seed = randomBytes(32);
  const treasury = (await createKeyPairSignerFromPrivateKeyBytes(seed)).address;
  const child = spawn(program, [treasury], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const { url, genesis_hash } = JSON.parse(await new Promise((resolve) => lines.once("line", resolve)));
  const rpc = createSolanaRpc(url);
  return {
    treasury,
    key: JSON.stringify([...seed, ...getBase58Encoder().encode(treasury)]),
    settings: `kind = "solana", endpoints = ["${url}"], genesis_hash = "${genesis_hash}"`,
    /** What an address has, in lamports. */
    balance: async (of) => (await rpc.getBalance(address(of), { commitment: "finalized" }).send()).value,
    /** A final transaction, as the chain tells it. */
    transaction: (signature) =>
      rpc
        .getTransaction(signature, { commitment: "finalized", encoding: "json", maxSupportedTransactionVersion: 0 })
        .send(),
    /** It ends with its input. */
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.stdin.end();
      await ended;
    },
  };
}
