// An EVM node of a test's own, and the treasury that a faucet pays from there.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { env } from "node:process";
import { createTestClient, http, publicActions } from "viem";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { foundry } from "viem/chains";

/** Starts one that makes a block each second. `settings` are a rail of the configuration, but for the assets. */
export async function startAnvil() {
  const program = env.DRIPLINE_ANVIL;
  if (!program) {
    throw new Error("DRIPLINE_ANVIL names no node; `cargo xtask anvil` installs one and says where");
  }
  const child = spawn(program, ["--host", "127.0.0.1", "--port", "0", "--block-time", "1", "--slots-in-an-epoch", "1"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await new Promise((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const address = /^Listening on (.*)$/.exec(line)?.[1];
      if (address) resolve(`http://${address}`);
    });
  });
  const client = createTestClient({ mode: "anvil", chain: foundry, transport: http(url) }).extend(publicActions);
  const key = generatePrivateKey();
  const treasury = privateKeyToAddress(key);
  await client.setBalance({ address: treasury, value: 10n ** 18n });
  return {
    treasury,
    key,
    settings: `kind = "evm", endpoints = ["${url}"], chain_id = ${await client.getChainId()}, max_fee_per_gas_gwei = "100"`,
    /** What an address has, in wei. */
    balance: (address) => client.getBalance({ address }),
    /** What became of a transaction. */
    receipt: (hash) => client.getTransactionReceipt({ hash }),
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill();
      await ended;
    },
  };
}
