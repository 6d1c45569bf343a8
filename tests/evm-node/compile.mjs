// Compiles the contracts of a folder. Prints the code that deploys each, by its name, as JSON.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import solc from 'solc'

const folder = process.argv[2]
const sources = {}
for (const name of readdirSync(folder).filter((name) => name.endsWith('.sol'))) {
  sources[name] = { content: readFileSync(join(folder, name), 'utf8') }
}
const settings = {
  // What every chain executes, also those that are behind Ethereum.
  evmVersion: 'paris',
  optimizer: { enabled: true, runs: 200 },
  outputSelection: { '*': { '*': ['evm.bytecode.object'] } },
}
const output = JSON.parse(solc.compile(JSON.stringify({ language: 'Solidity', sources, settings })))
const mistakes = output.errors ?? []
for (const mistake of mistakes) {
  console.error(mistake.formattedMessage)
}
if (mistakes.length > 0) {
  process.exit(1)
}
const codes = {}
for (const contracts of Object.values(output.contracts)) {
  for (const [name, contract] of Object.entries(contracts)) {
    codes[name] = contract.evm.bytecode.object
  }
}
console.log(JSON.stringify(codes))
