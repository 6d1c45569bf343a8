// The package for npm as its users have it: packed as `cargo xtask build` packs it, and unpacked into the `node_modules` of a program that is made
// for a test.

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const SOURCE = fileURLToPath(new URL("../../../frontend/embed/package", import.meta.url));
const MODULES = fileURLToPath(new URL("../node_modules", import.meta.url));
/** What a program of these versions of React has beside the package: names in its `node_modules`, and ours. */
const REACT = {
  18: { react: "react-18", "react-dom": "react-dom-18", "@types/react": "@types/react-18" },
  19: { react: "react", "react-dom": "react-dom", "@types/react": "@types/react" },
};
/** What else the types of the frameworks, and their modules, name. */
const BESIDE = ["@types/prop-types", "csstype", "scheduler", "svelte", "vue"];
const run = promisify(execFile);

/**
 * Installs the package for a program with this version of React. Gives the program's `folder`, the names of the package's `files`, and `end`,
 * which takes it all away.
 */
export async function install(react = 19) {
  const folder = await mkdtemp(join(tmpdir(), "dripline-package-"));
  const modules = join(folder, "node_modules");
  const own = join(modules, "@dripline/embed");
  await Promise.all([own, join(modules, "@types")].map((path) => mkdir(path, { recursive: true })));
  await run("npm", ["pack", "--silent", "--offline", "--pack-destination", folder], { cwd: SOURCE });
  const [archive] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  await run("tar", ["-xzf", join(folder, archive), "-C", own, "--strip-components=1"]);
  // Copied, and not linked to: what is linked to looks for its own neighbours, which are those of another version.
  const filter = (path) => !path.endsWith("/umd");
  await Promise.all(Object.entries(REACT[react]).map(([name, ours]) => cp(join(MODULES, ours), join(modules, name), { recursive: true, filter })));
  await Promise.all(BESIDE.map((name) => symlink(join(MODULES, name), join(modules, name))));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  return { folder, files: (await readdir(own)).sort(), end: () => rm(folder, { recursive: true }) };
}

/**
 * What the TypeScript compiler says of programs in this folder: their texts by their names. It is strict, finds modules as Node does, and checks
 * the declarations of libraries too.
 */
export async function compile(folder, programs) {
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(folder, name), text);
  }
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "es2022",
    module: "nodenext",
    lib: ["es2022", "dom", "dom.iterable"],
    jsx: "react-jsx",
    types: [],
    skipLibCheck: true,
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: Object.keys(programs) }));
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  return run(process.execPath, [tsc, "--pretty", "false"], { cwd: folder }).then(
    () => "",
    (error) => error.stdout || `${error}`,
  );
}

/** A program in this folder, its text in JavaScript or JSX, as one script for a page: what a bundler makes of it and of all that it imports. */
export async function bundle(folder, text) {
  const { outputFiles } = await build({
    stdin: { contents: text, loader: "jsx", resolveDir: folder },
    bundle: true,
    write: false,
    format: "iife",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "silent",
  });
  return outputFiles[0].text;
}
