// Links the node's program itself to bin/anvil. The package's own launcher would stay between it and whoever ends it.
import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'

const platforms = readdirSync('node_modules/@foundry-rs').filter((name) => name.startsWith('anvil-'))
if (platforms.length !== 1) {
  throw new Error(`there is no node for this machine: ${platforms}`)
}
rmSync('bin', { recursive: true, force: true })
mkdirSync('bin')
symlinkSync(`../node_modules/@foundry-rs/${platforms[0]}/bin/anvil`, 'bin/anvil')
